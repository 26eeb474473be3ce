/**
 * Whether a node takes work. The state that it shows is the first of these that holds:
 *
 *   draining   asked to drain, or stopping, and something runs still; "drained" when nothing does. Left by a resume or a
 *              restart
 *   paused     asked to pause; kept over restarts, left by a resume
 *   full       too little room on its disk; left when there is room again
 *   ready      none of these
 *
 * In all but the last it claims nothing and goes on with what it runs.
 */
export type NodeState = "ready" | "paused" | "draining" | "drained" | "full" | "stopped";

interface Settings {
  get(name: string): Promise<unknown>;
  put(name: string, value: unknown): Promise<void>;
}

const PAUSED = "node.paused";

export class Admission {
  readonly #settings: Settings;
  readonly #listeners: (() => void)[] = [];
  #paused = false;
  #draining = false;
  #full = false;

  private constructor(settings: Settings) {
    this.#settings = settings;
  }

  /** As the node was left. */
  static async open(settings: Settings): Promise<Admission> {
    const admission = new Admission(settings);
    admission.#paused = (await settings.get(PAUSED)) === true;
    return admission;
  }

  get open(): boolean {
    return !this.#paused && !this.#draining && !this.#full;
  }

  get full(): boolean {
    return this.#full;
  }

  /** `running`: tasks that have not ended. */
  state(running: number): NodeState {
    if (this.#draining) return running > 0 ? "draining" : "drained";
    if (this.#paused) return "paused";
    return this.#full ? "full" : "ready";
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  drain(): void {
    this.#draining = true;
    this.#changed();
  }

  async pause(): Promise<void> {
    this.#paused = true;
    this.#changed();
    await this.#settings.put(PAUSED, true);
  }

  /** Undoes a drain and a pause. */
  async resume(): Promise<void> {
    await this.#settings.put(PAUSED, false);
    this.#paused = false;
    this.#draining = false;
    this.#changed();
  }

  setFull(full: boolean): void {
    if (full === this.#full) return;
    this.#full = full;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }
}
