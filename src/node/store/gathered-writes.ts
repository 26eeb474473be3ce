/**
 * Writes the pieces of a stream to the end of a file, many at once. What comes from a socket comes in pieces of 64 KiB
 * and less, and to hand each to another thread and wait for it costs more than the writing. While one write is under
 * way, the next is gathered: at most twice GATHERED bytes are in memory.
 */
import { written } from "../file-calls.js";

const GATHERED_BYTES = 512 * 1024;

export class GatheredWrites {
  readonly #descriptor: number;
  #pieces: Uint8Array[] = [];
  #bytes = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** The piece must not change afterwards. Throws what an earlier write threw. */
  async add(piece: Uint8Array): Promise<void> {
    this.#pieces.push(piece);
    this.#bytes += piece.byteLength;
    if (this.#bytes >= GATHERED_BYTES) await this.#write();
  }

  /** Resolves when everything is with the system. */
  async finish(): Promise<void> {
    await this.#write();
    await this.#running;
  }

  /** Resolves when nothing is under way any more, whatever came of it. */
  async settle(): Promise<void> {
    await this.#running.catch(() => undefined);
  }

  /** Begins to write what is gathered, after what was written before. */
  async #write(): Promise<void> {
    await this.#running;
    const [pieces, bytes] = [this.#pieces, this.#bytes];
    [this.#pieces, this.#bytes] = [[], 0];
    if (bytes === 0) return;
    this.#running = writeAll(this.#descriptor, pieces, bytes);
    // Whoever writes next, or finishes, hears of its failure.
    this.#running.catch(() => undefined);
  }
}

async function writeAll(descriptor: number, pieces: Uint8Array[], bytes: number): Promise<void> {
  let done = await written(descriptor, pieces);
  if (done === bytes) return;
  // As much as there was room for, or a signal came between: the rest alone says why.
  const all = Buffer.concat(pieces);
  while (done < bytes) done += await written(descriptor, [all.subarray(done)]);
}
