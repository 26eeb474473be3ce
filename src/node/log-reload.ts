/** The mesh log read anew, from its first entry or from a snapshot, beside the state that is still in use. */
import { ReelmeshError } from "../core/errors.js";
import { applyEntry, emptyMeshState, type MeshState } from "../core/mesh-state.js";
import type { FollowedEntry, LogBase, LogPlace } from "../core/ports.js";
import type { BlobReference } from "../core/work.js";
import { namedSnapshot } from "./snapshots.js";

/** Gives the state after an entry that a snapshot holds, wherever it lies. */
export type LoadSnapshot = (snapshot: BlobReference, holders: string[], sequence: number) => Promise<MeshState>;

export class LogReload {
  readonly #load: LoadSnapshot;
  /** Whether the state that will be replaced may know what this log has lost. */
  readonly replaces: boolean;
  state = emptyMeshState();
  base: LogBase | undefined;
  /** All entries after the base. */
  entries: LogPlace[] = [];

  constructor(replaces: boolean, load: LoadSnapshot) {
    this.replaces = replaces;
    this.#load = load;
  }

  /** Takes the next entry; CORRUPT when it is out of place and no snapshot, and what loading one throws. */
  async take({ sequence, bytes, entry }: FollowedEntry): Promise<void> {
    if (sequence !== this.state.sequence + 1) {
      if (entry?.kind !== "snapshot") {
        throw new ReelmeshError("CORRUPT", `entry ${sequence} of the mesh log came after ${this.state.sequence}`);
      }
      const { reference, holders } = namedSnapshot(sequence, entry.snapshot);
      this.state = await this.#load(reference, holders, sequence - 1);
      this.base = { sequence: sequence - 1, snapshot: reference };
      this.entries = [];
    }
    applyEntry(this.state, sequence, entry);
    this.entries.push({ sequence, bytes });
  }
}
