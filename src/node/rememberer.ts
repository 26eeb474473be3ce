/**
 * Brings what this node remembers beyond the mesh log back into it: offers it to each coordinator until one has taken
 * all of it. What does not fit any more is then forgotten, since the log says otherwise.
 */
import { toReelmeshError } from "../core/errors.js";
import type { Fact } from "../core/facts.js";
import type { MeshState } from "../core/mesh-state.js";
import type { Clock } from "../core/ports.js";
import { factsBeyond } from "../core/snapshot.js";

const RETRY_MS = 500;
/** Facts in one call: as many characters of JSON, and at least one. */
const CALL_SIZE = 500_000;
const CALL_FACTS = 200;

interface Components {
  tail: {
    readonly state: MeshState;
    readonly caughtUp: boolean;
    readonly remembered: readonly MeshState[];
    forget(): Promise<void>;
    onReset(listener: () => void): void;
  };
  /** Hands facts to the coordinator; settles when those that fit are in the log. UNAVAILABLE, NOT_COORDINATOR. */
  offer(facts: Fact[], signal: AbortSignal): Promise<void>;
  clock: Pick<Clock, "sleep">;
  report(event: string, details: Record<string, unknown>): void;
}

export class Rememberer {
  readonly #components: Components;
  readonly #stopped = new AbortController();
  #round: Promise<void> | undefined;
  #count = 0;

  constructor(components: Components) {
    this.#components = components;
  }

  /** Facts that this node knows and the log has lost, as far as it has counted. */
  get count(): number {
    return this.#count;
  }

  start(): void {
    this.#components.tail.onReset(() => this.#wake());
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#round;
  }

  #wake(): void {
    this.#count = this.#beyond().length;
    if (this.#components.tail.remembered.length === 0) return;
    this.#round ??= this.#offerAll()
      .catch((error: unknown) => this.#components.report("remembering failed", { error }))
      .finally(() => {
        this.#round = undefined;
      });
  }

  #beyond(): Fact[] {
    const { remembered, state } = this.#components.tail;
    return remembered.flatMap((known) => factsBeyond(known, state));
  }

  async #offerAll(): Promise<void> {
    const { tail, clock, report } = this.#components;
    const { signal } = this.#stopped;
    while (!signal.aborted && tail.remembered.length > 0) {
      const known = tail.remembered.length;
      const facts = this.#beyond();
      this.#count = facts.length;
      const taken = tail.caughtUp && (await this.#offer(facts));
      if (taken && tail.remembered.length === known) {
        report("what the mesh log had lost is back", { facts: facts.length });
        await tail.forget();
        this.#count = 0;
      } else await clock.sleep(RETRY_MS, signal);
    }
  }

  /** True when the coordinator has taken them all. */
  async #offer(facts: Fact[]): Promise<boolean> {
    const { offer, report } = this.#components;
    try {
      for (const some of portions(facts)) await offer(some, this.#stopped.signal);
      return true;
    } catch (thrown) {
      if (!this.#stopped.signal.aborted) {
        report("offering what is remembered waits", { facts: facts.length, reason: toReelmeshError(thrown).message });
      }
      return false;
    }
  }
}

function* portions(facts: Fact[]): Iterable<Fact[]> {
  let some: Fact[] = [];
  let size = 0;
  for (const fact of facts) {
    const length = JSON.stringify(fact).length;
    if (some.length > 0 && (size + length > CALL_SIZE || some.length === CALL_FACTS)) {
      yield some;
      some = [];
      size = 0;
    }
    some.push(fact);
    size += length;
  }
  if (some.length > 0) yield some;
}
