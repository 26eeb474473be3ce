/** The facts of the mesh log, in the shapes of proto/reelmesh/v1/log.proto. */
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
      };
    }
  | { kind: "jobPlanned"; jobPlanned: { job: string; result: PlanResult | null; nodeId: string } }
  | { kind: "taskDone"; taskDone: { job: string; task: string; result: EncodeResult | null; nodeId: string } }
  | { kind: "jobFinished"; jobFinished: { job: string; result: PackageResult | null; nodeId: string } }
  | { kind: "jobFailed"; jobFailed: { job: string; reason: string } }
  | { kind: "jobCancelled"; jobCancelled: { job: string } };

/** A fact with its writer's term, a unique id and the writer's clock (for people only). */
export type LogEntry = { id: string; term: number; atMs: number } & Fact;
