/**
 * What runs next, and where. A task of an active job is
 *
 *   waiting   not leased and not done; entered at the start, when its lease ends without a result, and left by a grant
 *   leased    one node has the right to run it; entered by a grant, or by a renewal that a new coordinator adopts;
 *             left by completion, failure, expiry (no renewal for 15 s) or a hang (no progress of an encode for two
 *             minutes: its node's own watchdogs are sooner)
 *   done      the mesh log says so
 *
 * Leases live in the coordinator's memory only: losing them costs repeated work, never a result. Early tasks go first
 * within a job, and the job with the fewest leases goes first among jobs, the older one where they are equal.
 */
import { hasEnded, type JobRecord, type MeshState } from "../core/mesh-state.js";
import type { Task } from "../core/work.js";
import { describeTask, inputsOf, isLight, isSilent, openTasks } from "./job-tasks.js";

export const LEASE_MS = 15_000;
/** Longer than a worker's own limits on a silent ffmpeg and a silent peer, which say what was wrong. */
export const HANG_MS = 120_000;
/** A failed task rests this long before its next attempt. */
export const BACKOFF_MS = 1_000;
const MAX_ATTEMPTS = 4;
/** A task that was handed back this often, for want of its input, counts as failed. */
const MAX_HAND_BACKS = 20;
/** After this long, a task that failed somewhere may run on any node that asks. */
const ANY_NODE_MS = 30_000;
/** Ticks come several times a second; a longer gap means that this process was paused. */
const PAUSE_MS = 3_000;

export interface Lease {
  id: string;
  job: string;
  task: string;
  nodeId: string;
  /** 1 for the first. */
  attempt: number;
  expiresAt: number;
  /** Frames (milliseconds of audio) done, and when that last grew. */
  progress: number;
  progressAt: number;
  /** Frames a second. */
  speed: number;
}

interface Failures {
  /** One node id an attempt. */
  nodes: string[];
  handBacks: number;
  restUntil: number;
}

interface Claim {
  nodeId: string;
  /** Only work that leaves most of the processor to others: planning, packaging, an audio track. */
  light: boolean;
}

export interface Schedule {
  mesh: MeshState;
  leases: Map<string, Lease>;
  /** Lease ids by "job/task". */
  leased: Map<string, string>;
  failures: Map<string, Failures>;
  /** Leases that this coordinator has ended: a late renewal does not bring them back. */
  ended: Map<string, string>;
  /** Claims that wait for work, oldest first, by claim id. */
  claims: Map<string, Claim>;
  /** Ids of the nodes that were heard of lately. */
  live: Set<string>;
  grantsFrom: number;
  tickedAt: number;
}

export type ScheduleEvent =
  | ({ kind: "claim"; now: number; claim: string } & Claim)
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
  /** The result is there and is being put into the log: no more progress can come. */
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
    }
  /** The mesh state has changed; `job` is the one that did. */
  | { kind: "changed"; now: number; job?: JobRecord }
  | { kind: "nodes"; now: number; live: Set<string> }
  | { kind: "tick"; now: number };

export type ScheduleEffect =
  | { kind: "grant"; claim: string; lease: Lease; task: Task }
  /** No attempt is left: the job fails, unless the task is done by now. */
  | { kind: "giveUp"; job: string; task: string; reason: string }
  /** The answer to a renewal. */
  | { kind: "renewed"; wanted: boolean };

/** `adoptionMs`: nothing is granted for this long, so that workers can bring their running leases. */
export function newSchedule(mesh: MeshState, now: number, adoptionMs: number): Schedule {
  return {
    mesh,
    leases: new Map(),
    leased: new Map(),
    failures: new Map(),
    ended: new Map(),
    claims: new Map(),
    live: new Set(),
    grantsFrom: now + adoptionMs,
    tickedAt: now,
  };
}

/** One step, in place; what it returns is to be done in order. Lease ids are claim ids: unique by their maker. */
export function stepSchedule(schedule: Schedule, event: ScheduleEvent): ScheduleEffect[] {
  switch (event.kind) {
    case "claim":
      schedule.claims.set(event.claim, { nodeId: event.nodeId, light: event.light });
      return grantAll(schedule, event.now);
    case "withdraw":
      schedule.claims.delete(event.claim);
      return [];
    case "renew":
      return [{ kind: "renewed", wanted: renew(schedule, event) }];
    case "handBack":
      return [...handBack(schedule, event.lease, event.now), ...grantAll(schedule, event.now)];
    case "finishing": {
      const lease = schedule.leases.get(event.lease);
      if (lease !== undefined) lease.progressAt = Number.POSITIVE_INFINITY;
      return [];
    }
    case "fail":
      return [...fail(schedule, event), ...grantAll(schedule, event.now)];
    case "changed":
      if (event.job !== undefined) forgetFinished(schedule, event.job);
      return grantAll(schedule, event.now);
    case "nodes":
      schedule.live = event.live;
      return grantAll(schedule, event.now);
    case "tick":
      return [...expire(schedule, event.now), ...grantAll(schedule, event.now)];
  }
}

function keyOf(job: string, task: string): string {
  return `${job}/${task}`;
}

function grantAll(schedule: Schedule, now: number): ScheduleEffect[] {
  const effects: ScheduleEffect[] = [];
  if (now < schedule.grantsFrom || schedule.claims.size === 0) return effects;
  const jobs = jobsInTurn(schedule);
  // A free slot goes before the light lane of a node whose slots may be at work.
  const claims = [...schedule.claims].sort(([, a], [, b]) => Number(a.light) - Number(b.light));
  for (const [claim, asks] of claims) {
    const found = nextTask(schedule, jobs, asks, now);
    if (found === undefined) continue;
    const { nodeId } = asks;
    schedule.claims.delete(claim);
    const { job, name } = found;
    const key = keyOf(job.id, name);
    const attempt = (schedule.failures.get(key)?.nodes.length ?? 0) + 1;
    const lease: Lease = {
      id: claim,
      job: job.id,
      task: name,
      nodeId,
      attempt,
      expiresAt: now + LEASE_MS,
      progress: 0,
      progressAt: now,
      speed: 0,
    };
    schedule.leases.set(lease.id, lease);
    schedule.leased.set(key, lease.id);
    effects.push({ kind: "grant", claim, lease, task: describeTask(job, name) });
  }
  return effects;
}

/** Active jobs, those with the fewest leases first; Array.sort keeps the order of submission among equals. */
function jobsInTurn(schedule: Schedule): JobRecord[] {
  const leases = new Map<string, number>();
  for (const lease of schedule.leases.values()) leases.set(lease.job, (leases.get(lease.job) ?? 0) + 1);
  const jobs: JobRecord[] = [];
  for (const id of schedule.mesh.active) {
    const job = schedule.mesh.jobs.get(id);
    if (job !== undefined) jobs.push(job);
  }
  return jobs.sort((a, b) => (leases.get(a.id) ?? 0) - (leases.get(b.id) ?? 0));
}

function nextTask(
  schedule: Schedule,
  jobs: JobRecord[],
  { nodeId, light }: Claim,
  now: number,
): { job: JobRecord; name: string } | undefined {
  for (const job of jobs) {
    if (!inputsInReach(schedule, job, nodeId)) continue;
    for (const name of openTasks(job)) {
      const key = keyOf(job.id, name);
      if (schedule.leased.has(key) || (light && !isLight(job, name))) continue;
      const failures = schedule.failures.get(key);
      if (failures !== undefined && !isNext(schedule, failures, nodeId, now)) continue;
      return { job, name };
    }
  }
  return undefined;
}

/** Whether what the job's next tasks read lies on this node or on one that can be asked for it. */
function inputsInReach(schedule: Schedule, job: JobRecord, nodeId: string): boolean {
  if (inputsOf(job).some((holders) => !holders.some((id) => id === nodeId || schedule.live.has(id)))) return false;
  return job.plan !== null || job.holder === nodeId || !holderWaits(schedule, job);
}

/** Ids of the nodes of which one would have to come back before the job can go on; empty when it can. */
export function holdersAway(schedule: Schedule, job: JobRecord): string[] {
  if (hasEnded(job)) return [];
  return inputsOf(job).find((holders) => !holders.some((id) => schedule.live.has(id))) ?? [];
}

/** The source's holder plans it best, for it need not fetch it: others leave it the task while it asks for work. */
function holderWaits(schedule: Schedule, job: JobRecord): boolean {
  if (schedule.failures.has(keyOf(job.id, "plan"))) return false;
  for (const { nodeId } of schedule.claims.values()) if (nodeId === job.holder) return true;
  return false;
}

/** A task that failed goes to one of the live nodes where it failed least, and after a while to any. */
function isNext(schedule: Schedule, failures: Failures, nodeId: string, now: number): boolean {
  if (now < failures.restUntil) return false;
  if (now > failures.restUntil + ANY_NODE_MS) return true;
  const count = (id: string) => failures.nodes.filter((node) => node === id).length;
  const least = Math.min(...[...schedule.live].map(count), count(nodeId));
  return count(nodeId) === least;
}

function renew(schedule: Schedule, event: ScheduleEvent & { kind: "renew" }): boolean {
  const job = schedule.mesh.jobs.get(event.job);
  const open = job !== undefined && !hasEnded(job) && openTasks(job).includes(event.task);
  if (!open || schedule.ended.has(event.lease)) return false;
  const key = keyOf(event.job, event.task);
  const holder = schedule.leased.get(key);
  if (holder !== undefined && holder !== event.lease) return false;
  const lease = schedule.leases.get(event.lease) ?? adopt(schedule, event, key);
  if (lease.nodeId !== event.nodeId) return false;
  lease.expiresAt = event.now + LEASE_MS;
  lease.speed = event.speed;
  if (isSilent(job, event.task, event.progress)) lease.progressAt = Math.max(lease.progressAt, event.now);
  if (event.progress > lease.progress) {
    lease.progress = event.progress;
    lease.progressAt = Math.max(lease.progressAt, event.now);
  }
  return true;
}

function adopt(schedule: Schedule, event: ScheduleEvent & { kind: "renew" }, key: string): Lease {
  const { lease: id, job, task, nodeId, attempt, now, progress, speed } = event;
  const lease: Lease = { id, job, task, nodeId, attempt, expiresAt: now, progress, progressAt: now, speed };
  schedule.leases.set(id, lease);
  schedule.leased.set(key, id);
  return lease;
}

function endLease(schedule: Schedule, id: string): void {
  const lease = schedule.leases.get(id);
  if (lease === undefined) return;
  schedule.leases.delete(id);
  schedule.leased.delete(keyOf(lease.job, lease.task));
}

/** Takes a lease away for good, and says how its task has fared so far. */
function endAttempt(schedule: Schedule, lease: Lease, now: number): Failures {
  endLease(schedule, lease.id);
  schedule.ended.set(lease.id, lease.job);
  const key = keyOf(lease.job, lease.task);
  const failures = schedule.failures.get(key) ?? { nodes: [], handBacks: 0, restUntil: 0 };
  failures.restUntil = now + BACKOFF_MS;
  schedule.failures.set(key, failures);
  return failures;
}

function handBack(schedule: Schedule, id: string, now: number): ScheduleEffect[] {
  const lease = schedule.leases.get(id);
  if (lease === undefined) return [];
  const { job, task, nodeId } = lease;
  const handBacks = (schedule.failures.get(keyOf(job, task))?.handBacks ?? 0) + 1;
  if (handBacks > MAX_HAND_BACKS) {
    const reason = "its input could not be fetched from any node that should hold it";
    return fail(schedule, { kind: "fail", now, lease: id, job, task, nodeId, reason, permanent: false });
  }
  endAttempt(schedule, lease, now).handBacks = handBacks;
  return [];
}

function fail(schedule: Schedule, event: ScheduleEvent & { kind: "fail" }): ScheduleEffect[] {
  const key = keyOf(event.job, event.task);
  const lease = schedule.leases.get(event.lease);
  // A late word about an attempt that has been given up is no new failure.
  if (lease === undefined || schedule.leased.get(key) !== event.lease) return [];
  const failures = endAttempt(schedule, lease, event.now);
  const job = schedule.mesh.jobs.get(event.job);
  if (job === undefined || hasEnded(job)) return [];
  failures.nodes.push(event.nodeId);
  if (!event.permanent && failures.nodes.length < MAX_ATTEMPTS) return [];
  const attempts = event.permanent ? "" : ` (${failures.nodes.length} attempts)`;
  const reason = `${event.task}${attempts}: ${event.reason}`;
  return [{ kind: "giveUp", job: event.job, task: event.task, reason }];
}

function expire(schedule: Schedule, now: number): ScheduleEffect[] {
  const effects: ScheduleEffect[] = [];
  const asleep = now - schedule.tickedAt;
  schedule.tickedAt = now;
  if (asleep > PAUSE_MS) forgiveLateness(schedule, asleep);
  for (const lease of [...schedule.leases.values()]) {
    const hangs = now - lease.progressAt > HANG_MS;
    if (now <= lease.expiresAt && !hangs) continue;
    const reason = hangs
      ? `no progress for ${HANG_MS / 1000} s`
      : `the node that ran it was not heard for ${LEASE_MS / 1000} s`;
    const { id, job, task, nodeId } = lease;
    effects.push(...fail(schedule, { kind: "fail", now, lease: id, job, task, nodeId, reason, permanent: false }));
  }
  return effects;
}

/** After a pause of this process nobody could renew: the time that it slept is nobody's fault. */
function forgiveLateness(schedule: Schedule, asleep: number): void {
  for (const lease of schedule.leases.values()) {
    lease.expiresAt += asleep;
    lease.progressAt += asleep;
  }
}

/** Drops the leases and failures of tasks that are done, or of a job that has ended. */
function forgetFinished(schedule: Schedule, job: JobRecord): void {
  const open = new Set(openTasks(job).map((name) => keyOf(job.id, name)));
  for (const lease of [...schedule.leases.values()]) {
    if (lease.job === job.id && !open.has(keyOf(job.id, lease.task))) endLease(schedule, lease.id);
  }
  for (const key of [...schedule.failures.keys()]) {
    if (key.startsWith(`${job.id}/`) && !open.has(key)) schedule.failures.delete(key);
  }
  if (!hasEnded(job)) return;
  for (const [lease, of] of [...schedule.ended]) if (of === job.id) schedule.ended.delete(lease);
}
