/**
 * Tells of the beginning of an output while the rest of it is being written: first when there is a little, then whenever
 * there is twice as much. So a film of two hours is told of ten times, and viewers have half of what there is at least.
 * One telling at a time; one that failed is tried again when the output has grown.
 */

/** Tells of a file as it is, and returns how many seconds of it were told. */
type Tell = (file: string) => Promise<number>;

export class Beginning {
  readonly #tell: Tell;
  /** Seconds from which on the next telling is due. */
  #due: number;
  #telling: Promise<void> | undefined;

  /** `first`: seconds of the least that is worth telling. */
  constructor(tell: Tell, first = 0) {
    this.#tell = tell;
    // Twice: what was written last has not reached the file.
    this.#due = 2 * first;
  }

  /** The output is so far, in seconds. */
  reached(file: string, seconds: number): void {
    if (seconds < this.#due || this.#telling !== undefined) return;
    this.#telling = this.#tell(file)
      .then((told) => {
        this.#due = Math.max(this.#due, 2 * told);
      })
      .catch(() => {}) // viewers wait; the work does not
      .finally(() => {
        this.#telling = undefined;
      });
  }

  /** Settles when nothing is being told. */
  async end(): Promise<void> {
    await this.#telling;
  }
}
