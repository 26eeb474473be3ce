/** Brings waiting claims and open tasks together. After every step no claim waits that an open task would suit. */
import { maySuit, wakeRested } from "./attempts.js";
import type { Heap } from "./heap.js";
import { isLight, nextFor, plannedOf, takeReturned, takeTurn, touch } from "./job-book.js";
import { describeTask } from "./job-tasks.js";
import { addLease, newLease } from "./leases.js";
import { leaveClaim } from "./presence.js";
import type { ScheduleEffect } from "./schedule.js";
import type { Claim, JobBook, Schedule, TaskBook } from "./schedule-state.js";
import { isSuspect } from "./suspicion.js";

/** While a term is young, or this node suspects itself, nothing is granted. */
export function mayGrant(schedule: Schedule, now: number): boolean {
  return now >= schedule.grantsFrom && !isSuspect(schedule, now);
}

export function grantOpen(schedule: Schedule, now: number): ScheduleEffect[] {
  if (schedule.claims.size === 0 || !mayGrant(schedule, now)) return [];
  wakeRested(schedule, now);
  // A free slot goes before the light lane of a node whose slots may be at work.
  const effects = serve(schedule, schedule.slots, schedule.turn, now);
  effects.push(...serve(schedule, schedule.lights, schedule.lightTurn, now));
  return effects;
}

function serve(schedule: Schedule, queue: Heap<Claim>, turn: Heap<JobBook>, now: number): ScheduleEffect[] {
  const effects: ScheduleEffect[] = [];
  // Only a node where the open tasks failed already is passed over.
  const passed: Claim[] = [];
  for (let claim = queue.first(); claim !== undefined && turn.size > 0; claim = queue.first()) {
    const task = nextTask(schedule, turn, claim, now);
    if (task !== undefined) effects.push(grant(schedule, task, plannerFirst(schedule, task, claim), now));
    else {
      queue.delete(claim);
      passed.push(claim);
    }
  }
  for (const claim of passed) if (schedule.claims.has(claim.id)) queue.set(claim);
  return effects;
}

function nextTask(schedule: Schedule, turn: Heap<JobBook>, claim: Claim, now: number): TaskBook | undefined {
  let chosen: TaskBook | undefined;
  turn.find((book) => {
    chosen = suitable(schedule, book, claim, now);
    return chosen !== undefined;
  });
  return chosen;
}

function suitable(schedule: Schedule, book: JobBook, { nodeId, light }: Claim, now: number): TaskBook | undefined {
  const again = book.returned.find(
    (task) => (!light || isLight(plannedOf(task))) && maySuit(schedule, task, nodeId, now),
  );
  const place = nextFor(schedule, book, light, nodeId);
  return place === undefined || (again !== undefined && again.index < place) ? again : touch(book, place);
}

/** The source's holder plans it best, for it need not fetch it: it gets the task while it asks for work. */
function plannerFirst(schedule: Schedule, task: TaskBook, claim: Claim): Claim {
  const { job } = task.job;
  if (task.job.phase !== "submitted" || task.failed.length + task.handBacks > 0 || claim.nodeId === job.holder)
    return claim;
  if (schedule.aside.has(job.holder)) return claim;
  const waiting = [...(schedule.nodes.get(job.holder)?.claims ?? [])];
  return waiting.find((one) => !one.light) ?? waiting[0] ?? claim;
}

/** Gives the task to the claim; its id becomes the lease's. */
export function grant(schedule: Schedule, task: TaskBook, claim: Claim, now: number): ScheduleEffect {
  takeReturned(task.job, task);
  const lease = newLease(task, claim.id, claim.nodeId, now);
  addLease(schedule, task, lease, now);
  leaveClaim(schedule, claim.id);
  takeTurn(schedule, task.job);
  return { kind: "grant", claim: claim.id, lease, task: describeTask(task.job.job, task.name, task.linear) };
}
