/** What the tasks share: the store, the peers, and the rule that a result has two homes before it is reported. */
import { ReelmeshError } from "../../core/errors.js";
import type { Plan } from "../../core/media.js";
import type { BlobStore } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";

/** Tries at finding a peer for the second copy before a result goes with one. */
const COPY_TRIES = 3;

export interface TaskContext {
  nodeId: string;
  store: BlobStore;
  pull(reference: BlobReference, sources: string[], owner: string, signal: AbortSignal): Promise<void>;
  /** Peer HTTP addresses, the holders' first. */
  sources(holders: string[]): string[];
  /** Ids and gRPC addresses of live peers in the order in which to ask them for a second copy of what is named. */
  copyTargets(key: string): { id: string; grpc: string }[];
  /** Asks a peer to pull blobs; settles when they are safe there. */
  hold(grpc: string, blobs: BlobReference[], job: string, holders: string[], signal: AbortSignal): Promise<void>;
  /** What a peer that holds a plan and its source makes of the init segments: see init-segments.ts. */
  fetchInits(peer: string, plan: string, signal: AbortSignal): Promise<Record<string, string>>;
  report(event: string, details: Record<string, unknown>): void;
}

/** What it takes to hold and read what others made. */
export type BlobContext = Pick<TaskContext, "store" | "pull" | "sources">;

/** What a second copy takes. */
export type CopyContext = Pick<TaskContext, "nodeId" | "copyTargets" | "hold" | "report">;

export function jobOwner(job: string): string {
  return `job:${job}`;
}

/** Makes sure that this node holds a blob, and holds it whole, pulling it from its holders where it must. */
export async function ensureHeld(
  context: BlobContext,
  reference: BlobReference,
  job: string,
  holders: string[],
  signal: AbortSignal,
): Promise<void> {
  const { store } = context;
  const { sha256 } = reference;
  if ((await store.own(sha256, jobOwner(job))) && (await wholePath(store, sha256)) !== undefined) return;
  await context.pull(reference, context.sources(holders), jobOwner(job), signal);
}

/** Where a blob's file is; undefined when it is not held, which it may only now turn out not to be. */
export async function wholePath(store: Pick<BlobStore, "path">, sha256: string): Promise<string | undefined> {
  try {
    return await store.path(sha256);
  } catch (error) {
    if (error instanceof ReelmeshError && error.code === "NOT_FOUND") return undefined;
    throw error;
  }
}

/** A JSON blob, pulled where it is not held. */
export async function readJson<T>(
  context: BlobContext,
  reference: BlobReference,
  job: string,
  holders: string[],
  signal: AbortSignal,
): Promise<T> {
  await ensureHeld(context, reference, job, holders, signal);
  return JSON.parse(new TextDecoder().decode(await context.store.read(reference.sha256))) as T;
}

export function readPlan(
  context: TaskContext,
  plan: BlobReference | null,
  job: string,
  holders: string[],
  signal: AbortSignal,
): Promise<Plan> {
  if (plan === null) throw new ReelmeshError("INTERNAL", `a task of job ${job} names no plan`);
  return readJson<Plan>(context, plan, job, holders, signal);
}

export async function putBytes(context: TaskContext, bytes: Uint8Array | string, job: string): Promise<BlobReference> {
  const content = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  return context.store.put(only(content), jobOwner(job));
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}

/**
 * Gives blobs their second home and returns the ids of the nodes that hold them, this one first. What is reported to
 * the coordinator survives the loss of one machine from then on; a node that is alone keeps its only copy.
 */
export async function copyToPeer(
  context: CopyContext,
  blobs: BlobReference[],
  job: string,
  signal: AbortSignal,
): Promise<string[]> {
  const key = blobs[0]?.sha256 ?? job;
  for (let tries = 0; tries < COPY_TRIES && !signal.aborted; tries++) {
    const target = context.copyTargets(key)[tries];
    if (target === undefined) break;
    try {
      await context.hold(target.grpc, blobs, job, [context.nodeId], signal);
      return [context.nodeId, target.id];
    } catch (error) {
      if (signal.aborted) throw error;
      context.report("second copy failed", { job, peer: target.id, reason: String(error) });
    }
  }
  return [context.nodeId];
}
