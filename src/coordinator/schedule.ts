/**
 * What runs next, and where. A task of a job that has not ended is
 *
 *   open      may be granted; entered when the job comes into the phase that has it, or from resting
 *   leased    a node has the right to run it, or two: the second is a backup run (backups.ts). Entered by a grant, or by a
 *             renewal of a worker whose lease this coordinator does not know, or saw run out, while nobody else has the task;
 *             a lease is left by completion, failure, hand-back, expiry (no renewal for 15 s) or a hang (no progress
 *             for 60 s once there was some, for 120 s before; planning and packaging tell none and cannot hang)
 *   resting   its last lease ended without a result a second ago or less, and did not run out (attempts.ts)
 *   given up  it failed too often, or for good: the job is about to fail
 *   done      the mesh log says so; left, to be open again, when the log says that its result counts no more
 *
 * Early tasks go first within a job. Among jobs the highest priority goes first, then the job with the fewest leases, then
 * the oldest. A job that is paused, or whose input no node that is there holds, waits; so does a node that is set aside.
 * A node that fails what others finish is set aside (attempts.ts); many nodes that fall silent at once are given time
 * (suspicion.ts). Leases live in the coordinator's memory only: losing them costs repeated work, never a result.
 *
 * No step looks at all jobs, all leases or all claims, but for a new term's first and one after a pause of the process.
 */
import { hasEnded, type JobRecord } from "../core/job-record.js";
import type { MeshState } from "../core/mesh-state.js";
import type { Task } from "../core/work.js";
import { blame, fail, handBack } from "./attempts.js";
import { grantBackups } from "./backups.js";
import { grantOpen } from "./grants.js";
import { enterJob, forgetTask, leaveJob, openTask, plannedOf, returnTask, updateJob } from "./job-book.js";
import { finisherOf, inputsOf } from "./job-tasks.js";
import { finishing, taskOf } from "./leases.js";
import { isThere } from "./node-book.js";
import { enterClaim, leaveClaim, lookAside, setLive } from "./presence.js";
import { learnRate } from "./rates.js";
import { expire, forgivePause, renew } from "./renewals.js";
import { emptySchedule, type JobBook, type Lease, type Schedule, type TaskBook } from "./schedule-state.js";
import { watchSilence } from "./suspicion.js";

export type ScheduleEvent =
  | { kind: "claim"; now: number; claim: string; nodeId: string; light: boolean }
  | { kind: "withdraw"; claim: string }
  | {
      kind: "renew";
      now: number;
      lease: string;
      nodeId: string;
      job: string;
      task: string;
      attempt: number;
      progress: number;
      speed: number;
    }
  | { kind: "handBack"; now: number; lease: string }
  /** The result is there and is being put into the log. */
  | { kind: "finishing"; lease: string }
  | {
      kind: "fail";
      now: number;
      lease: string;
      job: string;
      task: string;
      nodeId: string;
      reason: string;
      permanent: boolean;
      /** Its result disagrees with a neighbour's. */
      disputed?: boolean;
      /** The source gave other frames than planned. */
      otherFrames?: boolean;
    }
  /** The mesh state has changed; `job` is the one that did, `task` the one task of it that is done, or open again. */
  | { kind: "changed"; now: number; job?: JobRecord; task?: string; reopened?: boolean }
  | { kind: "nodes"; now: number; live: Set<string>; encoders?: ReadonlyMap<string, readonly string[]> }
  | { kind: "tick"; now: number };

export type ScheduleEffect =
  | { kind: "grant"; claim: string; lease: Lease; task: Task }
  /** No attempt is left: the job fails, unless the task is done by now. */
  | { kind: "giveUp"; job: string; task: string; reason: string }
  /** The job is planned anew, with its source decoded in one piece. */
  | { kind: "replan"; job: string; reason: string }
  /** The node is to be granted nothing from now on. */
  | { kind: "setAside"; nodeId: string; reason: string }
  /** The answer to a renewal. */
  | { kind: "renewed"; wanted: boolean };

/** `adoptionMs`: nothing is granted for this long, so that workers can bring their running leases. */
export function newSchedule(mesh: MeshState, now: number, adoptionMs: number): Schedule {
  const schedule = emptySchedule(mesh, now, adoptionMs);
  lookAside(schedule);
  for (const id of mesh.active) {
    const job = mesh.jobs.get(id);
    if (job !== undefined) enterJob(schedule, job);
  }
  return schedule;
}

/** One step, in place; what it returns is to be done in order. Lease ids are claim ids: unique by their maker. */
export function stepSchedule(schedule: Schedule, event: ScheduleEvent): ScheduleEffect[] {
  switch (event.kind) {
    case "claim": {
      const { claim: id, nodeId, light } = event;
      enterClaim(schedule, { id, order: schedule.orders++, nodeId, light }, event.now);
      return grantOpen(schedule, event.now);
    }
    case "withdraw":
      leaveClaim(schedule, event.claim);
      return [];
    case "renew":
      return [{ kind: "renewed", wanted: renew(schedule, event) }];
    case "handBack":
      return [...handBack(schedule, event.lease, event.now), ...grantOpen(schedule, event.now)];
    case "finishing": {
      const lease = schedule.leases.get(event.lease);
      if (lease !== undefined) finishing(lease);
      return [];
    }
    case "fail":
      return [...failLease(schedule, event), ...grantOpen(schedule, event.now)];
    case "changed":
      return [...change(schedule, event), ...grantOpen(schedule, event.now)];
    case "nodes":
      if (event.encoders !== undefined) schedule.encoders = event.encoders;
      setLive(schedule, event.live);
      return grantOpen(schedule, event.now);
    case "tick":
      return tick(schedule, event.now);
  }
}

/** The job's running leases. */
export function leasesOf(schedule: Schedule, job: string): Lease[] {
  return [...(schedule.jobs.get(job)?.leases ?? [])];
}

/** Ids of the nodes of which one would have to come back before the job can go on; empty when it can. */
export function holdersAway(schedule: Schedule, job: JobRecord): string[] {
  if (hasEnded(job)) return [];
  const inputs = schedule.jobs.get(job.id)?.inputs ?? inputsOf(job);
  return inputs.find((holders) => !holders.some((id) => isThere(schedule, id))) ?? [];
}

function tick(schedule: Schedule, now: number): ScheduleEffect[] {
  forgivePause(schedule, now);
  watchSilence(schedule, now);
  const effects = expire(schedule, now);
  effects.push(...grantOpen(schedule, now));
  effects.push(...grantBackups(schedule, now));
  return effects;
}

/** A late word about an attempt that has been given up is no new failure. */
function failLease(schedule: Schedule, event: ScheduleEvent & { kind: "fail" }): ScheduleEffect[] {
  const lease = schedule.leases.get(event.lease);
  const task = lease === undefined ? undefined : taskOf(schedule, lease);
  if (lease === undefined || task === undefined) return [];
  if (lease.job !== event.job || lease.task !== event.task) return [];
  const { now, reason, permanent, disputed, otherFrames } = event;
  const how = disputed ? "disputed" : otherFrames ? "other frames" : "failed";
  return fail(schedule, task, lease, { now, reason, permanent, how });
}

function change(schedule: Schedule, event: ScheduleEvent & { kind: "changed" }): ScheduleEffect[] {
  const { job, task: name, now } = event;
  if (job === undefined) {
    lookAside(schedule);
    return [];
  }
  const book = schedule.jobs.get(job.id);
  if (book === undefined) {
    if (!hasEnded(job)) enterJob(schedule, job);
    return [];
  }
  book.job = job;
  if (event.reopened && name !== undefined) reopen(book, name);
  const touched = name === undefined ? [...book.touched.values()] : [book.touched.get(name)];
  const effects = touched.flatMap((task) => (task === undefined ? [] : settle(schedule, book, task, now)));
  if (hasEnded(job)) leaveJob(schedule, book);
  else updateJob(schedule, book, job);
  return effects;
}

/** The place before which nothing is open may lie behind it already. */
function reopen(book: JobBook, name: string): void {
  const task = openTask(book, name);
  if (task !== undefined && task.leases.length === 0) returnTask(book, task);
}

/** Drops what is known of a task that is done, after learning from it. */
function settle(schedule: Schedule, book: JobBook, task: TaskBook, now: number): ScheduleEffect[] {
  const finisher = finisherOf(book.job, task.name);
  if (finisher === undefined) return [];
  const winner = task.leases.find((lease) => lease.nodeId === finisher);
  const planned = plannedOf(task);
  if (winner !== undefined && planned.frames > 0) learnRate(schedule, book, winner, planned, now);
  const effects = blame(schedule, task, finisher);
  forgetTask(schedule, task);
  return effects;
}
