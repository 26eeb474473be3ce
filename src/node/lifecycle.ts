/** Ordered start, reverse stop: each part that starts leaves behind how it is stopped. */
import { toReelmeshError } from "../core/errors.js";

export class Lifecycle {
  readonly #stops: { name: string; stop: () => Promise<void> | void }[] = [];
  #stopping: Promise<void> | undefined;
  readonly #report: (event: string, details: Record<string, unknown>) => void;

  constructor(report: (event: string, details: Record<string, unknown>) => void) {
    this.#report = report;
  }

  /** Notes how to stop what has just started. */
  onStop(name: string, stop: () => Promise<void> | void): void {
    this.#stops.push({ name, stop });
  }

  /** Stops everything, last started first; an error in one is reported and the others go on. Safe to call again. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    for (let last = this.#stops.pop(); last !== undefined; last = this.#stops.pop()) {
      try {
        await last.stop();
      } catch (error) {
        this.#report("stopping failed", { part: last.name, reason: toReelmeshError(error).message });
      }
    }
  }
}
