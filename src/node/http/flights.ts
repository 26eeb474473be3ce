/**
 * Blobs on their way to this node, each once for all who want it. Those that viewers wait for have permits of their
 * own, so that they do not queue behind a whole asset.
 */
import type { Agent } from "node:http";
import { ReelmeshError } from "../../core/errors.js";
import type { BlobStore } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import { Arrival } from "./arrival.js";
import { BlobPull, type Connections } from "./blob-pull.js";
import { type Permit, Semaphore } from "./semaphore.js";
import { untilAborted } from "./signals.js";

const PULLS_AT_ONCE = 4;

export type FlightStore = Pick<BlobStore, "own" | "put" | "find" | "path">;

/** Blobs and bytes that came from other nodes since the start, those of tries that failed included. */
export interface Pulled {
  blobs: number;
  bytes: number;
}

interface Lane {
  permits: Semaphore;
  connections: Connections;
}

interface Flight {
  arrival: Arrival;
  /** Settles when the blob is in the store. */
  done: Promise<void>;
  forViewers: boolean;
}

export class Flights {
  readonly #store: FlightStore;
  readonly #background: Lane;
  readonly #viewers: Lane;
  readonly #inFlight = new Map<string, Flight>();
  readonly pulled: Pulled = { blobs: 0, bytes: 0 };

  constructor(store: FlightStore, agent: Agent, stallMs: number) {
    this.#store = store;
    const lane = () => ({
      permits: new Semaphore(PULLS_AT_ONCE),
      connections: { agent, stallMs, slots: new Map<string, Semaphore>() },
    });
    [this.#background, this.#viewers] = [lane(), lane()];
  }

  /** See BlobClient. */
  async pull(blob: BlobReference, sources: string[], owner: string, signal: AbortSignal): Promise<void> {
    const { sha256 } = blob;
    while (!(await this.#store.own(sha256, owner))) {
      signal.throwIfAborted();
      const other = this.#inFlight.get(sha256);
      if (other === undefined) return this.#begin(blob, sources, owner, signal, false).done;
      // Whatever becomes of the other's pull: afterwards the blob is here, or it is our turn with our own sources.
      await untilAborted(
        other.done.catch(() => undefined),
        signal,
      );
    }
  }

  /** See BlobClient. `ends`: ends the pull itself, which goes on when who asked goes away. */
  async arriving(
    blob: BlobReference,
    sources: string[],
    owner: string,
    signal: AbortSignal,
    ends: AbortSignal,
  ): Promise<Arrival | undefined> {
    while ((await this.#store.find(blob.sha256)) === undefined) {
      signal.throwIfAborted();
      const other = this.#inFlight.get(blob.sha256);
      const { arrival } = other ?? this.#begin(blob, sources, owner, ends, true);
      try {
        await arrival.begun(signal);
        return arrival;
      } catch (error) {
        // A pull for the background has sources and a signal of its own; what viewers got is everybody's answer.
        if (signal.aborted || (other?.forViewers ?? true)) throw error;
      }
    }
    return undefined;
  }

  /** Resolves when nothing is on its way any more. */
  async idle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.allSettled([...this.#inFlight.values()].map(({ done }) => done));
  }

  #begin(blob: BlobReference, sources: string[], owner: string, signal: AbortSignal, forViewers: boolean): Flight {
    const arrival = new Arrival(blob, (sha256) => this.#store.path(sha256), forViewers);
    const done = this.#fly(blob, arrival, sources, owner, signal, forViewers ? this.#viewers : this.#background)
      .then(
        () => arrival.succeed(),
        (reason: unknown) => {
          arrival.fail(reason);
          throw reason;
        },
      )
      .finally(() => this.#inFlight.delete(blob.sha256));
    // Who waits for it hears of its failure.
    done.catch(() => undefined);
    const flight = { arrival, done, forViewers };
    this.#inFlight.set(blob.sha256, flight);
    return flight;
  }

  async #fly(
    blob: BlobReference,
    arrival: Arrival,
    sources: string[],
    owner: string,
    signal: AbortSignal,
    { permits, connections }: Lane,
  ): Promise<void> {
    const pull = new BlobPull(blob, connections, signal);
    const put = async (from: string[]) => {
      const permit = await permits.take(signal);
      try {
        // A permit is for the network: while the disk makes a blob durable, the next one comes.
        const bytes = thenRelease(pull.from(from), permit);
        const kept = arrival.keep(bytes, (length) => {
          this.pulled.bytes += length;
        });
        await this.#store.put(kept, owner, { expect: blob, signal });
      } finally {
        permit.release();
      }
    };
    await putFrom(put, pull, sources);
    this.pulled.blobs += 1;
  }
}

async function* thenRelease(bytes: AsyncIterable<Uint8Array>, permit: Permit): AsyncGenerator<Uint8Array> {
  yield* bytes;
  permit.release();
}

async function putFrom(put: (sources: string[]) => Promise<void>, pull: BlobPull, sources: string[]): Promise<void> {
  const unique = [...new Set(sources)];
  const corrupt = await put(unique).then(() => undefined, keepCorrupt);
  if (corrupt === undefined) return;
  // One of those that gave bytes lied or has a bad disk. Alone, each shows whether it was the one; if it was alone
  // already, it is known.
  const suspects = [...pull.contributors];
  for (const source of suspects) pull.failures.set(source, "its bytes are not those of the name");
  const others = unique.filter((source) => !suspects.includes(source));
  for (const source of suspects.length > 1 ? [...others, ...suspects] : others) {
    try {
      await put([source]);
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
