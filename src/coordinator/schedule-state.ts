/** What the scheduler keeps: every lookup that a step makes is by key or from the top of a heap. */
import type { JobRecord, JobState } from "../core/job-record.js";
import type { MeshState } from "../core/mesh-state.js";
import type { PlannedTask } from "../core/work.js";
import { Heap } from "./heap.js";

export const LEASE_MS = 15_000;
/** Work that has told progress and tells no more; longer than a worker's own limit on a silent ffmpeg. */
export const HANG_MS = 60_000;
/** Until the first progress: the input must be cut and fetched, with limits of the worker's own that say what was wrong. */
export const START_MS = 120_000;
/** The same for a chunk whose source is decoded from its start first. */
const LINEAR_START_MS = 1_800_000;

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
  /** A second run of a task whose first is slow. */
  backup: boolean;
  /** When it was granted, or brought by its worker. */
  startedAt: number;
  /** Brought by its worker to a new coordinator: when it began is not known. */
  adopted: boolean;
  /** Its source is decoded from the start. */
  linear: boolean;
  /** When to look whether it has ended: never after its end, which a renewal puts off. */
  dueAt: number;
  /** When to look whether it is slow. */
  lateAt: number;
}

/** How one attempt at a task ended without a result. */
export interface Attempt {
  nodeId: string;
  lease: string;
  /** The node itself failed: it was not cut off, and its input was there. */
  blamed: boolean;
  /** The source gave it other frames than planned. */
  otherFrames: boolean;
}

/** A task that is leased, or has failed: all others are known by the job's plan alone. */
export interface TaskBook {
  job: JobBook;
  name: string;
  /** Place in the order in which the job's tasks start. */
  index: number;
  /** At most two: the second is a backup run. */
  leases: Lease[];
  failed: Attempt[];
  handBacks: number;
  /** Leases that were ended for good: a late renewal does not bring them back. */
  ended: Set<string>;
  restUntil: number;
  /** It is to be made in the linear way (EncodeTask). */
  linear: boolean;
  /** It failed too often, or for good: it is not granted any more. */
  givenUp: boolean;
}

/** A job that has not ended. */
export interface JobBook {
  job: JobRecord;
  /** Place in the order of submission. */
  order: number;
  phase: JobState;
  /** What can be done in this phase, in the order in which it should start. */
  tasks: readonly PlannedTask[];
  /** No task before these places is open, apart from `touched` ones: any task, and light ones. */
  next: number;
  nextLight: number;
  touched: Map<string, TaskBook>;
  /** Touched tasks that may be granted again, and how many of them are light. */
  returned: Heap<TaskBook>;
  returnedLight: number;
  leases: Set<Lease>;
  /** Copies of the record's, since heaps are ordered by them. */
  priority: number;
  paused: boolean;
  /** For each thing that the tasks read, the nodes that hold it. */
  inputs: string[][];
  /** For each of them, a holder is there. */
  inReach: boolean;
  /** Jobs of one kind take about as long: see rates.ts. */
  kind: string;
  /** Wall seconds a second of media, of the newest finished chunks. */
  rates: Rates;
  /** Media seconds that were given to backup runs. */
  backupSeconds: number;
}

/** Wall seconds a second of media by encoder, the newest last. */
export type Rates = Map<string, number[]>;

export interface Claim {
  id: string;
  order: number;
  nodeId: string;
  /** Only work that leaves most of the processor to others: planning, packaging, an audio track. */
  light: boolean;
}

export interface NodeBook {
  id: string;
  leases: number;
  /** When it last asked, renewed or reported. */
  heardAt: number;
  claims: Set<Claim>;
  /** Tasks that it failed and another node finished. */
  faults: number;
  /** It was asked to be set aside, and the log does not say so yet. */
  accused: boolean;
  /** Jobs whose tasks read what it holds. */
  holds: Set<JobBook>;
}

export interface Schedule {
  mesh: MeshState;
  leases: Map<string, Lease>;
  jobs: Map<string, JobBook>;
  nodes: Map<string, NodeBook>;
  /** Nodes that have leases. */
  working: number;
  /** Jobs with an open task that may run, the one whose turn it is first: with any task, and with a light one. */
  turn: Heap<JobBook>;
  lightTurn: Heap<JobBook>;
  /** Claims that wait for work, by id; and, unless their node is set aside, oldest first: slots, and light lanes. */
  claims: Map<string, Claim>;
  slots: Heap<Claim>;
  lights: Heap<Claim>;
  /** Leases by when to look whether they have ended, and chunks by when to look whether they are slow. */
  expiry: Heap<Lease>;
  slow: Heap<Lease>;
  /** Failed tasks by the end of their rest. */
  resting: Heap<TaskBook>;
  /** Rates of finished chunks of jobs of one kind, as long as there is such a job. */
  kinds: Map<string, { rates: Rates; jobs: number }>;
  /** Ids of the nodes that were heard of lately, and of those of them that are not set aside. */
  live: Set<string>;
  able: Set<string>;
  /** By node, the encoders that not every node has. */
  encoders: ReadonlyMap<string, readonly string[]>;
  /** Ids that were set aside when the mesh state was last looked at. */
  aside: Set<string>;
  grantsFrom: number;
  tickedAt: number;
  /** While so many are silent that this node may be the one that is cut off: until when nothing is granted or ended. */
  suspectUntil: number;
  suspected: boolean;
  /** Counts jobs and claims. */
  orders: number;
}

export function emptySchedule(mesh: MeshState, now: number, adoptionMs: number): Schedule {
  return {
    mesh,
    leases: new Map(),
    jobs: new Map(),
    nodes: new Map(),
    working: 0,
    turn: new Heap(goesFirst),
    lightTurn: new Heap(goesFirst),
    claims: new Map(),
    slots: new Heap(inOrder),
    lights: new Heap(inOrder),
    expiry: new Heap((a, b) => a.dueAt < b.dueAt),
    slow: new Heap((a, b) => a.lateAt < b.lateAt),
    resting: new Heap((a, b) => a.restUntil < b.restUntil),
    kinds: new Map(),
    live: new Set(),
    able: new Set(),
    encoders: new Map(),
    aside: new Set(),
    grantsFrom: now + adoptionMs,
    tickedAt: now,
    suspectUntil: now,
    suspected: false,
    orders: 0,
  };
}

/** When a lease ends if nothing more is heard of it. */
export function endOf(lease: Lease): number {
  return Math.min(lease.expiresAt, lease.progressAt + patience(lease));
}

/** Milliseconds without progress that are no hang yet. */
export function patience(lease: Lease): number {
  if (lease.progress > 0) return HANG_MS;
  return lease.linear ? LINEAR_START_MS : START_MS;
}

/** Priority classes first; within one, the job with the fewest leases, and the older one among equals. */
function goesFirst(a: JobBook, b: JobBook): boolean {
  if (a.priority !== b.priority) return a.priority > b.priority;
  if (a.leases.size !== b.leases.size) return a.leases.size < b.leases.size;
  return a.order < b.order;
}

function inOrder(a: Claim, b: Claim): boolean {
  return a.order < b.order;
}
