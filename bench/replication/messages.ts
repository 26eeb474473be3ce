/** What the bench and its node processes say to each other. */
import type { BlobReference } from "../../src/core/work.js";
import type { Pulled } from "../../src/node/http/flights.js";

/** What the first node holds. */
export interface Made {
  manifest: BlobReference;
  files: BlobReference[];
}

export type ToNode =
  /** `make`: generates an asset of so many files and bytes. */
  | { kind: "start"; id: string; folder: string; make?: { files: number; bytes: number } }
  /** To the process of the links: one in front of that listener, which lets so many bytes a second out. */
  | { kind: "link"; to: string; bytesASecond: number }
  /** The asset is finished: the nodes by their ids, and who holds it. */
  | { kind: "finish"; peers: [string, string][]; made: Made; holder: string }
  /** Copies the files by plain HTTP, each with an fsync, without a look at what they are. */
  | { kind: "copy"; from: string; made: Made; folder: string }
  /** Processor seconds from here on are told at the next lap, or the end. */
  | { kind: "lap" }
  | { kind: "stop" };

export type FromNode =
  | { kind: "started"; peer: string; made?: Made }
  | { kind: "linked"; address: string }
  | { kind: "held" }
  | { kind: "copied" }
  | { kind: "lapped"; cpu: number }
  /** Processor seconds since the last lap, what came, and how many answers others got. */
  | { kind: "stopped"; cpu: number; pulled: Pulled; served: number };
