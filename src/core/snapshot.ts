/** The state of the mesh as one piece of JSON, and what one state knows that another does not. */
import { ReelmeshError } from "./errors.js";
import type { Core, Fact } from "./facts.js";
import {
  type FinishedTask,
  type GrownTask,
  hasEnded,
  isGrowth,
  isKept,
  type JobRecord,
  mayReopen,
} from "./job-record.js";
import { type Beginning, compactJobs, emptyMeshState, type MeshState } from "./mesh-state.js";
import type { Placement } from "./placement.js";
import type { PlanResult } from "./work.js";

const VERSION = 1;

interface SnapshotDocument {
  version: number;
  /** What snapshots of older versions have in the place of `beginnings`; written empty for their readers. */
  foundings?: number[];
  beginnings?: Beginning[];
  term: number;
  coordinator: { id: string; name: string };
  core: Core;
  /** Absent while the log has named none, and in snapshots of older versions. */
  placement?: Placement;
  setAside: [string, string][];
  jobs: (Omit<JobRecord, "finished" | "grown" | "reopened" | "decode"> & {
    finished: [string, { result: object; nodeId: string }][];
    /** Absent in snapshots of older versions, as what follows. */
    grown?: [string, GrownTask][];
    reopened?: string[];
    decode?: string;
  })[];
  /** In the order of failure. */
  failed: string[];
  /** Absent in snapshots of older versions. */
  removed?: [string, number][];
  /** Names of assets with the jobs that made them. */
  assets: [string, string][];
}

/** Characters of a piece, at least. Making one takes the time of one larger job at most: some milliseconds. */
const PIECE = 64 * 1024;

/**
 * What plans and finished tasks say, as text. They never change, and are most of a snapshot: it may be written before the
 * rest.
 */
export type Texts = WeakMap<PlanResult | FinishedTask, string>;

/** Writes the texts of the plans and finished tasks that a snapshot would hold, in steps of some milliseconds at most. */
export function* writeTexts(state: MeshState, texts: Texts): Generator<void> {
  let length = 0;
  for (const job of [...state.jobs.values()].filter(isKept)) {
    length += planText(job, texts).length;
    for (const one of job.finished) length += taskText(one, texts).length;
    if (length < PIECE) continue;
    yield;
    length = 0;
  }
}

/**
 * The state as the snapshot leaves it, piece after piece; it may not change before the last one. The same state gives the
 * same bytes on every node.
 */
export function* encodeSnapshot(state: MeshState, texts: Texts = new WeakMap()): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  let text = "";
  for (const part of documentOf(state, texts)) {
    text += part;
    if (text.length < PIECE) continue;
    yield encoder.encode(text);
    text = "";
  }
  yield encoder.encode(text);
}

/** The text of a SnapshotDocument, with its jobs one by one. */
function* documentOf(state: MeshState, texts: Texts): Generator<string> {
  const { beginnings, term, coordinator, core, placement, setAside, failed, removed, assets } = state;
  const before: Partial<SnapshotDocument> = {
    version: VERSION,
    foundings: [],
    beginnings,
    term,
    coordinator,
    core,
    ...(placement !== null && { placement }),
    setAside: [...setAside],
  };
  const after: Partial<SnapshotDocument> = { failed: [...failed], removed: [...removed], assets: [...assets] };
  yield `${JSON.stringify(before).slice(0, -1)},"jobs":[`;
  let comma = "";
  for (const job of compactJobs(state)) {
    yield `${comma}${jobText(job, texts)}`;
    comma = ",";
  }
  yield `],${JSON.stringify(after).slice(1)}`;
}

function jobText(job: JobRecord, texts: Texts): string {
  const tasks = [...job.finished].map((one) => taskText(one, texts));
  const text = JSON.stringify({ ...job, plan: null, finished: [], grown: [...job.grown] });
  // The first that reads so is the job's own: quotation marks within what is text are escaped.
  return text
    .replace('"plan":null', () => `"plan":${planText(job, texts)}`)
    .replace('"finished":[]', () => `"finished":[${tasks.join(",")}]`);
}

function planText({ plan }: JobRecord, texts: Texts): string {
  return plan === null ? "null" : textOf(plan, plan, texts);
}

function taskText(one: [string, FinishedTask], texts: Texts): string {
  return textOf(one[1], one, texts);
}

function textOf(key: PlanResult | FinishedTask, value: object, texts: Texts): string {
  const text = texts.get(key) ?? JSON.stringify(value);
  texts.set(key, text);
  return text;
}

/** The state at a sequence. CORRUPT when the bytes are no snapshot that this version can read. */
export function decodeSnapshot(bytes: Uint8Array, sequence: number): MeshState {
  const document = parse(bytes);
  const state = emptyMeshState();
  const { beginnings = [], term, coordinator, core, placement = null, setAside } = document;
  Object.assign(state, {
    sequence,
    history: "",
    beginnings,
    term,
    coordinator,
    core,
    placement,
    setAside: new Map(setAside),
  });
  for (const row of document.jobs) {
    const job = {
      ...row,
      finished: new Map(row.finished),
      grown: new Map(row.grown ?? []),
      reopened: row.reopened ?? [],
      decode: row.decode ?? "",
    } as JobRecord;
    state.jobs.set(job.id, job);
    if (!hasEnded(job)) state.active.add(job.id);
  }
  state.failed = new Set(document.failed);
  state.removed = new Map(document.removed);
  state.assets = new Map(document.assets);
  return state;
}

function parse(bytes: Uint8Array): SnapshotDocument {
  let document: SnapshotDocument;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes)) as SnapshotDocument;
  } catch (cause) {
    throw new ReelmeshError("CORRUPT", `${bytes.byteLength} bytes are no snapshot of the mesh state`, { cause });
  }
  if (document.version === VERSION) return document;
  const problem = `the snapshot of the mesh state is of version ${document.version}, this program reads ${VERSION}`;
  throw new ReelmeshError("CORRUPT", `${problem}: install the newer version`);
}

/**
 * Whether `mine` has read entries that were lost: where it has read to, one of the two knows a beginning that the other
 * does not. A log that has lost its end goes on with one, since its writer has the term no more.
 */
export function hasDiverged(mine: MeshState, theirs: MeshState): boolean {
  return lacksOne(mine, theirs) || lacksOne(theirs, mine);
}

/** Whether a state lacks one that the other knows, of those that both have passed and neither has forgotten. */
function lacksOne(one: MeshState, other: MeshState): boolean {
  const known = new Set(one.beginnings.map(({ id }) => id));
  const since = one.beginnings[0]?.sequence ?? 0;
  const common = other.beginnings.filter(({ sequence }) => sequence >= since && sequence <= one.sequence);
  return common.some(({ id }) => !known.has(id));
}

/**
 * The facts that would bring `theirs` to know what `mine` knows of jobs and nodes, in an order in which they fit.
 * Where the two disagree, theirs stays: how a job has ended, its priority, its plan with all chunks of another plan. Not so
 * a result that mine had taken back.
 *
 * A job that theirs does not know is entered, also one that has ended: the same id submitted again must not run again.
 * Not so when theirs removed it; and what mine removed is removed in theirs. What cannot be known: a removal that is not
 * among the newest that are kept, or that comes while facts are on their way (then the job comes back, as it ended); and a
 * failure that theirs dropped at a snapshot for its age (it is listed once more, until the next snapshot).
 */
export function factsBeyond(mine: MeshState, theirs: MeshState): Fact[] {
  const facts: Fact[] = [];
  const gone = new Set<string>();
  for (const job of theirs.jobs.values()) {
    if (mine.removed.get(job.id) !== job.submittedMs) continue;
    gone.add(job.id);
    if (!hasEnded(job)) facts.push({ kind: "jobCancelled", jobCancelled: { job: job.id } });
    facts.push({ kind: "jobRemoved", jobRemoved: { job: job.id } });
  }
  for (const job of mine.jobs.values()) {
    if (theirs.removed.get(job.id) === job.submittedMs) continue;
    facts.push(...jobFactsBeyond(job, gone.has(job.id) ? undefined : theirs.jobs.get(job.id)));
  }
  for (const [nodeId, reason] of mine.setAside) {
    if (!theirs.setAside.has(nodeId)) facts.push({ kind: "nodeSetAside", nodeSetAside: { nodeId, reason } });
  }
  return facts;
}

function jobFactsBeyond(job: JobRecord, known: JobRecord | undefined): Fact[] {
  if (known !== undefined && hasEnded(known)) return [];
  const { id, priority, paused } = job;
  const facts: Fact[] = known === undefined ? [submission(job)] : [];
  if (paused && !known?.paused) facts.push({ kind: "jobAdjusted", jobAdjusted: { job: id, priority, paused } });
  facts.push(...workBeyond(job, known));
  if (job.package !== null) {
    facts.push({ kind: "jobFinished", jobFinished: { job: id, result: job.package, nodeId: job.packager } });
  } else if (job.state === "failed") {
    const { reason, letGo } = job;
    facts.push({ kind: "jobFailed", jobFailed: { job: id, reason, letGo } });
  } else if (job.state === "cancelled") facts.push({ kind: "jobCancelled", jobCancelled: { job: id } });
  return facts;
}

/**
 * The plan, the finished tasks and what there is of others; a job that was done long ago has a plan without tasks. One that
 * was planned anew goes before the first plan, which nothing of it fits; a log that knows of no plan hears of two.
 */
function workBeyond(job: JobRecord, known: JobRecord | undefined): Fact[] {
  const { id, plan, planner, decode } = job;
  if (plan === null) return [];
  const facts: Fact[] = [];
  const planned: Fact = { kind: "jobPlanned", jobPlanned: { job: id, result: plan, nodeId: planner } };
  const hasPlan = known !== undefined && known.plan !== null;
  const isNewer = decode !== "" && (known?.decode ?? "") === "";
  if (isNewer) {
    if (!hasPlan) facts.push(planned);
    facts.push({ kind: "jobReplanned", jobReplanned: { job: id, reason: decode } });
  }
  /** What theirs knows of this plan. */
  const theirs = hasPlan && !isNewer ? known : undefined;
  if (theirs === undefined) facts.push(planned);
  else if (theirs.plan?.plan?.sha256 !== plan.plan?.sha256) return [];
  facts.push(...tasksBeyond(job, theirs));
  return facts;
}

/**
 * What is finished, or has grown, beyond what theirs knows of the same plan. What mine had taken back, and theirs counts
 * as it was then, is taken back before.
 */
function tasksBeyond({ id, finished, grown, reopened }: JobRecord, theirs: JobRecord | undefined): Fact[] {
  const listingOf = (task: FinishedTask | undefined) => task?.result.listing?.sha256;
  const takenBack = reopened.filter((task) => {
    const isOther = listingOf(theirs?.finished.get(task)) !== listingOf(finished.get(task));
    return theirs !== undefined && mayReopen(theirs, task) && isOther;
  });
  const facts: Fact[] = takenBack.map((task) => ({ kind: "taskReopened", taskReopened: { job: id, task } }));
  for (const [task, { result, nodeId }] of finished) {
    if (theirs?.finished.has(task) && !takenBack.includes(task)) continue;
    facts.push({ kind: "taskDone", taskDone: { job: id, task, result, nodeId } });
  }
  for (const [task, { seconds, result, nodeId }] of grown) {
    if (theirs !== undefined && !takenBack.includes(task) && !isGrowth(theirs, task, seconds)) continue;
    facts.push({ kind: "taskGrown", taskGrown: { job: id, task, seconds, result, nodeId } });
  }
  return facts;
}

function submission({ id, fileName, name, asset, source, holder, options, priority, submittedMs }: JobRecord): Fact {
  return {
    kind: "jobSubmitted",
    jobSubmitted: { job: id, fileName, name, asset, source, holder, options, priority, submittedMs },
  };
}
