/** What keeps a lease, and what ends one: a renewal, or the want of one. */

import { fail } from "./attempts.js";
import { openTask, plannedOf, takeReturned, takeTurn } from "./job-book.js";
import { isSilent } from "./job-tasks.js";
import { addLease, newLease, taskOf } from "./leases.js";
import { nodeOf } from "./node-book.js";
import type { ScheduleEffect, ScheduleEvent } from "./schedule.js";
import { endOf, LEASE_MS, type Lease, patience, type Schedule, type TaskBook } from "./schedule-state.js";
import { isSuspect } from "./suspicion.js";

/** Ticks come several times a second; a longer gap means that this process was paused. */
const PAUSE_MS = 3_000;

type Renewal = ScheduleEvent & { kind: "renew" };

/** Whether the work is still wanted. */
export function renew(schedule: Schedule, event: Renewal): boolean {
  const lease = schedule.leases.get(event.lease) ?? adopt(schedule, event);
  if (lease === undefined || lease.nodeId !== event.nodeId) return false;
  const task = taskOf(schedule, lease);
  if (task === undefined) return false;
  nodeOf(schedule, lease.nodeId, event.now);
  lease.expiresAt = event.now + LEASE_MS;
  lease.speed = event.speed;
  if (event.progress > lease.progress || isSilent(plannedOf(task), event.progress)) {
    lease.progress = Math.max(lease.progress, event.progress);
    lease.progressAt = Math.max(lease.progressAt, event.now);
  }
  return true;
}

/**
 * A lease that an earlier coordinator granted, or that ran out while its worker was not heard: its worker keeps it when
 * the task is open and nobody else has it, unless it was ended for failing.
 */
function adopt(schedule: Schedule, event: Renewal): Lease | undefined {
  const book = schedule.jobs.get(event.job);
  const task = book === undefined ? undefined : openTask(book, event.task);
  if (book === undefined || task === undefined) return undefined;
  if (task.leases.length > 0 || task.givenUp || task.ended.has(event.lease)) return undefined;
  schedule.resting.delete(task);
  takeReturned(book, task);
  task.failed = task.failed.filter((attempt) => attempt.lease !== event.lease);
  const { attempt, progress, speed } = event;
  const lease = { ...newLease(task, event.lease, event.nodeId, event.now), attempt, progress, speed, adopted: true };
  addLease(schedule, task, lease, event.now);
  takeTurn(schedule, book);
  return lease;
}

/** Ends the leases whose worker was not heard, or has made no progress, for too long. */
export function expire(schedule: Schedule, now: number): ScheduleEffect[] {
  if (isSuspect(schedule, now)) return [];
  const effects: ScheduleEffect[] = [];
  const { expiry } = schedule;
  for (let lease = expiry.first(); lease !== undefined && lease.dueAt < now; lease = expiry.first()) {
    lease.dueAt = endOf(lease);
    if (lease.dueAt < now) effects.push(...end(schedule, lease, taskOf(schedule, lease) as TaskBook, now));
    else expiry.set(lease);
  }
  return effects;
}

function end(schedule: Schedule, lease: Lease, task: TaskBook, now: number): ScheduleEffect[] {
  const limit = patience(lease);
  if (now - lease.progressAt > limit) {
    return fail(schedule, task, lease, { now, reason: `no progress for ${limit / 1000} s`, how: "failed" });
  }
  const reason = `the node that ran it was not heard for ${LEASE_MS / 1000} s`;
  return fail(schedule, task, lease, { now, reason, how: "lapsed" });
}

/** After a pause of this process nobody could renew: the time that it slept is nobody's fault. All move alike. */
export function forgivePause(schedule: Schedule, now: number): void {
  const asleep = now - schedule.tickedAt;
  schedule.tickedAt = now;
  if (asleep <= PAUSE_MS) return;
  for (const lease of schedule.leases.values()) {
    lease.expiresAt += asleep;
    lease.progressAt += asleep;
    lease.startedAt += asleep;
    lease.dueAt += asleep;
    lease.lateAt += asleep;
  }
  for (const node of schedule.nodes.values()) node.heardAt += asleep;
}
