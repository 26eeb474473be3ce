/**
 * Backup runs. When a node asks for work and nothing is open for it, a chunk that has taken longer than 1.5 times the
 * median for its media seconds runs there too: the first result wins, and the other worker is told so at its next
 * renewal. A job gets one backup run, and more while they are within a tenth of its media. (After the backup tasks of
 * MapReduce, Dean and Ghemawat 2004, section 3.6.)
 */
import { maySuit } from "./attempts.js";
import { grant, mayGrant } from "./grants.js";
import { plannedOf } from "./job-book.js";
import { isFinishing, SOONEST_BACKUP_MS, taskOf } from "./leases.js";
import { medianRate } from "./rates.js";
import type { ScheduleEffect } from "./schedule.js";
import type { Lease, Schedule, TaskBook } from "./schedule-state.js";

const SLOW = 1.5;
/** Slower than this is slow, however near the end it says that it is. */
const STUCK = 3;
const EXTRA_WORK = 0.1;
/** A chunk is looked at again after this long at the latest. */
const LOOK_MS = 5_000;

export function grantBackups(schedule: Schedule, now: number): ScheduleEffect[] {
  const effects: ScheduleEffect[] = [];
  const { slow, slots } = schedule;
  if (!mayGrant(schedule, now)) return effects;
  for (let lease = slow.first(); slots.size > 0 && lease !== undefined && lease.lateAt <= now; lease = slow.first()) {
    const task = taskOf(schedule, lease) as TaskBook;
    const claim = isSlow(schedule, task, lease, now) ? otherNode(schedule, task, lease, now) : undefined;
    if (claim === undefined) {
      lease.lateAt = now + LOOK_MS;
      slow.set(lease);
      continue;
    }
    slow.delete(lease);
    task.job.backupSeconds += plannedOf(task).seconds;
    effects.push(grant(schedule, task, claim, now));
  }
  return effects;
}

function otherNode(schedule: Schedule, task: TaskBook, lease: Lease, now: number) {
  return schedule.slots.find(({ nodeId }) => nodeId !== lease.nodeId && maySuit(schedule, task, nodeId, now));
}

/** Whether another node should run it too, and may. */
function isSlow(schedule: Schedule, task: TaskBook, lease: Lease, now: number): boolean {
  const { job: book } = task;
  const { seconds, frames, encoder } = plannedOf(task);
  const rate = medianRate(schedule, book, encoder, now);
  const extra = book.backupSeconds === 0 || book.backupSeconds + seconds <= EXTRA_WORK * (book.job.plan?.seconds ?? 0);
  if (rate === undefined || !extra || book.paused || task.leases.length > 1 || isFinishing(lease)) return false;
  const usual = rate * seconds * 1000;
  const taken = now - lease.startedAt;
  if (taken < Math.max(SOONEST_BACKUP_MS, SLOW * usual)) return false;
  // A second run that would end later than the first is of no use.
  const left = lease.progress === 0 ? Number.POSITIVE_INFINITY : (taken * (frames - lease.progress)) / lease.progress;
  return left > usual || taken > STUCK * usual;
}
