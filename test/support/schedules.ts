/** A schedule over a mesh state that the test writes, short to drive. */
import { newSchedule, type ScheduleEffect, type ScheduleEvent, stepSchedule } from "../../src/coordinator/schedule.js";
import type { Lease, Schedule } from "../../src/coordinator/schedule-state.js";
import type { Fact } from "../../src/core/facts.js";
import { applyEntry, emptyMeshState, type MeshState } from "../../src/core/mesh-state.js";
import { entry } from "./facts.js";

/** A new term grants nothing before this. */
export const START = 2_000;

export function meshOf(...facts: Fact[]): MeshState {
  const mesh = emptyMeshState();
  for (const [index, fact] of facts.entries()) applyEntry(mesh, index + 1, entry(fact));
  return mesh;
}

export function scheduleOf(mesh: MeshState, live = ["a", "b", "c"]): Schedule {
  const schedule = newSchedule(mesh, 0, START);
  stepSchedule(schedule, { kind: "nodes", now: 0, live: new Set(live) });
  return schedule;
}

let claims = 0;

/** The task that a claim gets at once, as "job/task". */
export function claim(schedule: Schedule, nodeId: string, now = START, light = false): string | undefined {
  claims++;
  return granted(stepSchedule(schedule, { kind: "claim", now, claim: `claim-${claims}`, nodeId, light }))[0];
}

export function granted(effects: ScheduleEffect[]): string[] {
  return effects.flatMap((effect) => (effect.kind === "grant" ? [`${effect.lease.job}/${effect.lease.task}`] : []));
}

export function apply(schedule: Schedule, fact: Fact, now = START): ScheduleEffect[] {
  const job = applyEntry(schedule.mesh, schedule.mesh.sequence + 1, entry(fact));
  const done = fact.kind === "taskDone" ? { task: fact.taskDone.task } : {};
  const task = fact.kind === "taskReopened" ? { task: fact.taskReopened.task, reopened: true } : done;
  return stepSchedule(schedule, { kind: "changed", now, ...(job === undefined ? {} : { job, ...task }) });
}

/** The leases of a task ("job/task"), the first grant first. */
export function leasesFor(schedule: Schedule, task: string): Lease[] {
  return [...schedule.leases.values()].filter((one) => `${one.job}/${one.task}` === task);
}

export function failLease(schedule: Schedule, task: string, now: number, permanent = false): ScheduleEffect[] {
  const lease = leasesFor(schedule, task)[0];
  if (lease === undefined) throw new Error(`${task} is not leased`);
  const { id, job, nodeId } = lease;
  const reason = "ffmpeg said no";
  return stepSchedule(schedule, { kind: "fail", now, lease: id, job, task: lease.task, nodeId, reason, permanent });
}

export function renewal(lease: Lease, now: number, progress = 1): ScheduleEvent {
  const { id, job, task, nodeId, attempt } = lease;
  return { kind: "renew", now, lease: id, job, task, nodeId, attempt, progress, speed: 1 };
}

export function isWanted(schedule: Schedule, event: ScheduleEvent): boolean {
  return stepSchedule(schedule, event).some((effect) => effect.kind === "renewed" && effect.wanted);
}

/** How many things of each kind the schedule keeps. */
export function residue(schedule: Schedule): Record<string, number> {
  const {
    leases,
    jobs,
    nodes,
    turn,
    lightTurn,
    claims: waiting,
    slots,
    lights,
    expiry,
    slow,
    resting,
    kinds,
  } = schedule;
  const kept = { leases, jobs, nodes, turn, lightTurn, waiting, slots, lights, expiry, slow, resting, kinds };
  return Object.fromEntries(Object.entries(kept).flatMap(([name, { size }]) => (size > 0 ? [[name, size]] : [])));
}
