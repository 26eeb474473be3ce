/**
 * What the mesh knows of a job, and how the facts of the mesh log move it:
 *
 *   submitted --jobPlanned--> running --last taskDone--> packaging --jobFinished--> done
 *                             running --taskGrown--> running, with more of a track that is not finished
 *                             running, packaging --jobReplanned--> submitted, once
 *                             running, packaging --taskReopened--> running, with one finished task less
 *       any of the first three --jobFailed--> failed --jobRetried--> the one that it failed in
 *       any of the first three --jobCancelled--> cancelled
 *       done, failed or cancelled --jobRemoved--> forgotten
 */
import type { Fact } from "./facts.js";
import type { BlobReference, EncodeResult, JobOptions, PackageResult, PlanResult } from "./work.js";

export type JobState = "submitted" | "running" | "packaging" | "done" | "failed" | "cancelled";

export interface FinishedTask {
  result: EncodeResult;
  nodeId: string;
}

/** The beginning of a task that is still being done. */
export interface GrownTask extends FinishedTask {
  /** How far it reaches. */
  seconds: number;
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
  /** Jobs of a higher one go first. */
  priority: number;
  /** True: nothing of it is granted. */
  paused: boolean;
  /** Milliseconds since 1970 by the clocks of the coordinators of the moment; for people. */
  submittedMs: number;
  endedMs: number;
  plan: PlanResult | null;
  /** Id of the node that planned. */
  planner: string;
  /** Finished encode tasks by name. */
  finished: Map<string, FinishedTask>;
  /** What there is of tracks that are still being encoded, by task. */
  grown: Map<string, GrownTask>;
  /** Encode tasks whose result was taken back: they are to be made in the linear way (EncodeTask). */
  reopened: string[];
  /** Why its source must be decoded in one piece; "": nobody has found that it must. */
  decode: string;
  package: PackageResult | null;
  packager: string;
  /** Why it failed. */
  reason: string;
  /** Failed so long ago that its source is not kept for a retry any more. */
  letGo: boolean;
}

export function hasEnded(job: JobRecord): boolean {
  return job.state === "done" || job.state === "failed" || job.state === "cancelled";
}

/** Whether what the job owns besides its asset (source, plan, chunks) has still a use. */
export function isKept(job: JobRecord): boolean {
  return !hasEnded(job) || (job.state === "failed" && !job.letGo);
}

const OF_A_JOB = [
  "jobPlanned",
  "taskDone",
  "taskGrown",
  "taskReopened",
  "jobReplanned",
  "jobFinished",
  "jobFailed",
  "jobCancelled",
  "jobAdjusted",
] as const;

/** A fact that moves a job which has not ended. */
export type JobFact = Extract<Fact, { kind: (typeof OF_A_JOB)[number] }>;

export function isJobFact(fact: Fact): fact is JobFact {
  return (OF_A_JOB as readonly string[]).includes(fact.kind);
}

/** The id of the job that a fact is about. */
export function jobOf(fact: JobFact): string {
  switch (fact.kind) {
    case "jobPlanned":
      return fact.jobPlanned.job;
    case "taskDone":
      return fact.taskDone.job;
    case "taskGrown":
      return fact.taskGrown.job;
    case "taskReopened":
      return fact.taskReopened.job;
    case "jobReplanned":
      return fact.jobReplanned.job;
    case "jobFinished":
      return fact.jobFinished.job;
    case "jobFailed":
      return fact.jobFailed.job;
    case "jobCancelled":
      return fact.jobCancelled.job;
    case "jobAdjusted":
      return fact.jobAdjusted.job;
  }
}

/** A job at its beginning; undefined when what was submitted is not whole. `atMs`: when the fact was written. */
export function submitted(
  {
    job: id,
    name,
    fileName,
    asset,
    source,
    holder,
    options,
    priority,
    submittedMs,
  }: Extract<Fact, { kind: "jobSubmitted" }>["jobSubmitted"],
  atMs: number,
): JobRecord | undefined {
  if (source === null || options === null) return undefined;
  return {
    id,
    name,
    fileName,
    asset,
    state: "submitted",
    source,
    holder,
    options,
    priority,
    paused: false,
    submittedMs: submittedMs || atMs,
    endedMs: 0,
    plan: null,
    planner: "",
    finished: new Map(),
    grown: new Map(),
    reopened: [],
    decode: "",
    package: null,
    packager: "",
    reason: "",
    letGo: false,
  };
}

/** Whether a fact fits the state of a job that has not ended, and would change it. */
export function suits(job: JobRecord, fact: JobFact): boolean {
  switch (fact.kind) {
    case "jobPlanned":
      return job.state === "submitted" && fact.jobPlanned.result !== null;
    case "taskDone": {
      const { task, result } = fact.taskDone;
      return job.state === "running" && isPlanned(job, task) && result !== null && !job.finished.has(task);
    }
    case "taskGrown": {
      const { task, seconds, result } = fact.taskGrown;
      return result !== null && isGrowth(job, task, seconds);
    }
    case "jobReplanned":
      return job.plan !== null && job.decode === "";
    case "taskReopened":
      return job.finished.has(fact.taskReopened.task);
    case "jobFinished":
      return job.plan !== null && fact.jobFinished.result !== null;
    case "jobFailed":
    case "jobCancelled":
    case "jobAdjusted":
      return true;
  }
}

/** Moves a job by a fact that suits it. */
export function advance(job: JobRecord, fact: JobFact): void {
  switch (fact.kind) {
    case "jobPlanned": {
      const { result, nodeId } = fact.jobPlanned;
      job.plan = result;
      job.planner = nodeId;
      // Told as a whole by a node that remembers a finished job, without the tasks that led to it.
      job.state = result?.tasks.length === 0 ? "packaging" : "running";
      return;
    }
    case "taskDone": {
      const { task, result, nodeId } = fact.taskDone;
      if (result !== null) job.finished.set(task, { result, nodeId });
      job.grown.delete(task);
      if (job.finished.size === job.plan?.tasks.length) job.state = "packaging";
      return;
    }
    case "taskGrown": {
      const { task, seconds, result, nodeId } = fact.taskGrown;
      if (result !== null) job.grown.set(task, { seconds, result, nodeId });
      return;
    }
    case "jobReplanned":
      job.decode = fact.jobReplanned.reason;
      job.plan = null;
      job.planner = "";
      job.finished = new Map();
      job.grown = new Map();
      job.reopened = [];
      job.state = "submitted";
      return;
    case "taskReopened": {
      const { task } = fact.taskReopened;
      job.finished.delete(task);
      job.state = "running";
      if (!job.reopened.includes(task)) job.reopened = [...job.reopened, task];
      return;
    }
    case "jobFinished":
      job.package = fact.jobFinished.result;
      job.packager = fact.jobFinished.nodeId;
      job.state = "done";
      return;
    case "jobFailed":
      job.reason = fact.jobFailed.reason;
      job.letGo = fact.jobFailed.letGo;
      job.state = "failed";
      return;
    case "jobCancelled":
      job.state = "cancelled";
      return;
    case "jobAdjusted":
      job.priority = fact.jobAdjusted.priority;
      job.paused = fact.jobAdjusted.paused;
      return;
  }
}

/** The state in which a failed job failed, and goes on. */
export function resumed({ plan, finished }: JobRecord): JobState {
  if (plan === null) return "submitted";
  return finished.size < plan.tasks.length ? "running" : "packaging";
}

function isPlanned(job: JobRecord, task: string): boolean {
  return job.plan?.tasks.some((one) => one.name === task) ?? false;
}

/** Whether a result counts that somebody who remembers it may have taken back: not one that was made in that one's place. */
export function mayReopen(job: JobRecord, task: string): boolean {
  const result = job.finished.get(task)?.result;
  return result !== undefined && !result.proof?.linear && !job.reopened.includes(task);
}

/** Whether the beginning of a task that reaches so far is more than is known of it. */
export function isGrowth(job: JobRecord, task: string, seconds: number): boolean {
  if (job.state !== "running" || !isPlanned(job, task) || job.finished.has(task)) return false;
  return seconds > (job.grown.get(task)?.seconds ?? 0);
}

/** Sentences for the person who submitted a job: the plan's, those on what was done again, and the tasks'. */
export function notesOf({ plan, finished, reopened }: JobRecord): string[] {
  const linear = [...finished].filter(([, { result }]) => result.proof?.linear).map(([task]) => task);
  const again = [...new Set([...reopened, ...linear])].sort();
  const why = "its frames were not those that a neighbouring chunk had seen";
  return [
    ...(plan?.notes ?? []),
    ...again.map((task) => `${task} was decoded again from the start of the source, because ${why}.`),
    ...[...finished.values()].flatMap(({ result }) => result.notes),
  ];
}

/** Without what nobody needs of a job that has ended: who did what, and where chunks lie. */
export function withoutDetails(job: JobRecord): JobRecord {
  // One that was never planned, or was compacted before.
  if (job.plan === null || job.plan.plan === null) return job;
  const plan = { ...job.plan, plan: null, holders: [], tasks: [], notes: notesOf(job) };
  return { ...job, finished: new Map(), grown: new Map(), reopened: [], plan };
}
