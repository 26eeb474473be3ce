/**
 * The bytes of a blob while they come from a peer, for any number of readers at once. They are in memory until the blob
 * is in the store, once for all; from then on readers go on from its file, so that a slow one holds nothing up.
 *
 * What a reader gets is not verified yet, but for its end: the last bytes of each reading wait until the blob's hash is
 * known to be right. A reader who has got bytes of a try that proved wrong ends with an error, so that a client sees a
 * broken answer and never a whole one.
 */
import { createReadStream } from "node:fs";
import { ReelmeshError } from "../../core/errors.js";
import { onAbort } from "../../core/on-abort.js";
import type { BlobReference } from "../../core/work.js";
import type { ByteRange } from "./byte-range.js";

/** Bytes at the end of a reading that wait for the verdict. */
const HELD_BACK = 16 * 1024;
/** Of a larger blob nothing is kept in memory: its readers wait for the file. */
const LARGEST_KEPT = 32 * 1024 * 1024;

export class Arrival {
  readonly #blob: BlobReference;
  readonly #path: (sha256: string) => Promise<string>;
  readonly #isKept: boolean;
  #chunks: { from: number; bytes: Uint8Array }[] = [];
  #length = 0;
  /** Counts the times that the bytes began anew because they were wrong. */
  #tries = 0;
  #state: "arriving" | "whole" | "failed" = "arriving";
  #failure: unknown;
  #waiting: (() => void)[] = [];

  /**
   * `path`: where the blob's file is, once it is in the store. `isWatched`: somebody reads from the start; otherwise
   * nothing is kept in memory, and who comes nevertheless waits for the file.
   */
  constructor(blob: BlobReference, path: (sha256: string) => Promise<string>, isWatched: boolean) {
    this.#blob = blob;
    this.#path = path;
    this.#isKept = isWatched && blob.bytes <= LARGEST_KEPT;
  }

  /**
   * Passes on what a source gives and keeps it for the readers; called again, it begins anew. `came` is told of the
   * bytes of each piece.
   */
  async *keep(source: AsyncIterable<Uint8Array>, came: (bytes: number) => void): AsyncGenerator<Uint8Array> {
    this.#chunks = [];
    this.#length = 0;
    this.#tries += 1;
    for await (const bytes of source) {
      if (this.#isKept) this.#chunks.push({ from: this.#length, bytes });
      this.#length += bytes.byteLength;
      came(bytes.byteLength);
      this.#wake();
      yield bytes;
    }
  }

  /** The blob is in the store, verified. */
  succeed(): void {
    this.#state = "whole";
    this.#chunks = [];
    this.#wake();
  }

  fail(reason: unknown): void {
    this.#state = "failed";
    this.#failure = reason;
    this.#chunks = [];
    this.#wake();
  }

  /** Resolves when there are bytes to read; throws why there will be none, or the signal's reason. */
  async begun(signal: AbortSignal): Promise<void> {
    while (this.#state === "arriving" && this.#length === 0) await this.#change(signal);
    if (this.#state === "failed") throw this.#failure;
  }

  /** The bytes of a range. CORRUPT when what was passed on has proved wrong; why the rest did not come. */
  async *read({ first, last }: ByteRange, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const unverified = last + 1 - HELD_BACK;
    let at = first;
    let tries = this.#tries;
    for (let next = 0; this.#state === "arriving"; ) {
      if (tries !== this.#tries) {
        if (at > first) throw this.#wrong();
        [tries, next] = [this.#tries, 0];
      }
      const chunk = at < unverified ? this.#chunks[next] : undefined;
      if (chunk === undefined) await this.#change(signal);
      else {
        const piece = chunk.bytes.subarray(Math.max(0, at - chunk.from), Math.max(0, unverified - chunk.from));
        if (chunk.from + chunk.bytes.byteLength <= at + piece.byteLength) next += 1;
        if (piece.byteLength === 0) continue;
        at += piece.byteLength;
        yield piece;
      }
    }
    if (this.#state === "failed") throw this.#failure;
    if (tries !== this.#tries && at > first) throw this.#wrong();
    yield* createReadStream(await this.#path(this.#blob.sha256), { start: at, end: last });
  }

  #wrong(): ReelmeshError {
    const message = `the first bytes that came of blob ${this.#blob.sha256} were not its own: ask again`;
    return new ReelmeshError("CORRUPT", message);
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #change(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        forget();
        resolve();
      };
      const forget = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(settle), 1);
        reject(signal.reason);
      });
      this.#waiting.push(settle);
    });
  }
}
