/** Fetches from other nodes: blobs into this node's store, and cut chunks into files. */
import { Agent } from "node:http";
import { ReelmeshError, toReelmeshError } from "../../core/errors.js";
import type { BlobReference } from "../../core/work.js";
import type { Arrival } from "./arrival.js";
import { fetchCut, fetchInits } from "./cut-fetch.js";
import { type FlightStore, Flights, type Pulled } from "./flights.js";
import { joinSignals } from "./signals.js";

export interface BlobClient {
  /**
   * Brings a blob into the store and owns it; at once when it is there. Sources are "host:port" of peers' listeners,
   * preferred ones first. A source that fails in the middle is continued on the next at the same byte; bytes that are
   * not what the name says are fetched anew elsewhere. UNAVAILABLE with each source's reason when none gave it;
   * ABORTED; what the store throws.
   */
  pull(blob: BlobReference, sources: string[], owner: string, signal: AbortSignal): Promise<void>;
  /**
   * Brings a blob into the store as `pull` does, for readers who do not wait until it is there; undefined when it is.
   * The pull goes on when the one who asked first goes away. UNAVAILABLE when nobody gives a byte of it.
   */
  arriving(
    blob: BlobReference,
    sources: string[],
    owner: string,
    signal: AbortSignal,
  ): Promise<Pick<Arrival, "read"> | undefined>;
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
  /** What has come from other nodes since the start. */
  readonly pulled: Readonly<Pulled>;
  /** Ends all that is under way (ABORTED) and every connection. */
  close(): Promise<void>;
}

export interface BlobClientOptions {
  store: FlightStore;
  /** Milliseconds without a byte after which a source is given up. Default 15,000. */
  stallMs?: number;
  /** Milliseconds that a node may take to cut a chunk before it sends the first byte. Default 60,000. */
  cutMs?: number;
}

/** Milliseconds that a node may take to decode a source up to a chunk; the coordinator waits as long. */
const LINEAR_CUT_MS = 1_800_000;

export function createBlobClient({ store, stallMs = 15_000, cutMs = 60_000 }: BlobClientOptions): BlobClient {
  const agent = new Agent({ keepAlive: true });
  const flights = new Flights(store, agent, stallMs);
  const running = new Set<Promise<unknown>>();
  const closing = new AbortController();

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
    pull: (blob, sources, owner, signal) => track(signal, (both) => flights.pull(blob, sources, owner, both)),
    arriving: (blob, sources, owner, signal) =>
      track(signal, (both) => flights.arriving(blob, sources, owner, both, closing.signal)),
    fetchCut: (source, plan, task, file, signal, linear = false) => {
      const path = `/${linear ? "linear-cuts" : "cuts"}/${plan}/${encodeURIComponent(task)}`;
      const waitMs = linear ? LINEAR_CUT_MS : cutMs;
      return track(signal, (both) => fetchCut({ agent, stallMs }, source, path, waitMs, file, both));
    },
    fetchInits: (source, plan, signal) =>
      track(signal, (both) => fetchInits({ agent, stallMs }, source, `/inits/${plan}`, both)),
    pulled: flights.pulled,
    async close() {
      closing.abort();
      await Promise.allSettled(running);
      await flights.idle();
      agent.destroy();
    },
  };
}
