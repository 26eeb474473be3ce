/**
 * Buffers that files are read into, one a connection, used again and again. While few are out they are large, which
 * costs the fewest system calls a byte; many slow clients at once get small ones, so that what they hold stays bounded.
 */

const LARGE_BYTES = 256 * 1024;
const SMALL_BYTES = 64 * 1024;
/** Bytes in large pieces that may be out at once; beyond them pieces are small. */
const LARGE_BUDGET = 32 * 1024 * 1024;
/** Pieces of a size that are kept for the next file. */
const KEPT = 32;

export class Pieces {
  readonly #free = new Map<number, Buffer[]>([
    [LARGE_BYTES, []],
    [SMALL_BYTES, []],
  ]);
  #largeOut = 0;

  /** A piece for a file, or a part, of so many bytes. Its content is whatever was read into it last. */
  take(bytes: number): Buffer {
    const size = bytes > SMALL_BYTES && this.#largeOut < LARGE_BUDGET ? LARGE_BYTES : SMALL_BYTES;
    if (size === LARGE_BYTES) this.#largeOut += size;
    return this.#free.get(size)?.pop() ?? Buffer.allocUnsafeSlow(size);
  }

  /** `clean`: nobody reads it any more, and it may be used again. */
  give(piece: Buffer, clean: boolean): void {
    if (piece.length === LARGE_BYTES) this.#largeOut -= piece.length;
    const free = this.#free.get(piece.length);
    if (clean && free !== undefined && free.length < KEPT) free.push(piece);
  }
}
