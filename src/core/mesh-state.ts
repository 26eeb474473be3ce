/**
 * The state of the mesh as the fold of the mesh log: the jobs (job-record.ts), who coordinates, and what there is besides.
 *
 * What does not fit (a second result of a task, a fact of an ended job, a fact of an older term, an entry whose writer
 * had read others before it) changes nothing: the first writer won. A failed job keeps what it had finished until it is
 * forgotten, or until KEPT_FAILURES jobs have failed after it: from then on it is let go and cannot be retried.
 */
import type { Core, Fact, LogEntry } from "./facts.js";
import { type History, historyWith, isBehind, NO_ENTRIES } from "./history.js";
import {
  advance,
  hasEnded,
  isJobFact,
  isKept,
  type JobFact,
  type JobRecord,
  jobOf,
  mayReopen,
  resumed,
  submitted,
  suits,
  withoutDetails,
} from "./job-record.js";
import type { Placement } from "./placement.js";

/** Failed jobs whose source and finished chunks are kept for a retry. */
export const KEPT_FAILURES = 20;
/** Ended jobs without an asset that are still listed; older ones are forgotten at the next snapshot. */
export const LISTED_FAILURES = 1_000;

/** Removals of jobs that are known. */
const KNOWN_REMOVALS = 1_000;
/** Beginnings that are known; a node away for longer is taken for one that merely lags. */
const KNOWN_BEGINNINGS = 100;

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
    case "jobRetried":
      return retry(state, state.jobs.get(entry.jobRetried.job));
    case "jobRemoved":
      return remove(state, state.jobs.get(entry.jobRemoved.job));
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

function applyToJob(state: MeshState, entry: LogEntry & JobFact): JobRecord | undefined {
  const job = state.jobs.get(jobOf(entry));
  if (job === undefined || hasEnded(job) || !suits(job, entry)) return undefined;
  advance(job, entry);
  if (hasEnded(job)) end(state, job, entry.atMs);
  return job;
}

function submit(state: MeshState, { jobSubmitted, atMs }: LogEntry & { kind: "jobSubmitted" }): JobRecord | undefined {
  const job = state.jobs.has(jobSubmitted.job) ? undefined : submitted(jobSubmitted, atMs);
  if (job === undefined) return undefined;
  state.jobs.set(job.id, job);
  state.active.add(job.id);
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
function retry(state: MeshState, job: JobRecord | undefined): JobRecord | undefined {
  if (job?.state !== "failed" || job.letGo) return undefined;
  job.state = resumed(job);
  job.reason = "";
  job.endedMs = 0;
  state.failed.delete(job.id);
  state.active.add(job.id);
  return job;
}

function remove(state: MeshState, job: JobRecord | undefined): JobRecord | undefined {
  if (job === undefined || !hasEnded(job)) return undefined;
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

/** Whether a fact that somebody remembers, and the log may lack, would tell the state anything. */
export function fits(state: MeshState, fact: Fact): boolean {
  if (fact.kind === "jobSubmitted") return !state.jobs.has(fact.jobSubmitted.job);
  if (fact.kind === "nodeSetAside") return !state.setAside.has(fact.nodeSetAside.nodeId);
  if (fact.kind === "jobRemoved") {
    const job = state.jobs.get(fact.jobRemoved.job);
    return job !== undefined && hasEnded(job);
  }
  if (!isJobFact(fact)) return false;
  const job = state.jobs.get(jobOf(fact));
  if (job === undefined || hasEnded(job)) return false;
  return fact.kind === "taskReopened" ? mayReopen(job, fact.taskReopened.task) : suits(job, fact);
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
