/** Where the files of an asset come from: this node's store, and else the nodes that should have them. */
import type { JobRecord } from "../../core/job-record.js";
import type { AssetManifest } from "../../core/media.js";
import type { MeshState } from "../../core/mesh-state.js";
import { heaviestFirst, type Places, places } from "../../core/placement.js";
import type { BlobStore } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import { assetOwner, cacheOwner, holdersOf, manifestOf } from "./owners.js";

/** Manifests kept in memory; one of a long film has some thousand rows. */
const KEPT_MANIFESTS = 64;

export interface SourceComponents {
  self: string;
  store: BlobStore;
  mesh: MeshState;
  pull(reference: BlobReference, sources: string[], owner: string, signal: AbortSignal): Promise<void>;
  /** Peer addresses: those of the nodes that are named, in that order, and then the others. */
  sources(nodes: string[]): string[];
  /** Ids of the nodes that can be asked now. */
  live(): Set<string>;
}

export class AssetSource {
  readonly #components: SourceComponents;
  readonly #signal: AbortSignal;
  /** The one used last at the end. */
  readonly #manifests = new Map<string, AssetManifest>();
  #places: { of: unknown; places: Places } | undefined;

  /** `signal`: ends every pull. */
  constructor(components: SourceComponents, signal: AbortSignal) {
    this.#components = components;
    this.#signal = signal;
  }

  /** Where blobs are placed now. */
  get places(): Places {
    const { placement } = this.#components.mesh;
    if (this.#places === undefined || this.#places.of !== placement) {
      this.#places = { of: placement, places: places(placement) };
    }
    return this.#places.places;
  }

  /** Whether blobs are placed on this node at all. Not yet where it is new, or has been away for long. */
  get isPlacedOn(): boolean {
    return this.places.everywhere || this.#components.mesh.placement?.nodes.includes(this.#components.self) === true;
  }

  /** The job that made a finished asset. */
  job(asset: string): JobRecord | undefined {
    const { assets, jobs } = this.#components.mesh;
    return jobs.get(assets.get(asset) ?? "");
  }

  isPlacedHere(sha256: string): boolean {
    return this.places.isOn(sha256, this.#components.self);
  }

  /** In whose name a file of an asset is kept here. */
  ownerOf(sha256: string, asset: string): string {
    return this.isPlacedHere(sha256) ? assetOwner(asset) : cacheOwner(asset);
  }

  /** Nodes that copy a blob before this one does, the first of them first: this one can have it from them. */
  copiersBefore(sha256: string, job: JobRecord | undefined): string[] {
    const { self, live } = this.#components;
    const holders = this.#holders(sha256);
    const own = holders.indexOf(self);
    const made = job === undefined ? [] : holdersOf(job);
    const there = live();
    return holders.slice(0, Math.max(0, own)).filter((id) => !made.includes(id) && there.has(id));
  }

  /**
   * Peer addresses in the order in which to ask them: those that copy a blob before this node does, then those that
   * made it, then the others.
   */
  sourcesOf(sha256: string, job: JobRecord | undefined): string[] {
    const holders = this.#holders(sha256);
    const made = job === undefined ? [] : holdersOf(job);
    const before = holders.includes(this.#components.self) ? this.copiersBefore(sha256, job) : holders;
    return this.#components.sources([...before, ...made, ...holders]);
  }

  async pull(reference: BlobReference, owner: string, job: JobRecord | undefined): Promise<void> {
    await this.#components.pull(reference, this.sourcesOf(reference.sha256, job), owner, this.#signal);
  }

  /** As `pull`, from those alone that copy it before this node does. UNAVAILABLE when none of them has it yet. */
  async pullFromCopiers(reference: BlobReference, owner: string, job: JobRecord): Promise<void> {
    const copiers = this.copiersBefore(reference.sha256, job);
    // They have gone meanwhile.
    if (copiers.length === 0) return this.pull(reference, owner, job);
    const sources = this.#components.sources(copiers).slice(0, copiers.length);
    await this.#components.pull(reference, sources, owner, this.#signal);
  }

  /** The files of an asset; UNAVAILABLE when no peer gives it. Every node keeps it. */
  async manifest(job: JobRecord): Promise<AssetManifest> {
    const known = this.#manifests.get(job.asset);
    this.#manifests.delete(job.asset);
    const manifest = known ?? (await this.#readManifest(job));
    this.#manifests.set(job.asset, manifest);
    for (const oldest of this.#manifests.keys()) {
      if (this.#manifests.size <= KEPT_MANIFESTS) break;
      this.#manifests.delete(oldest);
    }
    return manifest;
  }

  /** The same where it is in memory. */
  manifestAtHand({ asset }: JobRecord): AssetManifest | undefined {
    return this.#manifests.get(asset);
  }

  forget(asset: string): void {
    this.#manifests.delete(asset);
  }

  async #readManifest(job: JobRecord): Promise<AssetManifest> {
    const reference = manifestOf(job);
    const { store } = this.#components;
    if ((await store.find(reference.sha256)) === undefined) await this.pull(reference, assetOwner(job.asset), job);
    return JSON.parse(new TextDecoder().decode(await store.read(reference.sha256))) as AssetManifest;
  }

  #holders(sha256: string): string[] {
    if (!this.places.everywhere) return this.places.of(sha256);
    return heaviestFirst(sha256, new Set([...this.#components.live(), this.#components.self]));
  }
}
