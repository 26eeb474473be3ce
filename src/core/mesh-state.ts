/**
 * The state of the mesh as the fold of the mesh log. A job moves
 *
 *   submitted --jobPlanned--> running --last taskDone--> packaging --jobFinished--> done
 *       any of the first three --jobFailed--> failed
 *       any of the first three --jobCancelled--> cancelled
 *
 * and never leaves done, failed or cancelled. What does not fit (a second result of a task, a fact of an ended job, a
 * fact of an older term) changes nothing: the first writer won.
 */
import type { LogEntry } from "./facts.js";
import type { BlobReference, EncodeResult, JobOptions, PackageResult, PlanResult } from "./work.js";

export type JobState = "submitted" | "running" | "packaging" | "done" | "failed" | "cancelled";

export interface FinishedTask {
  result: EncodeResult;
  nodeId: string;
}

export interface JobRecord {
  id: string;
  name: string;
  fileName: string;
  asset: string;
  state: JobState;
  source: BlobReference;
  /** Id of the node that took the source. */
  holder: string;
  options: JobOptions;
  /** Milliseconds since 1970 by the clocks of the coordinators of the moment; for people. */
  submittedMs: number;
  endedMs: number;
  plan: PlanResult | null;
  /** Id of the node that planned. */
  planner: string;
  /** Finished encode tasks by name. */
  finished: Map<string, FinishedTask>;
  package: PackageResult | null;
  packager: string;
  /** Why it failed. */
  reason: string;
}

export interface MeshState {
  /** Sequence of the newest entry that was applied; 0 for none. */
  sequence: number;
  term: number;
  coordinator: { id: string; name: string };
  /** All jobs in the order of submission. */
  jobs: Map<string, JobRecord>;
  /** Jobs that have not ended, in the order of submission. */
  active: Set<string>;
}

export function emptyMeshState(): MeshState {
  return { sequence: 0, term: 0, coordinator: { id: "", name: "" }, jobs: new Map(), active: new Set() };
}

export function hasEnded(job: JobRecord): boolean {
  return job.state === "done" || job.state === "failed" || job.state === "cancelled";
}

/**
 * Applies one entry in place and returns the job that it changed, if any. Deterministic: the same entries in the same
 * order give the same state on every node. Entries at or below the state's sequence are skipped.
 */
export function applyEntry(state: MeshState, sequence: number, entry: LogEntry): JobRecord | undefined {
  if (sequence <= state.sequence) return undefined;
  state.sequence = sequence;
  if (entry.term < state.term) return undefined;
  if (entry.kind === "termStarted") {
    if (entry.term > state.term) {
      state.term = entry.term;
      state.coordinator = { id: entry.termStarted.nodeId, name: entry.termStarted.nodeName };
    }
    return undefined;
  }
  if (entry.kind === "jobSubmitted") return submit(state, entry);
  const job = state.jobs.get(jobOf(entry));
  if (job === undefined || hasEnded(job) || !advance(job, entry)) return undefined;
  if (hasEnded(job)) {
    job.endedMs = entry.atMs;
    state.active.delete(job.id);
  }
  return job;
}

function submit(state: MeshState, entry: LogEntry & { kind: "jobSubmitted" }): JobRecord | undefined {
  const { job: id, name, fileName, asset, source, holder, options } = entry.jobSubmitted;
  if (state.jobs.has(id) || source === null || options === null) return undefined;
  const job: JobRecord = {
    id,
    name,
    fileName,
    asset,
    state: "submitted",
    source,
    holder,
    options,
    submittedMs: entry.atMs,
    endedMs: 0,
    plan: null,
    planner: "",
    finished: new Map(),
    package: null,
    packager: "",
    reason: "",
  };
  state.jobs.set(id, job);
  state.active.add(id);
  return job;
}

type JobEntry = Exclude<LogEntry, { kind: "termStarted" } | { kind: "jobSubmitted" }>;

function jobOf(entry: JobEntry): string {
  switch (entry.kind) {
    case "jobPlanned":
      return entry.jobPlanned.job;
    case "taskDone":
      return entry.taskDone.job;
    case "jobFinished":
      return entry.jobFinished.job;
    case "jobFailed":
      return entry.jobFailed.job;
    case "jobCancelled":
      return entry.jobCancelled.job;
  }
}

/** Moves a job that has not ended; false when the entry does not fit its state. */
function advance(job: JobRecord, entry: JobEntry): boolean {
  switch (entry.kind) {
    case "jobPlanned": {
      if (job.state !== "submitted" || entry.jobPlanned.result === null) return false;
      job.plan = entry.jobPlanned.result;
      job.planner = entry.jobPlanned.nodeId;
      job.state = "running";
      return true;
    }
    case "taskDone": {
      const { task, result, nodeId } = entry.taskDone;
      const planned = job.plan?.tasks.some((one) => one.name === task) ?? false;
      if (job.state !== "running" || !planned || result === null || job.finished.has(task)) return false;
      job.finished.set(task, { result, nodeId });
      if (job.finished.size === job.plan?.tasks.length) job.state = "packaging";
      return true;
    }
    case "jobFinished":
      if (job.state !== "packaging" || entry.jobFinished.result === null) return false;
      job.package = entry.jobFinished.result;
      job.packager = entry.jobFinished.nodeId;
      job.state = "done";
      return true;
    case "jobFailed":
      job.reason = entry.jobFailed.reason;
      job.state = "failed";
      return true;
    case "jobCancelled":
      job.state = "cancelled";
      return true;
  }
}
