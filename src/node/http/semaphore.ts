/** Letting a number of tasks run at once; the others wait their turn. */
import { onAbort } from "../../core/on-abort.js";

export interface Permit {
  /** Gives it back; a second time nothing happens. */
  release(): void;
}

export class Semaphore {
  readonly #waiting: (() => void)[] = [];
  #free: number;

  constructor(permits: number) {
    this.#free = permits;
  }

  get free(): number {
    return this.#free;
  }

  /** Waits for a permit; throws the signal's reason when it fires first. */
  async acquire(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const grant = (): void => {
        forget();
        resolve();
      };
      const forget = onAbort(signal, () => {
        this.#waiting.splice(this.#waiting.indexOf(grant), 1);
        reject(signal.reason);
      });
      this.#waiting.push(grant);
    });
  }

  /** As `acquire`; for who may give it back in one of several places. */
  async take(signal: AbortSignal): Promise<Permit> {
    await this.acquire(signal);
    let isOut = true;
    return {
      release: () => {
        if (isOut) this.release();
        isOut = false;
      },
    };
  }

  /** Gives a permit back, to the one that has waited longest. */
  release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}
