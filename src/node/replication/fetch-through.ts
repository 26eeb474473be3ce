/** Files for viewers: from the store, or from a node that holds them, once for all who ask; the copy stays as a cache. */
import type { BlobStore } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import type { Arriving } from "../http/send-arriving.js";
import { wholePath } from "../tasks/context.js";
import type { AssetSource } from "./asset-source.js";
import type { Shares } from "./share.js";

/** A blob that is not held, while it comes: as BlobClient.arriving. */
export type Incoming = (
  blob: BlobReference,
  sources: string[],
  owner: string,
  signal: AbortSignal,
) => Promise<Arriving | undefined>;

interface Components {
  store: BlobStore;
  source: AssetSource;
  shares: Pick<Shares, "isSettled">;
  arriving: Incoming;
  hasRoom(): boolean;
}

export class FetchThrough {
  readonly #components: Components;

  constructor(components: Components) {
    this.#components = components;
  }

  /** Absolute path of a file of an asset, pulled first where it is not held. UNAVAILABLE. */
  async file(reference: BlobReference, asset: string): Promise<string> {
    const { store, source } = this.#components;
    const { sha256 } = reference;
    if (!source.isPlacedHere(sha256)) store.touch(sha256);
    const held = await wholePath(store, sha256);
    if (held !== undefined) return held;
    await this.#makeRoom(reference);
    await source.pull(reference, source.ownerOf(sha256, asset), source.job(asset));
    return store.path(sha256);
  }

  /** Undefined when it is held. UNAVAILABLE. */
  async arriving(reference: BlobReference, asset: string, signal: AbortSignal): Promise<Arriving | undefined> {
    const { store, source, shares, arriving } = this.#components;
    const { sha256 } = reference;
    const job = source.job(asset);
    const isPlacedHere = source.isPlacedHere(sha256);
    // Held for certain: whoever sends it looks for it anyway.
    if (isPlacedHere && job !== undefined && shares.isSettled(job)) return undefined;
    if ((await store.find(sha256)) !== undefined) return undefined;
    await this.#makeRoom(reference);
    return arriving(reference, source.sourcesOf(sha256, job), source.ownerOf(sha256, asset), signal);
  }

  /** On a full disk a new copy takes the place of older ones. */
  async #makeRoom({ bytes }: BlobReference): Promise<void> {
    if (!this.#components.hasRoom()) await this.#components.store.evict(bytes);
  }
}
