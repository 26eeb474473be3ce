/**
 * The state of the mesh as the fold of the mesh log. A job moves
 *
 *   submitted --jobPlanned--> running --last taskDone--> packaging --jobFinished--> done
 *                             running --taskGrown--> running, with more of a track that is not finished
 *                             running, packaging --jobReplanned--> submitted, once
 *                             running, packaging --taskReopened--> running, with one finished task less
 *       any of the first three --jobFailed--> failed --jobRetried--> the one that it failed in
 *       any of the first three --jobCancelled--> cancelled
 *       done, failed or cancelled --jobRemoved--> forgotten
 *
 * What does not fit (a second result of a task, a fact of an ended job, a fact of an older term, an entry whose writer
 * had read others before it) changes nothing: the first writer won. A failed job keeps what it had finished until it is forgotten, or until KEPT_FAILURES jobs have
 * failed after it: from then on it is let go and cannot be retried.
 */
import type { Core, Fact, LogEntry } from "./facts.js";
import { type History, historyWith, isBehind, NO_ENTRIES } from "./history.js";
import type { Placement } from "./placement.js";
import type { BlobReference, EncodeResult, JobOptions, PackageResult, PlanResult } from "./work.js";

/** Failed jobs whose source and finished chunks are kept for a retry. */
export const KEPT_FAILURES = 20;
/** Ended jobs without an asset that are still listed; older ones are forgotten at the next snapshot. */
export const LISTED_FAILURES = 1_000;

/** Removals of jobs that are known. */
const KNOWN_REMOVALS = 1_000;
/** Beginnings that are known; a node away for longer is taken for one that merely lags. */
const KNOWN_BEGINNINGS = 100;

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

/** An entry from which on somebody else may write, or the same one anew: the start of a term, or a founding of the log. */
export interface Beginning {
  sequence: number;
  id: string;
}

export interface MeshState {
  /** Sequence of the newest entry that was applied; 0 for none. */
  sequence: number;
  /** Of the log up to there. */
  history: History;
  /** Sequence of the newest snapshot; 0 for none. */
  snapshot: number;
  /** The newest ones, oldest first: two states that have read different logs differ in one of them. */
  beginnings: Beginning[];
  term: number;
  coordinator: { id: string; name: string };
  core: Core;
  /** On which nodes blobs are placed; null while there have never been more than hold everything. */
  placement: Placement | null;
  /** Why a node is granted nothing, by its id. */
  setAside: Map<string, string>;
  /** All jobs in the order of submission. */
  jobs: Map<string, JobRecord>;
  /** Jobs that have not ended. */
  active: Set<string>;
  /** Failed jobs that are kept for a retry, in the order of failure. */
  failed: Set<string>;
  /** When jobs were submitted that have been removed (`submittedMs`), by their ids, the oldest removal first. */
  removed: Map<string, number>;
  /** Ids of finished jobs by the name of their asset. */
  assets: Map<string, string>;
}

export function emptyMeshState(): MeshState {
  return {
    sequence: 0,
    history: NO_ENTRIES,
    snapshot: 0,
    beginnings: [],
    term: 0,
    coordinator: { id: "", name: "" },
    core: { generation: 0, servers: [] },
    placement: null,
    setAside: new Map(),
    jobs: new Map(),
    active: new Set(),
    failed: new Set(),
    removed: new Map(),
    assets: new Map(),
  };
}

export function hasEnded(job: JobRecord): boolean {
  return job.state === "done" || job.state === "failed" || job.state === "cancelled";
}

/** Whether what the job owns besides its asset (source, plan, chunks) has still a use. */
export function isKept(job: JobRecord): boolean {
  return !hasEnded(job) || (job.state === "failed" && !job.letGo);
}

/**
 * Whether an entry stands behind what its writer had read. Where it does not, the log had lost its end and has grown again
 * before the writer noticed.
 */
export function follows(state: MeshState, sequence: number, entry: LogEntry): boolean {
  return sequence !== state.sequence + 1 || isBehind(state.history, entry);
}

/** Whether the next entry changes what the mesh knows, as far as the log goes: its writer could write there. */
export function counts(state: MeshState, sequence: number, entry: LogEntry): boolean {
  if (sequence <= state.sequence || !follows(state, sequence, entry)) return false;
  return entry.kind === "termStarted" ? entry.term > state.term : entry.term >= state.term;
}

/**
 * Applies one entry in place, or what is none, and returns the job that it changed, if any. Deterministic: the same
 * entries in the same order give the same state on every node. Entries at or below the state's sequence are skipped. A
 * snapshot's content is not read here: it says what the state is already, and drops the details that a snapshot does not
 * hold.
 */
export function applyEntry(state: MeshState, sequence: number, entry: LogEntry | undefined): JobRecord | undefined {
  if (sequence <= state.sequence) return undefined;
  const isValid = entry !== undefined && counts(state, sequence, entry);
  passEntry(state, sequence, entry);
  if (!isValid) return undefined;
  switch (entry.kind) {
    case "termStarted":
      begin(state, { sequence, id: entry.id });
      state.term = entry.term;
      state.coordinator = { id: entry.termStarted.nodeId, name: entry.termStarted.nodeName };
      return undefined;
    case "nodeSetAside":
      state.setAside.set(entry.nodeSetAside.nodeId, entry.nodeSetAside.reason);
      return undefined;
    case "nodeReadmitted":
      state.setAside.delete(entry.nodeReadmitted.nodeId);
      return undefined;
    case "coreChanged":
      if (entry.coreChanged.generation >= state.core.generation) state.core = entry.coreChanged;
      return undefined;
    case "placementChanged":
      state.placement = entry.placementChanged;
      return undefined;
    case "snapshot":
      state.snapshot = sequence;
      if (entry.snapshot.founds) begin(state, { sequence, id: entry.id });
      compact(state);
      return undefined;
    case "jobSubmitted":
      return submit(state, entry);
    default:
      return applyToJob(state, entry);
  }
}

/** Goes past an entry, or past what is none. */
function passEntry(state: MeshState, sequence: number, entry: LogEntry | undefined): void {
  const before = sequence === state.sequence + 1 ? state.history : "";
  state.history = entry === undefined ? "" : historyWith(before, entry);
  state.sequence = sequence;
}

function begin(state: MeshState, beginning: Beginning): void {
  state.beginnings = [...state.beginnings, beginning].slice(-KNOWN_BEGINNINGS);
}

type JobEntry = Exclude<
  LogEntry,
  {
    kind:
      | "termStarted"
      | "nodeSetAside"
      | "nodeReadmitted"
      | "coreChanged"
      | "placementChanged"
      | "snapshot"
      | "jobSubmitted";
  }
>;

function applyToJob(state: MeshState, entry: JobEntry): JobRecord | undefined {
  const job = state.jobs.get(jobOf(entry));
  if (job === undefined) return undefined;
  if (entry.kind === "jobRemoved") return hasEnded(job) ? remove(state, job) : undefined;
  if (entry.kind === "jobRetried") return retry(state, job);
  if (hasEnded(job) || !advance(job, entry)) return undefined;
  if (hasEnded(job)) end(state, job, entry.atMs);
  return job;
}

function submit(state: MeshState, entry: LogEntry & { kind: "jobSubmitted" }): JobRecord | undefined {
  const { job: id, name, fileName, asset, source, holder, options, priority, submittedMs } = entry.jobSubmitted;
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
    priority,
    paused: false,
    submittedMs: submittedMs || entry.atMs,
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
  state.jobs.set(id, job);
  state.active.add(id);
  return job;
}

function end(state: MeshState, job: JobRecord, atMs: number): void {
  job.endedMs = atMs;
  state.active.delete(job.id);
  if (job.state === "done") state.assets.set(job.asset, job.id);
  if (job.state !== "failed" || job.letGo) return;
  state.failed.add(job.id);
  const [oldest] = state.failed;
  if (state.failed.size <= KEPT_FAILURES || oldest === undefined) return;
  state.failed.delete(oldest);
  const gone = state.jobs.get(oldest);
  if (gone !== undefined) gone.letGo = true;
}

/** A failed job goes on in the state in which it failed. */
function retry(state: MeshState, job: JobRecord): JobRecord | undefined {
  if (job.state !== "failed" || job.letGo) return undefined;
  job.state = job.plan === null ? "submitted" : job.finished.size < job.plan.tasks.length ? "running" : "packaging";
  job.reason = "";
  job.endedMs = 0;
  state.failed.delete(job.id);
  state.active.add(job.id);
  return job;
}

function remove(state: MeshState, job: JobRecord): JobRecord {
  const { removed } = state;
  removed.delete(job.id);
  removed.set(job.id, job.submittedMs);
  const [oldest] = removed.keys();
  if (removed.size > KNOWN_REMOVALS && oldest !== undefined) removed.delete(oldest);
  return forget(state, job);
}

function forget(state: MeshState, job: JobRecord): JobRecord {
  state.jobs.delete(job.id);
  state.failed.delete(job.id);
  if (state.assets.get(job.asset) === job.id) state.assets.delete(job.asset);
  return job;
}

function jobOf(entry: JobEntry): string {
  switch (entry.kind) {
    case "jobPlanned":
      return entry.jobPlanned.job;
    case "taskDone":
      return entry.taskDone.job;
    case "taskGrown":
      return entry.taskGrown.job;
    case "taskReopened":
      return entry.taskReopened.job;
    case "jobReplanned":
      return entry.jobReplanned.job;
    case "jobFinished":
      return entry.jobFinished.job;
    case "jobFailed":
      return entry.jobFailed.job;
    case "jobCancelled":
      return entry.jobCancelled.job;
    case "jobAdjusted":
      return entry.jobAdjusted.job;
    case "jobRetried":
      return entry.jobRetried.job;
    case "jobRemoved":
      return entry.jobRemoved.job;
  }
}

/** Whether a fact about a job or a node would tell the state anything: for facts that somebody remembers. */
export function fits(state: MeshState, fact: Fact): boolean {
  switch (fact.kind) {
    case "jobSubmitted":
      return !state.jobs.has(fact.jobSubmitted.job);
    case "jobPlanned":
      return state.jobs.get(fact.jobPlanned.job)?.state === "submitted";
    case "taskDone": {
      const { job: id, task } = fact.taskDone;
      const job = state.jobs.get(id);
      return job?.state === "running" && isPlanned(job, task) && !job.finished.has(task);
    }
    case "taskGrown": {
      const { job: id, task, seconds } = fact.taskGrown;
      const job = state.jobs.get(id);
      return job !== undefined && isGrowth(job, task, seconds);
    }
    case "nodeSetAside":
      return !state.setAside.has(fact.nodeSetAside.nodeId);
    case "jobFinished":
      return isActive(state, fact.jobFinished.job) && state.jobs.get(fact.jobFinished.job)?.plan !== null;
    case "jobFailed":
      return isActive(state, fact.jobFailed.job);
    case "jobCancelled":
      return isActive(state, fact.jobCancelled.job);
    case "jobAdjusted":
      return isActive(state, fact.jobAdjusted.job);
    case "jobReplanned": {
      const job = state.jobs.get(fact.jobReplanned.job);
      return job !== undefined && !hasEnded(job) && job.plan !== null && job.decode === "";
    }
    case "jobRemoved": {
      const job = state.jobs.get(fact.jobRemoved.job);
      return job !== undefined && hasEnded(job);
    }
    default:
      return false;
  }
}

function isPlanned(job: JobRecord, task: string): boolean {
  return job.plan?.tasks.some((one) => one.name === task) ?? false;
}

/** Whether the beginning of a task that reaches so far is more than is known of it. */
export function isGrowth(job: JobRecord, task: string, seconds: number): boolean {
  if (job.state !== "running" || !isPlanned(job, task) || job.finished.has(task)) return false;
  return seconds > (job.grown.get(task)?.seconds ?? 0);
}

function isActive(state: MeshState, job: string): boolean {
  return state.active.has(job);
}

/** Moves a job that has not ended; false when the entry does not fit its state. */
function advance(job: JobRecord, entry: Exclude<JobEntry, { kind: "jobRetried" | "jobRemoved" }>): boolean {
  switch (entry.kind) {
    case "jobPlanned": {
      if (job.state !== "submitted" || entry.jobPlanned.result === null) return false;
      job.plan = entry.jobPlanned.result;
      job.planner = entry.jobPlanned.nodeId;
      // Told as a whole by a node that remembers a finished job, without the tasks that led to it.
      job.state = entry.jobPlanned.result.tasks.length === 0 ? "packaging" : "running";
      return true;
    }
    case "taskDone": {
      const { task, result, nodeId } = entry.taskDone;
      if (job.state !== "running" || !isPlanned(job, task) || result === null || job.finished.has(task)) return false;
      job.finished.set(task, { result, nodeId });
      job.grown.delete(task);
      if (job.finished.size === job.plan?.tasks.length) job.state = "packaging";
      return true;
    }
    case "taskGrown": {
      const { task, seconds, result, nodeId } = entry.taskGrown;
      if (result === null || !isGrowth(job, task, seconds)) return false;
      job.grown.set(task, { seconds, result, nodeId });
      return true;
    }
    case "jobReplanned":
      if (job.plan === null || job.decode !== "") return false;
      job.decode = entry.jobReplanned.reason;
      job.plan = null;
      job.planner = "";
      job.finished = new Map();
      job.grown = new Map();
      job.reopened = [];
      job.state = "submitted";
      return true;
    case "taskReopened": {
      const { task } = entry.taskReopened;
      if (!job.finished.delete(task)) return false;
      job.state = "running";
      if (!job.reopened.includes(task)) job.reopened = [...job.reopened, task];
      return true;
    }
    case "jobFinished":
      if (job.plan === null || entry.jobFinished.result === null) return false;
      job.package = entry.jobFinished.result;
      job.packager = entry.jobFinished.nodeId;
      job.state = "done";
      return true;
    case "jobFailed":
      job.reason = entry.jobFailed.reason;
      job.letGo = entry.jobFailed.letGo;
      job.state = "failed";
      return true;
    case "jobCancelled":
      job.state = "cancelled";
      return true;
    case "jobAdjusted":
      job.priority = entry.jobAdjusted.priority;
      job.paused = entry.jobAdjusted.paused;
      return true;
  }
}

/**
 * Drops what nobody needs of jobs that have ended, so that the state's size follows the live jobs and the assets:
 * who did what and where chunks lie, and all but the newest failures. Only an entry of the log does this to a state:
 * nodes that dropped at other times would come to differ.
 */
function compact(state: MeshState): void {
  const listed = new Map(listedJobs(state).map((job) => [job.id, job]));
  for (const job of state.jobs.values()) {
    if (!listed.has(job.id)) forget(state, job);
    else if (!isKept(job)) Object.assign(job, withoutDetails(job));
  }
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

/** The jobs as they are after a snapshot. */
export function compactJobs(state: MeshState): JobRecord[] {
  return listedJobs(state).map((job) => (isKept(job) ? job : withoutDetails(job)));
}

function listedJobs(state: MeshState): JobRecord[] {
  const jobs = [...state.jobs.values()];
  const isFailure = (job: JobRecord) => job.state !== "done" && !isKept(job);
  let surplus = jobs.filter(isFailure).length - LISTED_FAILURES;
  return jobs.filter((job) => !isFailure(job) || surplus-- <= 0);
}

function withoutDetails(job: JobRecord): JobRecord {
  // One that was never planned, or was compacted before.
  if (job.plan === null || job.plan.plan === null) return job;
  const plan = { ...job.plan, plan: null, holders: [], tasks: [], notes: notesOf(job) };
  return { ...job, finished: new Map(), grown: new Map(), reopened: [], plan };
}
