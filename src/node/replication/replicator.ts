/**
 * Keeps this node's store in step with the mesh state: src/node/replication/owners.ts says what it holds, and for what.
 * What the log changes is followed at once, releases before pulls. A sweep, at the start and now and then, finds the
 * rest: what failed, what came late, what was lost here, and what happened while this node was away.
 */
import { toReelmeshError } from "../../core/errors.js";
import { hasEnded, isKept, type JobRecord } from "../../core/job-record.js";
import type { AssetManifest } from "../../core/media.js";
import { jobOwner } from "../../core/owners.js";
import type { Clock, LostBlob } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import { AssetSource, type SourceComponents } from "./asset-source.js";
import { FetchThrough, type Incoming } from "./fetch-through.js";
import { assetOwner, cacheOwner, holdersOf, manifestOf } from "./owners.js";
import { Rounds } from "./rounds.js";
import { Settled } from "./settled.js";
import { type AskHolder, Shares } from "./share.js";
import { Sweep } from "./sweep.js";

interface Components extends SourceComponents {
  /** Whether the state is the mesh's: until then, what it does not know may only not have been read yet. */
  caughtUp(): boolean;
  /** False while the disk is full: then nothing is pulled ahead of being asked for. */
  hasRoom(): boolean;
  askHolder: AskHolder;
  arriving: Incoming;
  clock: Pick<Clock, "now" | "wallClock" | "sleep">;
  report(event: string, details: Record<string, unknown>): void;
}

export class Replicator {
  readonly #components: Components;
  readonly #source: AssetSource;
  readonly #settled: Settled;
  readonly #shares: Shares;
  readonly #sweep: Sweep;
  readonly #fetch: FetchThrough;
  readonly #rounds = new Rounds(() => this.#goRound());
  readonly #stopped = new AbortController();
  /** Jobs of which something is to be released, and finished jobs whose asset is to be settled first, by id. */
  readonly #leaving = new Map<string, JobRecord>();
  readonly #arriving = new Map<string, JobRecord>();
  #sweepDue = true;
  #sweptSequence = -1;

  constructor(components: Components) {
    const { store, mesh, caughtUp, hasRoom, askHolder, arriving, clock, report } = components;
    this.#components = components;
    const source = new AssetSource(components, this.#stopped.signal);
    const settled = new Settled(store);
    this.#source = source;
    this.#settled = settled;
    this.#shares = new Shares({
      ...{ store, source, settled, hasRoom, askHolder, clock, report },
      stopped: this.#stopped.signal,
    });
    this.#sweep = new Sweep({ store, mesh, settled, caughtUp, clock, report });
    this.#fetch = new FetchThrough({ store, source, shares: this.#shares, arriving, hasRoom });
    store.onLost((lost) => void this.#lost(lost));
  }

  /** What is placed where, and what is known of the files of assets. */
  get source(): AssetSource {
    return this.#source;
  }

  /** Files of finished assets that are placed here and still to be pulled. */
  get missing(): number {
    return this.#shares.lacking;
  }

  /** Whether everything of an asset that is placed here is here. */
  isComplete(asset: string): boolean {
    const job = this.#source.job(asset);
    return job !== undefined && this.#shares.isSettled(job);
  }

  /** Follows what an entry of the log did to a job. */
  changed(job: JobRecord): void {
    if (!hasEnded(job)) return;
    this.#enter(job);
    this.#rounds.look();
  }

  /** Looks at everything; calls during a round make one more after it. */
  wake(): void {
    this.#sweepDue = true;
    this.#rounds.look();
  }

  /** Resolves when no round is under way; what failed may wait for its next one. */
  idle(): Promise<void> {
    return this.#rounds.idle();
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#rounds.stop();
  }

  /** What `manifest` gives where it is in memory. */
  manifestAtHand(asset: string): AssetManifest | undefined {
    const job = this.#source.job(asset);
    return job === undefined ? undefined : this.#source.manifestAtHand(job);
  }

  /** The files of a finished asset; undefined when there is no such asset. UNAVAILABLE when no peer gives it. */
  async manifest(asset: string): Promise<AssetManifest | undefined> {
    const job = this.#source.job(asset);
    return job === undefined ? undefined : this.#source.manifest(job);
  }

  /** Absolute path of a file of an asset, pulled from a peer first where it is not held yet. */
  file(reference: BlobReference, asset: string): Promise<string> {
    return this.#fetch.file(reference, asset);
  }

  /** A file that is not here, while it comes; undefined when it is. */
  arriving(reference: BlobReference, asset: string, signal: AbortSignal): ReturnType<FetchThrough["arriving"]> {
    return this.#fetch.arriving(reference, asset, signal);
  }

  #enter(job: JobRecord): void {
    const settles = job.state === "done" && this.#components.mesh.jobs.has(job.id) && !this.#shares.isSettled(job);
    (settles ? this.#arriving : this.#leaving).set(job.id, job);
  }

  async #goRound(): Promise<boolean> {
    const failed: unknown[] = [];
    const again: JobRecord[] = [];
    if (this.#sweepDue) await this.#look().catch((error: unknown) => failed.push(error));
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      if (this.#stopped.signal.aborted) return true;
      try {
        if (!(await this.#settle(job))) again.push(job);
      } catch (error) {
        failed.push(error);
        again.push(job);
      }
    }
    for (const job of again) this.#enter(job);
    const { report } = this.#components;
    if (failed.length > 0 && !this.#stopped.signal.aborted) {
      report("replication waits", { reason: toReelmeshError(failed[0]).message, missing: this.missing });
    }
    return failed.length === 0 && again.length === 0;
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

  /** False when it is to be looked at again. */
  async #settle(then: JobRecord): Promise<boolean> {
    const { store, mesh } = this.#components;
    const job = mesh.jobs.get(then.id);
    let isSettled = true;
    if (job === undefined) {
      if (!mesh.assets.has(then.asset)) await this.#releaseAsset(then);
    } else if (isKept(job)) return true;
    else if (job.state === "done") {
      // New here, or away for long: soon blobs are placed here, and until then nothing that others may need is let go.
      if (!this.#source.isPlacedOn) return false;
      isSettled = await this.#shares.settle(job);
    }
    await store.release(jobOwner(then.id));
    return isSettled;
  }

  async #releaseAsset({ asset, package: made }: JobRecord): Promise<void> {
    const { store } = this.#components;
    this.#source.forget(asset);
    this.#shares.forget(asset);
    await store.release(assetOwner(asset));
    await store.release(cacheOwner(asset));
    const manifest = made?.manifest?.sha256;
    if (manifest !== undefined) await this.#settled.remove(manifest);
  }

  async #look(): Promise<void> {
    this.#sweepDue = false;
    await this.#settled.load();
    for (const job of await this.#sweep.leavingJobs()) this.#enter(job);
    this.#enterUnsettled();
    await this.#sweep.assets();
  }

  /** Finished assets that are not settled here; nothing has changed in them while the log has not. */
  #enterUnsettled(): void {
    const { mesh } = this.#components;
    if (mesh.sequence === this.#sweptSequence) return;
    this.#sweptSequence = mesh.sequence;
    for (const id of mesh.assets.values()) {
      const job = mesh.jobs.get(id);
      if (job !== undefined && !this.#shares.isSettled(job)) this.#enter(job);
    }
  }

  /** A blob that was held here is gone, or was bad: it is fetched again for whoever owned it. */
  async #lost({ sha256, bytes, owners }: LostBlob): Promise<void> {
    const { mesh, report } = this.#components;
    for (const owner of owners) {
      const [kind, name = ""] = owner.split(/:(.*)/s);
      const job = kind === "asset" ? this.#source.job(name) : kind === "job" ? mesh.jobs.get(name) : undefined;
      if (job === undefined) continue;
      try {
        await this.#settled.load();
        if (kind === "asset") {
          this.#shares.forget(name);
          await this.#settled.remove(manifestOf(job).sha256);
        } else await this.#components.pull({ sha256, bytes }, this.#makers(job), owner, this.#stopped.signal);
      } catch (error) {
        report("a lost blob is not to be had", { sha256, owner, reason: toReelmeshError(error).message });
      }
      this.changed(job);
    }
  }

  #makers(job: JobRecord): string[] {
    return this.#components.sources([job.holder, ...(job.plan?.holders ?? []), ...holdersOf(job)]);
  }
}
