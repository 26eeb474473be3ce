/** The facts of the mesh log, in the shapes of proto/reelmesh/v1/log.proto. */
import type { Placement } from "./placement.js";
import type { BlobReference, EncodeResult, JobOptions, PackageResult, PlanResult } from "./work.js";

export type Fact =
  | { kind: "termStarted"; termStarted: { nodeId: string; nodeName: string } }
  | {
      kind: "jobSubmitted";
      jobSubmitted: {
        job: string;
        fileName: string;
        name: string;
        asset: string;
        source: BlobReference | null;
        holder: string;
        options: JobOptions | null;
        priority: number;
        /** Milliseconds since 1970; 0: the entry's own time. */
        submittedMs: number;
      };
    }
  | { kind: "jobPlanned"; jobPlanned: { job: string; result: PlanResult | null; nodeId: string } }
  | { kind: "taskDone"; taskDone: { job: string; task: string; result: EncodeResult | null; nodeId: string } }
  | {
      kind: "taskGrown";
      taskGrown: { job: string; task: string; seconds: number; result: EncodeResult | null; nodeId: string };
    }
  | { kind: "jobReplanned"; jobReplanned: { job: string; reason: string } }
  | { kind: "taskReopened"; taskReopened: { job: string; task: string } }
  | { kind: "jobFinished"; jobFinished: { job: string; result: PackageResult | null; nodeId: string } }
  | { kind: "jobFailed"; jobFailed: { job: string; reason: string; letGo: boolean } }
  | { kind: "jobCancelled"; jobCancelled: { job: string } }
  | { kind: "jobAdjusted"; jobAdjusted: { job: string; priority: number; paused: boolean } }
  | { kind: "jobRetried"; jobRetried: { job: string } }
  | { kind: "jobRemoved"; jobRemoved: { job: string } }
  | { kind: "nodeSetAside"; nodeSetAside: { nodeId: string; reason: string } }
  | { kind: "nodeReadmitted"; nodeReadmitted: { nodeId: string } }
  | { kind: "coreChanged"; coreChanged: Core }
  | { kind: "placementChanged"; placementChanged: Placement }
  | { kind: "snapshot"; snapshot: { state: BlobReference | null; holders: string[]; founds: boolean } };

/** The nodes that run the mesh's own NATS servers: one, or three in a cluster. */
export interface Core {
  /** Grows by one whenever the servers begin with empty stores, as a new cluster; 0 before the first. */
  generation: number;
  servers: CoreServer[];
}

export interface CoreServer {
  /** 1 to 3: the server's identity in the cluster, whichever node runs it. */
  slot: number;
  nodeId: string;
  /** host:port for clients and for the other servers. */
  client: string;
  route: string;
}

/**
 * A fact with its writer's term, a unique id, the writer's clock (for people only), and the digest of what stands before
 * it, as its writer has read it (src/core/history.ts; empty where it cannot know it).
 */
export type LogEntry = { id: string; term: number; atMs: number; history: string } & Fact;
