/** Snapshots of the mesh state as blobs in this node's store. */
import { ReelmeshError } from "../core/errors.js";
import type { MeshState } from "../core/mesh-state.js";
import type { BlobStore, Clock } from "../core/ports.js";
import { decodeSnapshot, encodeSnapshot, type Texts, writeTexts } from "../core/snapshot.js";
import type { BlobReference } from "../core/work.js";

const OWNER = "log:snapshot:";
/** Between two steps of what is done beforehand: it takes few milliseconds of each of the others. */
const PAUSE_MS = 10;
const REMEMBERED = "log:remembered";

export type SnapshotBlobs = Pick<BlobStore, "put" | "read" | "release" | "owners">;

export class Snapshots {
  readonly #blobs: SnapshotBlobs;
  readonly #clock: Pick<Clock, "sleep">;
  /** The newest that was kept: a coordinator meets it in the log as soon as it has written it. */
  #kept: { sequence: number; history: string; reference: BlobReference } | undefined;

  /** Written for the next one. */
  #texts: Texts = new WeakMap();

  constructor(blobs: SnapshotBlobs, clock: Pick<Clock, "sleep">) {
    this.#blobs = blobs;
    this.#clock = clock;
  }

  /** Does what it can of `keep` before, while the state may change. */
  async prepare(state: MeshState): Promise<void> {
    for (const _ of writeTexts(state, this.#texts)) await this.#clock.sleep(PAUSE_MS);
  }

  /**
   * Keeps the state after its newest entry, until `keepOnly` is called with another sequence. ABORTED when another entry
   * comes before it is written.
   */
  async keep(state: MeshState): Promise<BlobReference> {
    const { sequence, history } = state;
    if (this.#kept?.sequence === sequence && history !== "" && this.#kept.history === history)
      return this.#kept.reference;
    const reference = await this.#blobs.put(this.#pieces(state, sequence), ownerAt(sequence));
    this.#kept = { sequence, history, reference };
    this.#texts = new WeakMap();
    return reference;
  }

  /** Keeps a state until `forget`, whatever becomes of the log. */
  remember(state: MeshState): Promise<BlobReference> {
    return this.#blobs.put(this.#pieces(state, state.sequence), REMEMBERED);
  }

  /** Whoever waits for an answer meanwhile gets it between two pieces: those of a thousand nodes take 150 ms together. */
  async *#pieces(state: MeshState, sequence: number): AsyncIterable<Uint8Array> {
    let isFirst = true;
    for (const piece of encodeSnapshot(state, this.#texts)) {
      if (!isFirst) await this.#clock.sleep(0);
      isFirst = false;
      if (state.sequence !== sequence) throw new ReelmeshError("ABORTED", "the mesh state changed under its snapshot");
      yield piece;
    }
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
    if (this.#kept?.sequence !== sequence) this.#kept = undefined;
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
