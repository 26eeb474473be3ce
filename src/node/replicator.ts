/**
 * Keeps this node's store in step with the mesh state. Who owns a blob says what it is held for:
 *
 *   job:<id>        source, plan and chunks; released when the job is not kept any more (its asset is held first)
 *   asset:<name>    the files of a finished asset; released when the asset was removed
 *   whole:<hash>    the manifest of that hash, once every file is held: the next start reads no manifest of these
 *
 * What the log changes is followed at once, releases before pulls. A sweep, at the start and now and then, finds the
 * rest by comparing the owners with the state: what failed, what came late, and what happened while this node was away.
 */
import { ReelmeshError, toReelmeshError } from "../core/errors.js";
import type { AssetManifest } from "../core/media.js";
import { hasEnded, isKept, type JobRecord, type MeshState } from "../core/mesh-state.js";
import { jobOwner } from "../core/owners.js";
import type { BlobStore, Clock } from "../core/ports.js";
import type { BlobReference } from "../core/work.js";

/** After a pull that failed; doubled with each failure in a row, up to a minute. */
const RETRY_MS = 2_000;
const RETRY_MAX_MS = 60_000;
/** An upload that no job ever named is let go after this long. */
const ORPHAN_MS = 3_600_000;
/** An asset that the state does not know is let go when it has been unknown for this long. */
const UNKNOWN_MS = 60_000;
/** The owners of assets are looked through this often, and at every sweep while one is unknown. */
const ASSET_SWEEP_MS = 600_000;
/** Pulls asked for at once; the blob client has its own bounds on connections. */
const WIDTH = 8;
/** Manifests kept in memory for serving; one of a long film has some thousand rows. */
const KEPT_MANIFESTS = 64;

interface Components {
  store: BlobStore;
  mesh: MeshState;
  /** Whether the state is the mesh's: until then, what it does not know may only not have been read yet. */
  caughtUp(): boolean;
  /** False while the disk is full: then nothing is pulled ahead of being asked for. */
  hasRoom(): boolean;
  pull(reference: BlobReference, sources: string[], owner: string, signal: AbortSignal): Promise<void>;
  /** Peer addresses, the holders' first. */
  sources(holders: string[]): string[];
  clock: Pick<Clock, "now" | "wallClock">;
  report(event: string, details: Record<string, unknown>): void;
}

export class Replicator {
  readonly #components: Components;
  /** The one used last at the end. */
  readonly #manifests = new Map<string, AssetManifest>();
  /** Hashes of the manifests of which every file is held; undefined before the first sweep. */
  #whole: Set<string> | undefined;
  /** Jobs of which something is to be released, and finished jobs whose asset is to be pulled first, by id. */
  #leaving = new Map<string, JobRecord>();
  #arriving = new Map<string, JobRecord>();
  /** Since when an owner's asset has not been known to the state. */
  #unknown = new Map<string, number>();
  #assetsSweptAt = Number.NEGATIVE_INFINITY;
  #sweepDue = true;
  #sweptSequence = -1;
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
    const job = this.#finishedJob(asset);
    return job !== undefined && this.#isWhole(job);
  }

  /** Follows what an entry of the log did to a job. */
  changed(job: JobRecord): void {
    if (!hasEnded(job)) return;
    this.#enter(job);
    this.#look();
  }

  /** Looks at everything; calls during a round make one more after it. */
  wake(): void {
    this.#sweepDue = true;
    this.#look();
  }

  /** Resolves when no round is under way; what failed may wait for its next one. */
  async idle(): Promise<void> {
    while (this.#round !== undefined) await this.#round;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** The files of a finished asset; undefined when there is no such asset. UNAVAILABLE when no peer gives it. */
  async manifest(asset: string): Promise<AssetManifest | undefined> {
    const job = this.#finishedJob(asset);
    return job === undefined ? undefined : this.#loadManifest(job);
  }

  /** Absolute path of a file of an asset, pulled from a peer first where it is not held yet. */
  async file(reference: BlobReference, asset: string): Promise<string> {
    const job = this.#finishedJob(asset);
    const held = job !== undefined && this.#isWhole(job) && (await this.#components.store.find(reference.sha256));
    if (!held) await this.#ensure(reference, asset, job);
    return this.#components.store.path(reference.sha256);
  }

  #finishedJob(asset: string): JobRecord | undefined {
    const { assets, jobs } = this.#components.mesh;
    return jobs.get(assets.get(asset) ?? "");
  }

  #isWhole(job: JobRecord): boolean {
    return this.#whole?.has(job.package?.manifest?.sha256 ?? "") ?? false;
  }

  #enter(job: JobRecord): void {
    const pulls = job.state === "done" && this.#components.mesh.jobs.has(job.id) && !this.#isWhole(job);
    (pulls ? this.#arriving : this.#leaving).set(job.id, job);
  }

  #look(): void {
    clearTimeout(this.#timer);
    if (this.#stopped.signal.aborted) return;
    if (this.#round !== undefined) {
      this.#again = true;
      return;
    }
    this.#round = this.#goRound().finally(() => {
      this.#round = undefined;
      if (!this.#again) return;
      this.#again = false;
      this.#look();
    });
  }

  async #goRound(): Promise<void> {
    this.#missing = 0;
    const failed: { job?: JobRecord; error: unknown }[] = [];
    if (this.#sweepDue) await this.#sweep().catch((error: unknown) => failed.push({ error }));
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      if (this.#stopped.signal.aborted) return;
      await this.#settle(job).catch((error: unknown) => failed.push({ job: job as JobRecord, error }));
    }
    const [first] = failed;
    if (first === undefined || this.#stopped.signal.aborted) {
      this.#failures = 0;
      return;
    }
    for (const { job } of failed) if (job !== undefined) this.#enter(job);
    this.#components.report("replication waits", {
      reason: toReelmeshError(first.error).message,
      missing: this.#missing,
    });
    this.#timer = setTimeout(() => this.#look(), Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** this.#failures));
    this.#failures++;
  }

  /** Releases first: they make room. */
  #next(): JobRecord | undefined {
    for (const jobs of [this.#leaving, this.#arriving]) {
      for (const [id, job] of jobs) {
        jobs.delete(id);
        return job;
      }
    }
    return undefined;
  }

  async #settle(then: JobRecord): Promise<void> {
    const { store, mesh } = this.#components;
    const job = mesh.jobs.get(then.id);
    if (job === undefined) {
      if (!mesh.assets.has(then.asset)) await this.#releaseAsset(then);
    } else if (isKept(job)) return;
    else if (job.state === "done") await this.#fetchAsset(job);
    await store.release(jobOwner(then.id));
  }

  async #releaseAsset({ asset, package: made }: JobRecord): Promise<void> {
    const { store } = this.#components;
    this.#manifests.delete(asset);
    await store.release(`asset:${asset}`);
    const manifest = made?.manifest?.sha256;
    if (manifest === undefined) return;
    this.#whole?.delete(manifest);
    await store.release(`whole:${manifest}`);
  }

  async #sweep(): Promise<void> {
    const { store, mesh, clock } = this.#components;
    this.#sweepDue = false;
    this.#whole ??= await this.#readWhole();
    for (const { owner, since } of await store.owners("job:")) {
      const job = mesh.jobs.get(owner.slice("job:".length));
      if (job !== undefined) {
        if (!isKept(job)) this.#enter(job);
      } else if (this.#components.caughtUp() && clock.wallClock() - since > ORPHAN_MS) await store.release(owner);
    }
    this.#enterMissing();
    await this.#sweepAssets();
  }

  async #readWhole(): Promise<Set<string>> {
    const owners = await this.#components.store.owners("whole:");
    return new Set(owners.map(({ owner }) => owner.slice("whole:".length)));
  }

  /** Finished assets that are not whole here; nothing has changed in them while the log has not. */
  #enterMissing(): void {
    const { mesh } = this.#components;
    if (mesh.sequence === this.#sweptSequence) return;
    this.#sweptSequence = mesh.sequence;
    for (const id of mesh.assets.values()) {
      const job = mesh.jobs.get(id);
      if (job !== undefined && !this.#isWhole(job)) this.#enter(job);
    }
  }

  /** Lets go of assets that were removed while this node did not read the log. */
  async #sweepAssets(): Promise<void> {
    const { store, mesh, clock, caughtUp } = this.#components;
    const now = clock.now();
    const due = this.#unknown.size > 0 || now - this.#assetsSweptAt >= ASSET_SWEEP_MS;
    if (!caughtUp() || !due) return;
    this.#assetsSweptAt = now;
    const known = new Set<string>();
    for (const [asset, id] of mesh.assets) {
      known.add(`asset:${asset}`);
      known.add(`whole:${mesh.jobs.get(id)?.package?.manifest?.sha256}`);
    }
    const owners = [...(await store.owners("asset:")), ...(await store.owners("whole:"))];
    const unknown = new Map<string, number>();
    for (const { owner } of owners) {
      if (!known.has(owner)) unknown.set(owner, this.#unknown.get(owner) ?? now);
    }
    this.#unknown = unknown;
    for (const [owner, since] of unknown) {
      if (now - since < UNKNOWN_MS) continue;
      this.#components.report("unknown asset let go", { owner, blobs: await store.release(owner) });
      unknown.delete(owner);
    }
  }

  async #fetchAsset(job: JobRecord): Promise<void> {
    if (this.#isWhole(job)) return;
    if (!this.#components.hasRoom()) {
      throw new ReelmeshError("ENVIRONMENT", `the disk is full: asset ${job.asset} is pulled when there is room`);
    }
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
    const { sha256 } = manifestOf(job);
    await this.#components.store.own(sha256, `whole:${sha256}`);
    this.#whole?.add(sha256);
    this.#components.report("asset held", { asset: job.asset, files: files.length });
  }

  async #loadManifest(job: JobRecord): Promise<AssetManifest> {
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

  async #readManifest(job: JobRecord): Promise<AssetManifest> {
    const reference = manifestOf(job);
    const { store } = this.#components;
    const held = this.#isWhole(job) && (await store.find(reference.sha256)) !== undefined;
    if (!held) await this.#ensure(reference, job.asset, job);
    const bytes = await store.read(reference.sha256);
    return JSON.parse(new TextDecoder().decode(bytes)) as AssetManifest;
  }

  async #ensure(reference: BlobReference, asset: string, job: JobRecord | undefined): Promise<void> {
    const owner = `asset:${asset}`;
    if (await this.#components.store.own(reference.sha256, owner)) return;
    const sources = this.#components.sources(job === undefined ? [] : holdersOf(job));
    await this.#components.pull(reference, sources, owner, this.#stopped.signal);
  }
}

function manifestOf(job: JobRecord): BlobReference {
  const reference = job.package?.manifest;
  if (reference) return reference;
  throw new ReelmeshError("INTERNAL", `job ${job.id} is done without a manifest`);
}

/** Nodes that are known to hold parts of a finished job. */
function holdersOf(job: JobRecord): string[] {
  const encoded = [...job.finished.values()].flatMap(({ result }) => result.holders);
  return [...new Set([...(job.package?.holders ?? []), ...encoded])];
}
