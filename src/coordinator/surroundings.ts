/** What a coordinator stands in: the log, this node's reading of it, the other nodes, time. */
import type { LogEntry } from "../core/facts.js";
import type { JobRecord } from "../core/job-record.js";
import type { MeshState } from "../core/mesh-state.js";
import type { Clock, LogPlace, MeshLog } from "../core/ports.js";
import type { CorePort } from "./core-keeper.js";
import type { PlacementNode } from "./placement-members.js";
import type { KeepSnapshot } from "./snapshot-writer.js";

/** The node's one copy of the mesh state, kept by whoever tails the log. */
interface MeshTail {
  readonly state: MeshState;
  /** True when the node has read the log to the end that it had at start. */
  readonly caughtUp: boolean;
  /** Resolves when the entry of that sequence has been applied; ABORTED when the signal fires first. */
  applied(sequence: number, signal: AbortSignal): Promise<void>;
  /** Resolves when every entry that has been applied is on this node's disk. */
  durable(): Promise<void>;
  /** Does what can be done of a snapshot before, while entries may come. */
  prepare(): Promise<void>;
  onEntry(listener: (entry: LogEntry, job: JobRecord | undefined) => void): void;
  /** What was read last; undefined for nothing. */
  readonly held: LogPlace | undefined;
  /** The log is not what was read: it is to be read anew. */
  doubt(): void;
  /** The state was replaced by another one, of another log or of a snapshot. */
  onReset(listener: () => void): void;
}

interface Members {
  live(): Set<string>;
  /** By live node, the encoders that not every node has. */
  encoders(): Map<string, readonly string[]>;
  /** How many live nodes are at work. */
  working(): number;
  nameOf(nodeId: string): string;
  /** Facts that live nodes know and the log has lost. */
  remembered(): number;
}

export interface Surroundings {
  log: MeshLog;
  tail: MeshTail;
  members: Members;
  keepSnapshot: KeepSnapshot;
  /** Entries between two snapshots, at least: the usual number when absent, fewer where much is to happen soon. */
  snapshotEntries?: number;
  clock: Clock;
  report(event: string, details: Record<string, unknown>): void;
  /** Absent where the NATS servers are not the mesh's own. */
  core?: { port: CorePort; patienceMs: number };
  /** Absent where nothing is placed. */
  placement?: { nodes(): PlacementNode[]; patienceMs: number };
}
