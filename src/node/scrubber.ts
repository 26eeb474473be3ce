/**
 * Compares every held blob with its name again, now and then: a disk may change what nobody reads. The blob whose last
 * comparison is the longest ago comes first; that is in the store's index, so a restart goes on where it was. It reads
 * small pieces and pauses after each, so that others find the disk free.
 */
import type { BlobScrub, Clock } from "../core/ports.js";

/** Blobs that are looked up at once. */
const BATCH = 1_000;
/** Waits between two looks for what is due. */
const IDLE_MS = 30_000;
const LEAST_MS = 1_000;

interface Components {
  store: Pick<BlobScrub, "oldestVerified" | "verify">;
  /** Bytes a second; 0 turns it off. */
  rate: number;
  /** Milliseconds from one comparison of a blob to the next. */
  everyMs: number;
  clock: Pick<Clock, "sleep" | "wallClock">;
  report(event: string, details: Record<string, unknown>): void;
}

export class Scrubber {
  readonly #components: Components;
  readonly #stopped = new AbortController();
  #oldest = 0;
  #running: Promise<void> | undefined;
  #complaint = "";

  constructor(components: Components) {
    this.#components = components;
  }

  /** When the blob was compared whose comparison is the longest ago, as milliseconds since 1970; 0: never, or no blob. */
  get oldest(): number {
    return this.#oldest;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      const waitMs = await this.#round().catch((error: unknown) => this.#complain(error));
      await this.#components.clock.sleep(waitMs, signal);
    }
  }

  /** Compares what is due of a batch; returns for how long nothing is due. */
  async #round(): Promise<number> {
    const { store, rate, everyMs, clock } = this.#components;
    const batch = await store.oldestVerified(BATCH);
    this.#oldest = batch[0]?.verifiedAt ?? 0;
    if (rate === 0) return IDLE_MS;
    for (const { sha256, verifiedAt } of batch) {
      if (this.#stopped.signal.aborted) return 0;
      this.#oldest = verifiedAt;
      const dueMs = verifiedAt + everyMs - clock.wallClock();
      if (dueMs > 0) return Math.max(LEAST_MS, Math.min(IDLE_MS, dueMs));
      await store.verify(sha256, (bytes) => this.#pause(bytes));
    }
    this.#complaint = "";
    return batch.length < BATCH ? LEAST_MS : 0;
  }

  /** Throws what the signal was aborted with, so that a large file is not read to its end. */
  async #pause(bytes: number): Promise<void> {
    await this.#components.clock.sleep((bytes / this.#components.rate) * 1000, this.#stopped.signal);
    this.#stopped.signal.throwIfAborted();
  }

  /** Says once what is wrong, and waits. */
  #complain(error: unknown): number {
    const message = String(error);
    if (message !== this.#complaint && !this.#stopped.signal.aborted) {
      this.#components.report("blobs cannot be compared with their names now", { error });
    }
    this.#complaint = message;
    return IDLE_MS;
  }
}
