/** Files of blobs that nobody owns any more: whoever was given their path may still open them for a while. */

/** Files that go in one step while others wait. */
const STEP = 200;

export class Leaving {
  readonly #graceMs: number;
  readonly #remove: (sha256s: string[]) => Promise<void>;
  /** In the order in which they go; the time is that of the steady clock. */
  readonly #queue: { sha256: string; due: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(graceMs: number, remove: (sha256s: string[]) => Promise<void>) {
    this.#graceMs = graceMs;
    this.#remove = remove;
  }

  async add(sha256s: string[]): Promise<void> {
    if (this.#graceMs === 0) return this.#remove(sha256s);
    const due = performance.now() + this.#graceMs;
    for (const sha256 of sha256s) this.#queue.push({ sha256, due });
    this.#wait();
  }

  /** Nobody reads any more: all of them go. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    while (this.#queue.length > 0) await this.#remove(this.#queue.splice(0, STEP).map(({ sha256 }) => sha256));
  }

  #wait(): void {
    const first = this.#queue[0];
    if (first === undefined || this.#timer !== undefined) return;
    const look = () => void this.#look().catch(() => undefined);
    this.#timer = setTimeout(look, Math.max(0, first.due - performance.now())).unref();
  }

  async #look(): Promise<void> {
    const now = performance.now();
    const beyond = this.#queue.findIndex(({ due }) => due > now);
    const due = this.#queue.splice(0, Math.min(STEP, beyond < 0 ? STEP : beyond));
    this.#timer = undefined;
    this.#wait();
    // One that cannot be removed now is found by the next start.
    await this.#remove(due.map(({ sha256 }) => sha256));
  }
}
