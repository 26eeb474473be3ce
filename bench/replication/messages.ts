/** What the bench and its node processes say to each other. */
import type { BlobReference } from "../../src/core/work.js";
import type { Pulled } from "../../src/node/http/flights.js";

/** What the first node holds. */
export interface Made {
  manifest: BlobReference;
  files: BlobReference[];
}

export type ToNode =
  /** `make`: generates an asset of so many files and bytes. `link`: bytes a second that leave the node; 0: any. */
  | { kind: "start"; id: string; folder: string; link: number; make?: { files: number; bytes: number } }
  /** The asset is finished: the nodes by their ids, and who holds it. */
  | { kind: "finish"; peers: [string, string][]; made: Made; holder: string }
  /** Copies the files by plain HTTP, each with an fsync, without a look at what they are. */
  | { kind: "copy"; from: string; made: Made; folder: string }
  | { kind: "stop" };

export type FromNode =
  | { kind: "started"; peer: string; made?: Made }
  | { kind: "held" }
  | { kind: "copied" }
  /** Processor seconds of the copying, what came, and how many answers others got. */
  | { kind: "stopped"; cpu: number; pulled: Pulled; served: number };
