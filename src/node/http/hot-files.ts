/**
 * Segments that many ask for at once, whole in memory: one write gives a client all of it, where reading from the disk
 * costs a change of threads for each piece. What is here was compared with its name when it was read.
 *
 *   asked once    remembered by name alone: most files of a long film are not asked for again soon
 *   asked again   read and compared, once for all who wait for it
 *   held          sent from memory, for a minute at most: then it is read anew, so that the store hears that it is used
 *   let go        for others, or after its minute; clients that still take it keep its memory until they have it
 *
 * What is held has a limit. What was let go and is still being taken has one too: at it nothing new comes in, and slow
 * clients cost no more memory, whatever they ask for.
 */
import type { ServerResponse } from "node:http";
import { LRUCache } from "lru-cache";

export interface HotFileLimits {
  /** Bytes of all that is held. */
  heldBytes: number;
  /** Bytes of all that was let go while clients still take it. */
  leavingBytes: number;
}

interface AskedFile {
  sha256: string;
  bytes: number;
}

/** Larger ones would push out too many others. */
const LARGEST_BYTES = 8 * 1024 * 1024;
const HELD_MS = 60_000;
/** Names of what was asked for once. */
const REMEMBERED = 1_024;
/** Reads at once; beyond them clients are served from the disk. */
const READS = 4;

class Held {
  readonly bytes: Buffer;
  takers = 0;
  isLeaving = false;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

export class HotFiles {
  readonly #limits: HotFileLimits;
  readonly #asked = new LRUCache<string, true>({ max: REMEMBERED });
  readonly #held: LRUCache<string, Held>;
  readonly #coming = new Map<string, Promise<Held>>();
  #leavingBytes = 0;

  constructor(limits: HotFileLimits) {
    this.#limits = limits;
    this.#held = new LRUCache({
      maxSize: limits.heldBytes,
      sizeCalculation: ({ bytes }) => bytes.length,
      ttl: HELD_MS,
      dispose: (held) => this.#leave(held),
    });
  }

  /** A file's bytes, which stay in memory until the response has ended; undefined where they are not held. */
  take(sha256: string, response: ServerResponse): Buffer | undefined {
    const held = this.#held.get(sha256);
    return held === undefined ? undefined : this.#give(held, response);
  }

  /**
   * As `take`, of one that is not held, when it is asked for often enough; undefined where it is to be sent from the disk.
   * `read` gives the whole file, compared with its name; what it throws comes from here.
   */
  async admit(file: AskedFile, response: ServerResponse, read: () => Promise<Buffer>): Promise<Buffer | undefined> {
    const held = await this.#load(file, read);
    return held === undefined ? undefined : this.#give(held, response);
  }

  #load({ sha256, bytes }: AskedFile, read: () => Promise<Buffer>): Promise<Held> | undefined {
    const held = this.#held.get(sha256);
    if (held !== undefined) return Promise.resolve(held);
    const coming = this.#coming.get(sha256);
    if (coming !== undefined) return coming;
    if (bytes > LARGEST_BYTES || this.#coming.size >= READS) return undefined;
    if (!this.#asked.has(sha256)) {
      this.#asked.set(sha256, true);
      return undefined;
    }
    if (this.#leavingBytes > this.#limits.leavingBytes) return undefined;
    const loading = this.#read(sha256, read).finally(() => this.#coming.delete(sha256));
    this.#coming.set(sha256, loading);
    return loading;
  }

  async #read(sha256: string, read: () => Promise<Buffer>): Promise<Held> {
    const held = new Held(await read());
    this.#held.set(sha256, held);
    return held;
  }

  #give(held: Held, response: ServerResponse): Buffer {
    if (response.destroyed) return held.bytes;
    held.takers += 1;
    if (held.isLeaving && held.takers === 1) this.#leavingBytes += held.bytes.length;
    response.once("close", () => {
      held.takers -= 1;
      if (held.isLeaving && held.takers === 0) this.#leavingBytes -= held.bytes.length;
    });
    return held.bytes;
  }

  #leave(held: Held): void {
    held.isLeaving = true;
    if (held.takers > 0) this.#leavingBytes += held.bytes.length;
  }
}
