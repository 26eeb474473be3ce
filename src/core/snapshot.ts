/** The state of the mesh as one piece of JSON, and what one state knows that another does not. */
import { ReelmeshError } from "./errors.js";
import type { Core, Fact } from "./facts.js";
import { compact, emptyMeshState, hasEnded, isKept, type JobRecord, type MeshState } from "./mesh-state.js";

const VERSION = 1;

interface SnapshotDocument {
  version: number;
  term: number;
  coordinator: { id: string; name: string };
  core: Core;
  setAside: [string, string][];
  jobs: (Omit<JobRecord, "finished"> & { finished: [string, { result: object; nodeId: string }][] })[];
  /** In the order of failure. */
  failed: string[];
}

/** The state as it is after `compact`, which is applied first; the same state gives the same bytes on every node. */
export function encodeSnapshot(state: MeshState): Uint8Array {
  compact(state);
  const { term, coordinator, core, setAside, jobs, failed } = state;
  const document: SnapshotDocument = {
    version: VERSION,
    term,
    coordinator,
    core,
    setAside: [...setAside],
    jobs: [...jobs.values()].map((job) => ({ ...job, finished: [...job.finished] })),
    failed: [...failed],
  };
  return new TextEncoder().encode(JSON.stringify(document));
}

/** The state at a sequence. CORRUPT when the bytes are no snapshot that this version can read. */
export function decodeSnapshot(bytes: Uint8Array, sequence: number): MeshState {
  const document = parse(bytes);
  const state = emptyMeshState();
  const { term, coordinator, core, setAside } = document;
  Object.assign(state, { sequence, term, coordinator, core, setAside: new Map(setAside) });
  for (const row of document.jobs) {
    const job = { ...row, finished: new Map(row.finished) } as JobRecord;
    state.jobs.set(job.id, job);
    if (!hasEnded(job)) state.active.add(job.id);
    if (job.state === "done") state.assets.set(job.asset, job.id);
  }
  for (const id of document.failed) state.failed.add(id);
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
 * The facts that would bring `theirs` to know of every job what `mine` knows, in an order in which they fit. Where the
 * two disagree, theirs stays.
 */
export function factsBeyond(mine: MeshState, theirs: MeshState): Fact[] {
  const facts: Fact[] = [];
  for (const job of mine.jobs.values()) facts.push(...jobFactsBeyond(job, theirs.jobs.get(job.id)));
  for (const [nodeId, reason] of mine.setAside) {
    if (!theirs.setAside.has(nodeId)) facts.push({ kind: "nodeSetAside", nodeSetAside: { nodeId, reason } });
  }
  return facts;
}

function jobFactsBeyond(job: JobRecord, known: JobRecord | undefined): Fact[] {
  if (known !== undefined && hasEnded(known)) return [];
  const { id, priority, paused } = job;
  // What is not kept can be entered no more, and what was done without its chunks can only be told as a whole.
  if (known === undefined && !isKept(job) && job.state !== "done") return [];
  const facts: Fact[] = [];
  if (known === undefined) facts.push(submission(job));
  if (known?.paused !== paused || known.priority !== priority) {
    if (paused || known !== undefined) facts.push({ kind: "jobAdjusted", jobAdjusted: { job: id, priority, paused } });
  }
  if (job.plan !== null && (known?.plan ?? null) === null) {
    facts.push({ kind: "jobPlanned", jobPlanned: { job: id, result: job.plan, nodeId: job.planner } });
  }
  for (const [task, { result, nodeId }] of job.finished) {
    if (!known?.finished.has(task)) facts.push({ kind: "taskDone", taskDone: { job: id, task, result, nodeId } });
  }
  if (job.package !== null) {
    facts.push({ kind: "jobFinished", jobFinished: { job: id, result: job.package, nodeId: job.packager } });
  } else if (job.state === "failed") facts.push({ kind: "jobFailed", jobFailed: { job: id, reason: job.reason } });
  else if (job.state === "cancelled") facts.push({ kind: "jobCancelled", jobCancelled: { job: id } });
  return facts;
}

function submission({ id, fileName, name, asset, source, holder, options, priority }: JobRecord): Fact {
  return {
    kind: "jobSubmitted",
    jobSubmitted: { job: id, fileName, name, asset, source, holder, options, priority },
  };
}
