/** When blobs were last used: gathered in memory and written down together, now and then. */

/** After the first use that is not written down yet. */
const WRITE_MS = 30_000;

export class Uses {
  readonly #note: (used: Map<string, { usedAt: number }>) => Promise<void>;
  /** Milliseconds since 1970, since that was last written down. */
  #used = new Map<string, { usedAt: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(note: (used: Map<string, { usedAt: number }>) => Promise<void>) {
    this.#note = note;
  }

  add(sha256: string): void {
    this.#used.set(sha256, { usedAt: Date.now() });
    this.#timer ??= setTimeout(() => void this.write().catch(() => undefined), WRITE_MS).unref();
  }

  async write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const used = this.#used;
    this.#used = new Map();
    await this.#note(used);
  }
}
