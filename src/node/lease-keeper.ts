/** Keeps the leases of everything that a worker runs, with one call for all of them. */
import type { Clock } from "../core/ports.js";
import type { Progress, WorkLease } from "./worker.js";

/** After a call that failed. */
const RETRY_MS = 500;

export interface RenewalPort {
  /** Ids of the leases that are not wanted any more, and when to ask again. UNAVAILABLE or NOT_COORDINATOR: ask again. */
  renew(leases: RunningLease[]): Promise<{ unwanted: string[]; renewAfterMs: number }>;
}

export interface RunningLease {
  readonly lease: WorkLease;
  readonly progress: Progress;
}

export class LeaseKeeper {
  readonly #port: RenewalPort;
  readonly #clock: Pick<Clock, "sleep">;
  /** What is kept, and whom to tell that it is not wanted. */
  readonly #kept = new Map<RunningLease, () => void>();
  #wait = 0;
  /** Ends the wait when nothing is kept any more. */
  #rest = new AbortController();
  #round: Promise<void> = Promise.resolve();
  #loop: Promise<void> | undefined;

  constructor(port: RenewalPort, clock: Pick<Clock, "sleep">) {
    this.#port = port;
    this.#clock = clock;
  }

  /** Renews the lease until it is let go, with the progress that the object has then. */
  keep(running: RunningLease, unwanted: () => void): void {
    this.#kept.set(running, unwanted);
    if (this.#kept.size === 1) this.#wait = running.lease.renewAfterMs;
    this.#loop ??= this.#run();
  }

  /** Settles when no renewal that may name it is under way. */
  letGo(running: RunningLease): Promise<void> {
    this.#kept.delete(running);
    if (this.#kept.size === 0) this.#rest.abort();
    return this.#round;
  }

  /** Settles when nothing is kept, and no call is under way. */
  async idle(): Promise<void> {
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (this.#kept.size > 0) {
      this.#rest = new AbortController();
      const { signal } = this.#rest;
      await this.#clock.sleep(this.#wait, signal);
      if (signal.aborted) continue;
      this.#round = this.#renew();
      await this.#round;
    }
    this.#loop = undefined;
  }

  async #renew(): Promise<void> {
    const kept = [...this.#kept.keys()];
    try {
      const { unwanted, renewAfterMs } = await this.#port.renew(kept);
      this.#wait = renewAfterMs;
      const ids = new Set(unwanted);
      for (const one of kept) if (ids.has(one.lease.id)) this.#kept.get(one)?.();
    } catch {
      this.#wait = RETRY_MS;
    }
  }
}
