/**
 * Keeps this node's store in step with the mesh log: pulls every file of every finished asset, and lets go of what a
 * job needed when it has ended. One round looks at everything that is wanted and not held; it runs whenever the log
 * changes something and again later where a pull failed.
 */
import { type ReelmeshError, toReelmeshError } from "../core/errors.js";
import type { AssetManifest } from "../core/media.js";
import { hasEnded, type JobRecord, type MeshState } from "../core/mesh-state.js";
import type { BlobStore, Clock } from "../core/ports.js";
import type { BlobReference } from "../core/work.js";

/** After a pull that failed; doubled with each failure in a row, up to a minute. */
const RETRY_MS = 2_000;
const RETRY_MAX_MS = 60_000;
/** An upload that no job ever named is let go after this long. */
const ORPHAN_MS = 3_600_000;
/** Pulls asked for at once; the blob client has its own bounds on connections. */
const WIDTH = 8;

interface Components {
  store: BlobStore;
  mesh: MeshState;
  pull(reference: BlobReference, sources: string[], owner: string, signal: AbortSignal): Promise<void>;
  /** Peer addresses, the holders' first. */
  sources(holders: string[]): string[];
  clock: Pick<Clock, "wallClock">;
  report(event: string, details: Record<string, unknown>): void;
}

export class Replicator {
  readonly #components: Components;
  readonly #manifests = new Map<string, AssetManifest>();
  /** Assets of which every byte is held. */
  readonly #complete = new Set<string>();
  readonly #released = new Set<string>();
  readonly #stopped = new AbortController();
  #round: Promise<void> | undefined;
  #again = false;
  #missing = 0;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(components: Components) {
    this.#components = components;
  }

  /** Files of finished assets that are still to be pulled. */
  get missing(): number {
    return this.#missing;
  }

  isComplete(asset: string): boolean {
    return this.#complete.has(asset);
  }

  /** Looks again; calls during a round make one more after it. */
  wake(): void {
    clearTimeout(this.#timer);
    if (this.#stopped.signal.aborted) return;
    if (this.#round !== undefined) {
      this.#again = true;
      return;
    }
    this.#round = this.#look().finally(() => {
      this.#round = undefined;
      if (this.#again) {
        this.#again = false;
        this.wake();
      }
    });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** The files of a finished asset; undefined when there is no such asset. UNAVAILABLE when no peer gives it. */
  async manifest(asset: string): Promise<AssetManifest | undefined> {
    const known = this.#manifests.get(asset);
    if (known !== undefined) return known;
    const job = this.#finishedJob(asset);
    return job === undefined ? undefined : this.#loadManifest(job);
  }

  /** Absolute path of a file of an asset, pulled from a peer first where it is not held yet. */
  async file(reference: BlobReference, asset: string): Promise<string> {
    await this.#ensure(reference, asset, this.#finishedJob(asset));
    return this.#components.store.path(reference.sha256);
  }

  #finishedJob(asset: string): JobRecord | undefined {
    for (const job of this.#components.mesh.jobs.values()) {
      if (job.asset === asset && job.state === "done") return job;
    }
    return undefined;
  }

  async #look(): Promise<void> {
    let failed: ReelmeshError | undefined;
    this.#missing = 0;
    for (const job of this.#components.mesh.jobs.values()) {
      if (this.#stopped.signal.aborted) return;
      if (!hasEnded(job) || this.#released.has(job.id)) continue;
      try {
        if (job.state === "done") await this.#fetchAsset(job);
        await this.#components.store.release(`job:${job.id}`);
        this.#released.add(job.id);
      } catch (error) {
        failed = toReelmeshError(error);
      }
    }
    await this.#releaseOrphans().catch((error: unknown) => {
      failed ??= toReelmeshError(error);
    });
    if (failed === undefined || this.#stopped.signal.aborted) {
      this.#failures = 0;
      return;
    }
    this.#components.report("replication waits", { reason: failed.message, missing: this.#missing });
    this.#timer = setTimeout(() => this.wake(), Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** this.#failures));
    this.#failures++;
  }

  async #fetchAsset(job: JobRecord): Promise<void> {
    if (this.#complete.has(job.asset)) return;
    const manifest = await this.#loadManifest(job);
    const files = Object.values(manifest.files);
    this.#missing += files.length;
    const errors: unknown[] = [];
    const next = files[Symbol.iterator]();
    const puller = async () => {
      for (const file of next) {
        try {
          await this.#ensure(file, job.asset, job);
          this.#missing--;
        } catch (error) {
          errors.push(error);
        }
      }
    };
    await Promise.all(Array.from({ length: WIDTH }, puller));
    if (errors.length > 0) throw errors[0];
    this.#complete.add(job.asset);
    this.#components.report("asset held", { asset: job.asset, files: files.length });
  }

  async #loadManifest(job: JobRecord): Promise<AssetManifest> {
    const reference = job.package?.manifest;
    if (reference === undefined || reference === null) throw new Error(`job ${job.id} is done without a manifest`);
    await this.#ensure(reference, job.asset, job);
    const bytes = await this.#components.store.read(reference.sha256);
    const manifest = JSON.parse(new TextDecoder().decode(bytes)) as AssetManifest;
    this.#manifests.set(job.asset, manifest);
    return manifest;
  }

  async #ensure(reference: BlobReference, asset: string, job: JobRecord | undefined): Promise<void> {
    const owner = `asset:${asset}`;
    if (await this.#components.store.own(reference.sha256, owner)) return;
    const sources = this.#components.sources(job === undefined ? [] : holdersOf(job));
    await this.#components.pull(reference, sources, owner, this.#stopped.signal);
  }

  /** Lets go of uploads that no job named, and of what came late for a job that has ended. */
  async #releaseOrphans(): Promise<void> {
    const { store, mesh, clock } = this.#components;
    for (const { owner, since } of await store.owners()) {
      const job = owner.startsWith("job:") ? owner.slice("job:".length) : undefined;
      if (job === undefined) continue;
      const forgotten = !mesh.jobs.has(job) && clock.wallClock() - since > ORPHAN_MS;
      if (forgotten || this.#released.has(job)) await store.release(owner);
    }
  }
}

/** Nodes that are known to hold parts of a finished job. */
function holdersOf(job: JobRecord): string[] {
  const encoded = [...job.finished.values()].flatMap(({ result }) => result.holders);
  return [...new Set([...(job.package?.holders ?? []), ...encoded])];
}
