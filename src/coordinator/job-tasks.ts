/** The tasks of a job, as its state says: which are open, what they read, what a worker is told. */
import type { JobRecord } from "../core/job-record.js";
import type { PlannedTask, Task } from "../core/work.js";

/** The plan and the package stand in for the planned tasks before and after them. */
const BESIDE = { frames: 0, seconds: 0, encoder: "", renditions: [], awaited: false };
const PLAN: PlannedTask[] = [{ name: "plan", ...BESIDE }];
const PACKAGE: PlannedTask[] = [{ name: "package", ...BESIDE }];

/** What can be done in the job's state, in the order in which it should start; finished tasks included. */
export function tasksOf(job: JobRecord): readonly PlannedTask[] {
  switch (job.state) {
    case "submitted":
      return PLAN;
    case "running":
      return job.plan?.tasks ?? [];
    case "packaging":
      return PACKAGE;
    default:
      return [];
  }
}

/** Id of the node whose result of a task counts; undefined while the task is not done. */
export function finisherOf(job: JobRecord, name: string): string | undefined {
  if (name === "plan") return job.plan === null ? undefined : job.planner;
  if (name === "package") return job.package === null ? undefined : job.packager;
  return job.finished.get(name)?.nodeId;
}

/** For each thing that the job's next tasks read, the nodes that hold it. */
export function inputsOf(job: JobRecord): string[][] {
  if (job.plan === null) return [[job.holder]];
  const encoded = job.state === "packaging" ? [...job.finished.values()].map(({ result }) => result.holders) : [];
  return [job.plan.holders, ...encoded];
}

/** The task with everything that a worker must know to run it. */
export function describeTask(job: JobRecord, name: string, linear = false): Task {
  const { id } = job;
  if (job.plan === null) {
    const { source, fileName, options, holder, decode } = job;
    return { job: id, name, kind: "plan", plan: { source, fileName, options, holders: [holder], decode } };
  }
  const { plan, holders } = job.plan;
  if (job.state !== "packaging") return { job: id, name, kind: "encode", encode: { plan, holders, linear } };
  const encoded = job.plan.tasks.map((task) => ({
    task: task.name,
    result: job.finished.get(task.name)?.result ?? null,
  }));
  return { job: id, name, kind: "package", package: { plan, asset: job.asset, holders, encoded } };
}

/**
 * Work that tells no progress, and has limits of its own on what it waits for: planning, packaging, and what comes after
 * the last frame (or the last 1% of a track), when the result is copied to a peer.
 */
export function isSilent(task: PlannedTask, progress: number): boolean {
  return progress >= (task.frames || task.seconds * 990);
}
