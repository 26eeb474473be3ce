/** Puts facts into the mesh log in the name of one term, one after another. */
import { ReelmeshError } from "../core/errors.js";
import type { Fact, LogEntry } from "../core/facts.js";
import type { Clock, MeshLog } from "../core/ports.js";

interface Components {
  log: MeshLog;
  tail: { readonly state: { sequence: number }; applied(sequence: number, signal: AbortSignal): Promise<void> };
  term: number;
  /** Fires when the term is over for this node: nothing is appended from then on. */
  reign: AbortSignal;
  /** The log has gone on without this writer: somebody else has the term. */
  refused(): void;
  clock: Clock;
}

/** An entry whose fate is unknown is tried again after this long, until it is known. */
const RETRY_MS = 500;

export class FactWriter {
  readonly #components: Components;
  #last: Promise<unknown> = Promise.resolve();

  constructor(components: Components) {
    this.#components = components;
  }

  /**
   * Appends the fact that `make` gives, and resolves when it has been applied. `make` runs when every earlier fact has
   * been, so what it decides holds when its own is appended; without a fact nothing is. NOT_COORDINATOR when the reign
   * ends first: the fact may be in the log or not, and a repeat finds out.
   */
  append(make: () => Fact | undefined): Promise<void> {
    const appended = this.#last.then(() => this.#append(make));
    this.#last = appended.catch(() => {});
    return appended;
  }

  /** Settles when nothing is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }

  async #append(make: () => Fact | undefined): Promise<void> {
    const { tail, reign, term, clock } = this.#components;
    if (reign.aborted) throw reignOver();
    const fact = make();
    if (fact === undefined) return;
    const entry: LogEntry = { id: clock.newId(), term, atMs: clock.wallClock(), ...fact };
    const sequence = await this.#put(entry, tail.state.sequence);
    await tail.applied(sequence, reign).catch(() => {
      throw reignOver();
    });
  }

  /** Tries until the entry's fate is known. */
  async #put(entry: LogEntry, after: number): Promise<number> {
    const { log, reign, refused, clock } = this.#components;
    while (!reign.aborted) {
      try {
        return await log.append(entry, after, reign);
      } catch (error) {
        if (reign.aborted) break;
        if (!(error instanceof ReelmeshError)) throw error;
        if (error.code === "CONFLICT") refused();
        else if (error.code !== "UNAVAILABLE") throw error;
        await clock.sleep(RETRY_MS, reign);
      }
    }
    throw reignOver();
  }
}

function reignOver(): ReelmeshError {
  return new ReelmeshError("NOT_COORDINATOR", "this node does not coordinate any more: ask again");
}
