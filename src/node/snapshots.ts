/** Snapshots of the mesh state as blobs in this node's store. */
import { ReelmeshError } from "../core/errors.js";
import type { MeshState } from "../core/mesh-state.js";
import type { BlobStore } from "../core/ports.js";
import { decodeSnapshot, encodeSnapshot } from "../core/snapshot.js";
import type { BlobReference } from "../core/work.js";

const OWNER = "log:snapshot:";
const REMEMBERED = "log:remembered";

export type SnapshotBlobs = Pick<BlobStore, "put" | "read" | "release" | "owners">;

export class Snapshots {
  readonly #blobs: SnapshotBlobs;

  constructor(blobs: SnapshotBlobs) {
    this.#blobs = blobs;
  }

  /** Keeps the state after its newest entry; kept until `keepOnly` is called with another sequence. */
  keep(state: MeshState): Promise<BlobReference> {
    return this.#blobs.put(only(encodeSnapshot(state)), ownerAt(state.sequence));
  }

  /** Keeps a state until `forget`, whatever becomes of the log. */
  remember(state: MeshState): Promise<BlobReference> {
    return this.#blobs.put(only(encodeSnapshot(state)), REMEMBERED);
  }

  async forget(): Promise<void> {
    await this.#blobs.release(REMEMBERED);
  }

  /** The state after an entry, from a blob that is held. NOT_FOUND, CORRUPT. */
  async read({ sha256 }: BlobReference, sequence: number): Promise<MeshState> {
    return decodeSnapshot(await this.#blobs.read(sha256), sequence);
  }

  /** Lets go of the snapshots at other sequences. */
  async keepOnly(sequence: number): Promise<void> {
    for (const { owner } of await this.#blobs.owners()) {
      if (owner.startsWith(OWNER) && owner !== ownerAt(sequence)) await this.#blobs.release(owner);
    }
  }
}

/** Who keeps a snapshot of the state after that entry. */
export function ownerAt(sequence: number): string {
  return `${OWNER}${sequence}`;
}

/** What a snapshot entry names. CORRUPT when it names nothing. */
export function namedSnapshot(
  sequence: number,
  { state, holders }: { state: BlobReference | null; holders: string[] },
): { reference: BlobReference; holders: string[] } {
  if (state !== null) return { reference: state, holders };
  throw new ReelmeshError("CORRUPT", `entry ${sequence} of the mesh log is a snapshot that names no blob`);
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
