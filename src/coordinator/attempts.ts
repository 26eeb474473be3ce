/**
 * How attempts end without a result, and what follows for the task and for the node.
 *
 *   failed       the worker says so, or it hangs: counts against the task, and against the node if others finish it
 *   other frames the source gave other frames than planned: counts like a failure; told by two nodes, the job is planned
 *                anew, with its source decoded in one piece
 *   lapsed       the node was not heard: counts against the task until the node comes back and goes on
 *   handed back  the worker could not begin: counts only when it happens very often
 *   disputed     its frames are not those of a neighbouring chunk: counts against the task, which runs in the linear way
 *                from then on; which of the two is wrong is not known (frame-disputes.ts)
 *
 * A task that failed four times, on three nodes where there are three, fails its job; one that no other attempt can mend
 * does so at once.
 */
import { canRun, plannedOf, returnTask, takeTurn } from "./job-book.js";
import { dropLease, taskOf } from "./leases.js";
import { nodeOf } from "./node-book.js";
import type { ScheduleEffect } from "./schedule.js";
import type { Lease, Schedule, TaskBook } from "./schedule-state.js";

/** A failed task rests this long before its next attempt. */
export const BACKOFF_MS = 1_000;
const ATTEMPTS = 4;
const NODES = 3;
/** Attempts that must get other frames of a source than planned, for its plan to be at fault. */
const WITNESSES = 2;
/** However few nodes take part. */
const MOST_ATTEMPTS = 12;
/** A task that was handed back this often, for want of its input, counts as failed. */
const MOST_HAND_BACKS = 20;
/** After this long, a task that failed somewhere may run on any node that asks. */
const ANY_NODE_MS = 30_000;
/** A node that failed so many tasks which others finished is set aside. */
const MOST_FAULTS = 3;

interface Failure {
  now: number;
  reason: string;
  how: "failed" | "other frames" | "lapsed" | "handed back" | "disputed";
  permanent?: boolean;
}

export function fail(schedule: Schedule, task: TaskBook, lease: Lease, failure: Failure): ScheduleEffect[] {
  const { how, reason, permanent = false } = failure;
  const otherFrames = how === "other frames";
  task.failed.push({ nodeId: lease.nodeId, lease: lease.id, blamed: how === "failed" || otherFrames, otherFrames });
  if (otherFrames && isSourcesFault(schedule, task)) {
    task.givenUp = true;
    endAttempt(schedule, task, lease, failure);
    return [{ kind: "replan", job: lease.job, reason: "its video gives other frames than its packets promise" }];
  }
  task.linear ||= how === "disputed";
  const spent = permanent || (task.leases.length === 1 && isSpent(schedule, task));
  task.givenUp ||= spent;
  endAttempt(schedule, task, lease, failure);
  if (!spent) return [];
  const attempts = permanent ? "" : ` (${task.failed.length} attempts)`;
  return [{ kind: "giveUp", job: lease.job, task: task.name, reason: `${task.name}${attempts}: ${reason}` }];
}

export function handBack(schedule: Schedule, id: string, now: number): ScheduleEffect[] {
  const lease = schedule.leases.get(id);
  const task = lease === undefined ? undefined : taskOf(schedule, lease);
  if (lease === undefined || task === undefined) return [];
  task.handBacks++;
  const reason = "its input could not be fetched from any node that should hold it";
  if (task.handBacks > MOST_HAND_BACKS) return fail(schedule, task, lease, { now, reason, how: "handed back" });
  endAttempt(schedule, task, lease, { now, reason, how: "handed back" });
  return [];
}

/** Takes the lease away; the task rests, unless another node runs it too. */
function endAttempt(schedule: Schedule, task: TaskBook, lease: Lease, { now, how }: Failure): void {
  dropLease(schedule, task, lease);
  if (how !== "lapsed") task.ended.add(lease.id);
  // Whoever was not heard for so long has rested.
  task.restUntil = how === "lapsed" ? now : now + BACKOFF_MS;
  if (task.leases.length === 0 && !task.givenUp) schedule.resting.set(task);
  takeTurn(schedule, task.job);
}

/** Two nodes, or the only one twice, got other frames than planned of a source that was not decoded in one piece. */
function isSourcesFault(schedule: Schedule, { job, failed }: TaskBook): boolean {
  const witnesses = failed.filter((attempt) => attempt.otherFrames);
  const nodes = new Set(witnesses.map(({ nodeId }) => nodeId));
  return (
    job.job.decode === "" && witnesses.length >= WITNESSES && nodes.size >= Math.min(WITNESSES, schedule.able.size)
  );
}

function isSpent(schedule: Schedule, task: TaskBook): boolean {
  const { failed } = task;
  const nodes = new Set(failed.map((attempt) => attempt.nodeId));
  const enough = failed.length >= ATTEMPTS && nodes.size >= Math.min(NODES, ableFor(schedule, task).length);
  return enough || failed.length >= MOST_ATTEMPTS;
}

/** Makes tasks open again whose rest is over. */
export function wakeRested(schedule: Schedule, now: number): void {
  const { resting } = schedule;
  for (let task = resting.first(); task !== undefined && task.restUntil <= now; task = resting.first()) {
    resting.delete(task);
    returnTask(task.job, task);
    takeTurn(schedule, task.job);
  }
}

/** The able nodes that have what the task is encoded with. */
function ableFor(schedule: Schedule, task: TaskBook): string[] {
  const planned = plannedOf(task);
  return [...schedule.able].filter((id) => canRun(schedule, id, planned));
}

/**
 * A task that failed goes to one of the able nodes where it failed least, and after a while to any; never to one that
 * lacks its encoder.
 */
export function maySuit(schedule: Schedule, task: TaskBook, nodeId: string, now: number): boolean {
  if (!canRun(schedule, nodeId, plannedOf(task))) return false;
  const counts = new Map<string, number>();
  for (const { nodeId: id } of task.failed) counts.set(id, (counts.get(id) ?? 0) + 1);
  const own = counts.get(nodeId) ?? 0;
  if (own === 0 || now > task.restUntil + ANY_NODE_MS) return true;
  const able = ableFor(schedule, task);
  const tried = [...counts].filter(([id]) => able.includes(id));
  if (tried.length < able.length) return false;
  return tried.every(([, count]) => own <= count);
}

/** The task is done: nodes that failed it are to blame. */
export function blame(schedule: Schedule, task: TaskBook, finisher: string): ScheduleEffect[] {
  const failed = task.failed.filter((attempt) => attempt.blamed && attempt.nodeId !== finisher);
  const effects: ScheduleEffect[] = [];
  for (const nodeId of new Set(failed.map((attempt) => attempt.nodeId))) {
    const node = nodeOf(schedule, nodeId);
    node.faults++;
    if (node.faults < MOST_FAULTS || node.accused || schedule.aside.has(nodeId) || !canSpareOne(schedule)) continue;
    node.accused = true;
    const last = `${task.name} of job ${task.job.job.id}`;
    const reason = `it failed ${node.faults} tasks that other nodes finished, the last was ${last}`;
    effects.push({ kind: "setAside", nodeId, reason });
  }
  return effects;
}

/** At least half of the live nodes stay, and so at least one. */
function canSpareOne(schedule: Schedule): boolean {
  let accused = 0;
  for (const node of schedule.nodes.values()) if (node.accused) accused++;
  const gone = schedule.live.size - schedule.able.size + accused;
  return (gone + 1) * 2 <= schedule.live.size;
}
