/** Makes the mesh log where there is none: when and by whom says src/core/founding.ts. */
import { ReelmeshError } from "../core/errors.js";
import type { LogEntry } from "../core/facts.js";
import { type Candidate, mayFound } from "../core/founding.js";
import type { MeshState } from "../core/mesh-state.js";
import type { Clock, MeshLog } from "../core/ports.js";
import type { BlobReference } from "../core/work.js";

const LOOK_MS = 250;

interface Components {
  nodeId: string;
  log: MeshLog;
  state: MeshState;
  /** Keeps a snapshot of the state, at a peer too where there is one. */
  snapshot(signal: AbortSignal): Promise<{ state: BlobReference; holders: string[] }>;
  /** The other nodes that are heard now. */
  others(): Candidate[];
  /** The servers are this node's own and were empty when it started. */
  fresh: boolean;
  clock: Clock;
  report(event: string, details: Record<string, unknown>): void;
}

export class Founder {
  readonly #components: Components;

  constructor(components: Components) {
    this.#components = components;
  }

  /** Settles when there is a log to follow, made by this node or by another. UNAVAILABLE while nobody can say. */
  async found(signal: AbortSignal): Promise<void> {
    const { nodeId, state, others, clock, fresh } = this.#components;
    const since = clock.now();
    while (!signal.aborted && !(await this.#isThere(signal))) {
      const self = { id: nodeId, sequence: state.sequence };
      if (mayFound(self, others(), clock.now() - since, fresh)) await this.#make(signal);
      else await clock.sleep(LOOK_MS, signal);
    }
  }

  /** A log with entries, or the empty one of a new mesh. */
  async #isThere(signal: AbortSignal): Promise<boolean> {
    const { log, state } = this.#components;
    const found = await log.state(signal);
    return found !== undefined && (found.last >= found.first || (state.sequence === 0 && found.first === 1));
  }

  async #make(signal: AbortSignal): Promise<void> {
    const { log, state, clock, report, snapshot } = this.#components;
    await log.found(state.sequence + 1, signal);
    const found = await log.state(signal);
    if (found === undefined || (await this.#isThere(signal))) return;
    const { term, sequence } = state;
    const content = { ...(await snapshot(signal)), founds: true };
    const frame = { id: clock.newId(), term, atMs: clock.wallClock(), history: "" };
    const entry: LogEntry = { ...frame, kind: "snapshot", snapshot: content };
    try {
      await log.append(entry, found.last, signal);
      report("the mesh log was gone, and was made anew from this node's copy", { from: found.last + 1, sequence });
    } catch (error) {
      if (!(error instanceof ReelmeshError) || error.code !== "CONFLICT") throw error;
    }
  }
}
