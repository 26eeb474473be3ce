/** The tasks of a job, as its state says: which are open, what they read, what a worker is told. */
import type { JobRecord } from "../core/mesh-state.js";
import type { Task } from "../core/work.js";

/** The tasks of a job that could be leased now or later, in the order in which they should start. */
export function openTasks(job: JobRecord): string[] {
  switch (job.state) {
    case "submitted":
      return ["plan"];
    case "running":
      return (job.plan?.tasks ?? []).map((task) => task.name).filter((name) => !job.finished.has(name));
    case "packaging":
      return ["package"];
    default:
      return [];
  }
}

/** Work that leaves most of the processor to others: planning, packaging, an audio track. */
export function isLight(job: JobRecord, name: string): boolean {
  return (job.plan?.tasks.find((task) => task.name === name)?.frames ?? 0) === 0;
}

/** For each thing that the job's next tasks read, the nodes that hold it. */
export function inputsOf(job: JobRecord): string[][] {
  if (job.plan === null) return [[job.holder]];
  const encoded = job.state === "packaging" ? [...job.finished.values()].map(({ result }) => result.holders) : [];
  return [job.plan.holders, ...encoded];
}

/** The task with everything that a worker must know to run it. */
export function describeTask(job: JobRecord, name: string): Task {
  const base = { job: job.id, name };
  if (job.plan === null) {
    const { source, fileName, options, holder } = job;
    return { ...base, kind: "plan", plan: { source, fileName, options, holders: [holder] } };
  }
  const { plan, holders } = job.plan;
  if (job.state !== "packaging") return { ...base, kind: "encode", encode: { plan, holders } };
  const encoded = job.plan.tasks.map((task) => ({
    task: task.name,
    result: job.finished.get(task.name)?.result ?? null,
  }));
  return { ...base, kind: "package", package: { plan, asset: job.asset, holders, encoded } };
}

/**
 * Work that tells no progress, and has limits of its own on what it waits for: planning, packaging, and what comes after
 * the last frame (or the last 1% of a track), when the result is copied to a peer.
 */
export function isSilent(job: JobRecord, name: string, progress: number): boolean {
  const task = job.plan?.tasks.find((one) => one.name === name);
  if (task === undefined) return true;
  return progress >= (task.frames || task.seconds * 990);
}
