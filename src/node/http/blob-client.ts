/** Fetches from other nodes: blobs into this node's store, and cut chunks into files. */
import { setMaxListeners } from "node:events";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Agent } from "node:http";
import { pipeline } from "node:stream/promises";
import { ReelmeshError, toReelmeshError } from "../../core/errors.js";
import type { BlobStore } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import { BlobPull, type Connections } from "./blob-pull.js";
import { bodyOf, peerError, requestPeer } from "./peer-request.js";
import { Semaphore } from "./semaphore.js";

export interface BlobClient {
  /**
   * Brings a blob into the store and owns it; at once when it is there. Sources are "host:port" of peers' listeners,
   * preferred ones first. A source that fails in the middle is continued on the next at the same byte; bytes that are
   * not what the name says are fetched anew elsewhere. UNAVAILABLE with each source's reason when none gave it;
   * ABORTED; what the store throws.
   */
  pull(blob: BlobReference, sources: string[], owner: string, signal: AbortSignal): Promise<void>;
  /**
   * Has a node that holds the plan's source cut a task's chunk and writes it to the file, complete or not at all.
   * `linear`: from a decoding that begins at the source's start. Throws what the node answered; UNAVAILABLE when it is
   * away.
   */
  fetchCut(
    source: string,
    plan: string,
    task: string,
    file: string,
    signal: AbortSignal,
    linear?: boolean,
  ): Promise<void>;
  /**
   * SHA-256 of the init segments that a node which holds the plan and its source makes for it, by rendition. Throws what
   * the node answered; UNAVAILABLE when it is away.
   */
  fetchInits(source: string, plan: string, signal: AbortSignal): Promise<Record<string, string>>;
  /** Ends all that is under way (ABORTED) and every connection. */
  close(): Promise<void>;
}

export interface BlobClientOptions {
  store: Pick<BlobStore, "own" | "put">;
  /** Milliseconds without a byte after which a source is given up. Default 15,000. */
  stallMs?: number;
  /** Milliseconds that a node may take to cut a chunk before it sends the first byte. Default 60,000. */
  cutMs?: number;
}

const PULLS_AT_ONCE = 4;
/** Milliseconds that a node may take to decode a source up to a chunk; the coordinator waits as long. */
const LINEAR_CUT_MS = 1_800_000;
/** Milliseconds that a node may take to cut a chunk and to encode its first frame. */
const INITS_MS = 30_000;

export function createBlobClient({ store, stallMs = 15_000, cutMs = 60_000 }: BlobClientOptions): BlobClient {
  const connections: Connections = { agent: new Agent({ keepAlive: true }), stallMs, slots: new Map() };
  const { agent } = connections;
  const pulls = new Semaphore(PULLS_AT_ONCE);
  const inFlight = new Map<string, Promise<void>>();
  const running = new Set<Promise<unknown>>();
  const closing = new AbortController();

  async function pull(blob: BlobReference, sources: string[], owner: string, signal: AbortSignal): Promise<void> {
    const { sha256 } = blob;
    while (!(await store.own(sha256, owner))) {
      signal.throwIfAborted();
      const other = inFlight.get(sha256);
      if (other === undefined) {
        const own = pullNow(blob, sources, owner, signal).finally(() => inFlight.delete(sha256));
        inFlight.set(sha256, own);
        return own;
      }
      // Whatever becomes of the other's pull: afterwards the blob is here, or it is our turn with our own sources.
      await untilAborted(
        other.catch(() => undefined),
        signal,
      );
    }
  }

  async function pullNow(blob: BlobReference, sources: string[], owner: string, signal: AbortSignal): Promise<void> {
    await pulls.acquire(signal);
    try {
      await putFrom(store, blob, new BlobPull(blob, connections, signal), sources, owner, signal);
    } finally {
      pulls.release();
    }
  }

  async function fetchInits(source: string, path: string, signal: AbortSignal): Promise<Record<string, string>> {
    try {
      const response = await requestPeer({ source, path, waitMs: INITS_MS, agent, signal });
      if (response.statusCode !== 200) throw await peerError(response, stallMs);
      const bytes: Buffer[] = [];
      for await (const chunk of bodyOf(response, stallMs)) bytes.push(chunk);
      return JSON.parse(Buffer.concat(bytes).toString()) as Record<string, string>;
    } catch (cause) {
      if (cause instanceof ReelmeshError) throw cause;
      throw new ReelmeshError("UNAVAILABLE", `${source} did not answer ${path}: ${String(cause)}`, { cause });
    }
  }

  async function fetchCut(
    source: string,
    path: string,
    waitMs: number,
    file: string,
    signal: AbortSignal,
  ): Promise<void> {
    const response = await requestPeer({ source, path, waitMs, agent, signal }).catch((cause: unknown) => {
      throw new ReelmeshError("UNAVAILABLE", `${source} did not answer ${path}: ${String(cause)}`, { cause });
    });
    if (response.statusCode !== 200) throw await peerError(response, stallMs);
    const expected = Number(response.headers["content-length"]);
    try {
      const output = createWriteStream(file);
      await pipeline(bodyOf(response, stallMs), output, { signal });
      if (output.bytesWritten !== expected) throw new Error(`${output.bytesWritten} of ${expected} bytes arrived`);
    } catch (cause) {
      await rm(file, { force: true });
      throw cutFailure(source, path, cause);
    }
  }

  /** Runs a task with a signal that `close` fires too, and makes `close` wait for it. */
  async function track<T>(signal: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const both = joinSignals(signal, closing.signal);
    const work = task(both.signal);
    running.add(work);
    try {
      return await work;
    } catch (thrown) {
      if (!both.signal.aborted) throw toReelmeshError(thrown);
      throw new ReelmeshError("ABORTED", "fetching from other nodes was stopped on request", { cause: thrown });
    } finally {
      both.release();
      running.delete(work);
    }
  }

  return {
    pull: (blob, sources, owner, signal) => track(signal, (both) => pull(blob, sources, owner, both)),
    fetchCut: (source, plan, task, file, signal, linear = false) => {
      const path = `/${linear ? "linear-cuts" : "cuts"}/${plan}/${encodeURIComponent(task)}`;
      return track(signal, (both) => fetchCut(source, path, linear ? LINEAR_CUT_MS : cutMs, file, both));
    },
    fetchInits: (source, plan, signal) => track(signal, (both) => fetchInits(source, `/inits/${plan}`, both)),
    async close() {
      closing.abort();
      await Promise.allSettled(running);
      agent.destroy();
    },
  };
}

async function putFrom(
  store: Pick<BlobStore, "put">,
  blob: BlobReference,
  pull: BlobPull,
  sources: string[],
  owner: string,
  signal: AbortSignal,
): Promise<void> {
  const options = { expect: blob, signal };
  const unique = [...new Set(sources)];
  const corrupt = await store.put(pull.from(unique), owner, options).then(() => undefined, keepCorrupt);
  if (corrupt === undefined) return;
  // One of those that gave bytes lied or has a bad disk. Alone, each shows whether it was the one; if it was alone
  // already, it is known.
  const suspects = [...pull.contributors];
  for (const source of suspects) pull.failures.set(source, "its bytes are not those of the name");
  const others = unique.filter((source) => !suspects.includes(source));
  for (const source of suspects.length > 1 ? [...others, ...suspects] : others) {
    try {
      await store.put(pull.from([source]), owner, options);
      return;
    } catch (thrown) {
      if (!(thrown instanceof ReelmeshError) || !["CORRUPT", "UNAVAILABLE"].includes(thrown.code)) throw thrown;
      if (thrown.code === "CORRUPT") pull.failures.set(source, "its bytes are not those of the name");
    }
  }
  throw pull.unavailable();
}

function keepCorrupt(thrown: unknown): ReelmeshError {
  if (thrown instanceof ReelmeshError && thrown.code === "CORRUPT") return thrown;
  throw thrown;
}

function cutFailure(source: string, path: string, cause: unknown): ReelmeshError {
  const onDisk = ["open", "write"].includes((cause as NodeJS.ErrnoException).syscall ?? "");
  const code = onDisk ? "ENVIRONMENT" : "UNAVAILABLE";
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new ReelmeshError(code, `${path} of ${source} was not fetched: ${reason}`, { cause });
}

/** Waits for a promise, or throws the signal's reason. */
async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A signal that fires with the first of two; unlike AbortSignal.any, it leaves no trace on them once released. */
function joinSignals(first: AbortSignal, second: AbortSignal): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  // A node's own stop signal is listened to by all that it does at the time, which is no leak.
  setMaxListeners(0, first, second);
  for (const signal of [first, second]) signal.addEventListener("abort", abort, { once: true });
  if (first.aborted || second.aborted) abort();
  const release = (): void => {
    for (const signal of [first, second]) signal.removeEventListener("abort", abort);
  };
  return { signal: controller.signal, release };
}
