/** Runs a round of work when there is some: never two at a time, once more when more came up, later when something failed. */

/** After a round that left something; doubled with each such round in a row, up to a minute. */
const RETRY_MS = 2_000;
const RETRY_MAX_MS = 60_000;

export class Rounds {
  /** Does what there is; true when nothing is left. */
  readonly #go: () => Promise<boolean>;
  #round: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #leftovers = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(go: () => Promise<boolean>) {
    this.#go = go;
  }

  /** There may be something to do. */
  look(): void {
    clearTimeout(this.#timer);
    if (this.#stopped) return;
    if (this.#round !== undefined) {
      this.#again = true;
      return;
    }
    this.#round = this.#run().finally(() => {
      this.#round = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.look();
    });
  }

  /** Resolves when no round is under way; what is left may wait for its next one. */
  async idle(): Promise<void> {
    while (this.#round !== undefined) await this.#round;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  async #run(): Promise<void> {
    const isDone = await this.#go();
    if (this.#stopped) return;
    if (isDone) this.#leftovers = 0;
    else {
      this.#timer = setTimeout(() => this.look(), Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** this.#leftovers));
      this.#leftovers++;
    }
  }
}
