/** What this node says of what it holds, to other nodes. */
import { blobsInOrder } from "../../core/asset-order.js";
import { ReelmeshError } from "../../core/errors.js";
import type { JobRecord } from "../../core/job-record.js";
import type { AssetManifest } from "../../core/media.js";
import type { MeshState } from "../../core/mesh-state.js";
import type { BlobStore } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import type { AssetSource } from "./asset-source.js";
import { assetOwner, manifestOf } from "./owners.js";

/** Unsettled assets that are looked at blob by blob for one answer; nothing is said to be held of the others. */
const LOOKED_AT = 200;

interface Components {
  store: BlobStore;
  mesh: MeshState;
  source: AssetSource;
  isSettled(asset: string): boolean;
}

export interface Unsettled {
  placement: string;
  /** `held`: a bit for each of blobsInOrder, the lowest bit of a byte first; empty: nothing is. */
  assets: { asset: string; held: Uint8Array }[];
}

export class Holdings {
  readonly #components: Components;

  constructor(components: Components) {
    this.#components = components;
  }

  /**
   * Whether this node holds each of these blobs of an asset for good: it is placed here, and its file is as long as it
   * should be. What is said to be held is owned for the asset from then on. CONFLICT under another placement.
   */
  async holds(placement: string, asset: string, blobs: string[]): Promise<boolean[]> {
    const { source } = this.#components;
    if (placement !== source.places.name) {
      const message = `this node places blobs by ${source.places.name}, not by ${placement}: ask again later`;
      throw new ReelmeshError("CONFLICT", message);
    }
    if (source.job(asset) === undefined) return blobs.map(() => false);
    const held: boolean[] = [];
    for (const sha256 of blobs) held.push(source.isPlacedHere(sha256) && (await this.#keeps(sha256, asset)));
    return held;
  }

  async #keeps(sha256: string, asset: string): Promise<boolean> {
    const { store } = this.#components;
    if (!(await store.own(sha256, assetOwner(asset)))) return false;
    // A path is given only while the file is as long as it should be.
    return store.path(sha256, { unchecked: true }).then(
      () => true,
      () => false,
    );
  }

  /** Of which assets this node holds something else than its share, and what. */
  async unsettled(): Promise<Unsettled> {
    const { mesh, source, isSettled } = this.#components;
    const assets: Unsettled["assets"] = [];
    for (const [asset, id] of mesh.assets) {
      const job = mesh.jobs.get(id);
      if (job === undefined || isSettled(asset)) continue;
      const held = assets.length < LOOKED_AT ? await this.#heldOf(job) : new Uint8Array();
      assets.push({ asset, held });
    }
    return { placement: source.places.name, assets };
  }

  async #heldOf(job: JobRecord): Promise<Uint8Array> {
    const { store } = this.#components;
    const { sha256 } = manifestOf(job);
    if ((await store.find(sha256)) === undefined) return new Uint8Array();
    const manifest = JSON.parse(new TextDecoder().decode(await store.read(sha256))) as AssetManifest;
    return this.#bits(blobsInOrder(manifest));
  }

  async #bits(blobs: BlobReference[]): Promise<Uint8Array> {
    const bits = new Uint8Array(Math.ceil(blobs.length / 8));
    for (const [index, { sha256 }] of blobs.entries()) {
      if ((await this.#components.store.find(sha256)) === undefined) continue;
      bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
    }
    return bits;
  }
}
