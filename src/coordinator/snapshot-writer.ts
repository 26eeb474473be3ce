/** Keeps the mesh log short while this node leads: writes a snapshot when one is due, and deletes what is before it. */
import { toReelmeshError } from "../core/errors.js";
import type { MeshState } from "../core/mesh-state.js";
import type { Clock, MeshLog } from "../core/ports.js";
import type { BlobReference } from "../core/work.js";
import type { FactWriter } from "./fact-writer.js";
import { isSnapshotDue } from "./snapshot-due.js";

/** After a snapshot or a truncation that failed. */
const RETRY_MS = 30_000;

/** Keeps a snapshot of this node's state at two nodes, where there are two; UNAVAILABLE when no peer takes it. */
export type KeepSnapshot = (signal: AbortSignal) => Promise<{ state: BlobReference; holders: string[] }>;

interface Components {
  tail: { readonly state: MeshState; prepare(): Promise<void> };
  log: Pick<MeshLog, "truncate">;
  writer: FactWriter;
  keepSnapshot: KeepSnapshot;
  /** Entries between two snapshots, at least; the usual number when absent. */
  fewest: number | undefined;
  reign: AbortSignal;
  /** Nothing is truncated before that: nodes may still be bringing back what the log has lost. */
  from: number;
  clock: Pick<Clock, "now">;
  report(event: string, details: Record<string, unknown>): void;
}

export class SnapshotWriter {
  readonly #components: Components;
  #busy = false;
  #restUntil: number;
  /** The log is known to begin here; an earlier coordinator may have left it longer. */
  #begins = 0;

  constructor(components: Components) {
    this.#components = components;
    this.#restUntil = components.from;
  }

  /** To be called often. */
  tick(): void {
    const { tail, clock, reign, report, fewest } = this.#components;
    const { state } = tail;
    const isDue = isSnapshotDue(state, fewest);
    if (this.#busy || clock.now() < this.#restUntil) return;
    if (!isDue && this.#begins === state.snapshot) return;
    this.#busy = true;
    const work = isDue ? this.#write() : this.#truncate();
    work
      .catch((thrown: unknown) => {
        this.#restUntil = clock.now() + RETRY_MS;
        if (!reign.aborted) report("keeping the mesh log short failed", { reason: toReelmeshError(thrown).message });
      })
      .finally(() => {
        this.#busy = false;
      });
  }

  /** The writer waits meanwhile: what the snapshot says is what stands right before it. */
  async #write(): Promise<void> {
    const { writer, tail, keepSnapshot, reign, report } = this.#components;
    await tail.prepare();
    await writer.append(async () => {
      const snapshot = { ...(await keepSnapshot(reign)), founds: false };
      return { kind: "snapshot", snapshot };
    });
    report("snapshot written", { sequence: tail.state.snapshot, jobs: tail.state.jobs.size });
    await this.#truncate();
  }

  /** The writer waits meanwhile: a nats-server that takes entries while it truncates may lose sight of the log's end. */
  async #truncate(): Promise<void> {
    const { writer, log, tail, reign } = this.#components;
    const before = tail.state.snapshot;
    await writer.append(async () => {
      await log.truncate(before, reign);
      return undefined;
    });
    this.#begins = before;
  }
}
