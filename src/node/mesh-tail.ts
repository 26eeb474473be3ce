/**
 * Reads the mesh log as it grows into this node's copy and its state: the one place that writes either. Restarting,
 * it folds the copy first, so that a node knows what it knew even while the bus is away.
 */
import { ReelmeshError } from "../core/errors.js";
import type { LogEntry } from "../core/facts.js";
import { applyEntry, emptyMeshState, type JobRecord } from "../core/mesh-state.js";
import type { MeshLog } from "../core/ports.js";
import { logEntryCodec } from "./proto.js";

interface LogCopy {
  append(sequence: number, bytes: Uint8Array): Promise<void>;
  read(from: number): AsyncIterable<{ sequence: number; bytes: Uint8Array }>;
  last(): Promise<number>;
}

type EntryListener = (entry: LogEntry, job: JobRecord | undefined) => void;

export class MeshTail {
  readonly state = emptyMeshState();
  readonly #copy: LogCopy;
  readonly #listeners: EntryListener[] = [];
  readonly #waiting = new Set<() => void>();
  #end = Number.POSITIVE_INFINITY;
  #following: Promise<void> | undefined;
  readonly #stopped = new AbortController();

  constructor(copy: LogCopy) {
    this.#copy = copy;
  }

  /** Folds this node's copy. */
  async restore(): Promise<void> {
    for await (const { sequence, bytes } of this.#copy.read(1)) {
      const entry = decoded(bytes);
      if (entry !== undefined) applyEntry(this.state, sequence, entry);
      else this.state.sequence = sequence;
    }
  }

  /**
   * Follows the log from where the copy ends. CONFLICT when the log is not the one that was copied, or has lost its
   * end: a folder of another mesh, or a wiped JetStream.
   */
  async follow(log: MeshLog, failed: (error: unknown) => void): Promise<void> {
    this.#end = await log.last(this.#stopped.signal);
    if (this.#end < this.state.sequence) {
      throw new ReelmeshError(
        "CONFLICT",
        `the mesh log ends at ${this.#end}, and this node's copy at ${this.state.sequence}: the data folder belongs ` +
          "to another mesh, or the NATS store was wiped. Give the node a new folder with --data, or the store back",
      );
    }
    this.#following = this.#run(log).catch(failed);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#following;
  }

  get caughtUp(): boolean {
    return this.state.sequence >= this.#end;
  }

  onEntry(listener: EntryListener): void {
    this.#listeners.push(listener);
  }

  /** Resolves when the entry has been applied; ABORTED when the signal fires first. */
  async applied(sequence: number, signal: AbortSignal): Promise<void> {
    while (this.state.sequence < sequence) {
      await new Promise<void>((resolve, reject) => {
        const settle = () => {
          this.#waiting.delete(settle);
          signal.removeEventListener("abort", settle);
          if (signal.aborted) reject(new ReelmeshError("ABORTED", `stopped waiting for entry ${sequence}`));
          else resolve();
        };
        this.#waiting.add(settle);
        signal.addEventListener("abort", settle, { once: true });
        if (signal.aborted) settle();
      });
    }
  }

  async #run(log: MeshLog): Promise<void> {
    // The newest entry of the copy is read again: the copy refuses it when it is another log's.
    const from = Math.max(1, this.state.sequence);
    for await (const { sequence, bytes, entry } of log.follow(from, this.#stopped.signal)) {
      await this.#copy.append(sequence, bytes);
      if (sequence <= this.state.sequence) continue;
      const job = entry === undefined ? undefined : applyEntry(this.state, sequence, entry);
      this.state.sequence = sequence;
      if (entry !== undefined) for (const listener of this.#listeners) listener(entry, job);
      for (const settle of [...this.#waiting]) settle();
    }
  }
}

/** Undefined for what this version cannot read. */
function decoded(bytes: Uint8Array): LogEntry | undefined {
  try {
    return logEntryCodec.decode(bytes);
  } catch {
    return undefined;
  }
}
