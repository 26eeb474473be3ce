/**
 * Assets whose jobs still run, as far as they can be played: any node serves them, whoever encodes. The mesh log says
 * which tasks are finished and who holds what they gave; listings are pulled when somebody asks, segments when they are
 * asked for, each once for all who wait. Everything is held for the job, and goes or stays with it.
 */
import { assetFiles, manifestTexts } from "../core/asset-files.js";
import { ReelmeshError, toReelmeshError } from "../core/errors.js";
import { playableSoFar } from "../core/growing.js";
import { hasEnded, type JobRecord } from "../core/job-record.js";
import type { AssetFile, EncodedMedia, Plan } from "../core/media.js";
import type { MeshState } from "../core/mesh-state.js";
import type { Clock } from "../core/ports.js";
import type { BlobReference, EncodeResult } from "../core/work.js";
import type { AssetSummary } from "./asset-rows.js";
import { type BlobContext, ensureHeld, readJson } from "./tasks/context.js";

interface Components extends BlobContext {
  mesh: MeshState;
  clock: Pick<Clock, "wallClock" | "sleep">;
}

/** How long a viewer waits for what may have come to what can be played already. */
const PATIENCE_MS = 1_000;

/** What there is of an asset at one moment. */
export interface Playable {
  /** `seconds`, `bytes` and `files` are those so far, `finishedMs` is 0. */
  summary: AssetSummary;
  /** Playlists and manifests: path below the asset's folder -> text. */
  texts: Record<string, string>;
  files: Record<string, AssetFile>;
}

/** What is known of a job: its plan, and the listings read so far by task. */
interface Known {
  plan?: Plan;
  listings: Map<string, { sha256: string; media: EncodedMedia; isPart: boolean }>;
  /** Which task gave a blob. */
  makers: Map<string, string>;
  playable: Playable | undefined;
  /** Of the last look. */
  failure: ReelmeshError | undefined;
  /** A look at what is new, on which everybody waits. */
  looking: Promise<void> | undefined;
}

export class GrowingAssets {
  readonly #components: Components;
  readonly #known = new Map<string, Known>();
  readonly #stopped = new AbortController();

  constructor(components: Components) {
    this.#components = components;
  }

  stop(): void {
    this.#stopped.abort();
  }

  /**
   * Undefined when no job makes such an asset. UNAVAILABLE while nothing can be played or nobody gives the listings,
   * NOT_FOUND when its job failed or was cancelled.
   */
  async find(asset: string): Promise<Playable | undefined> {
    const job = this.#jobOf(asset);
    if (job === undefined || job.state === "done") return undefined;
    if (hasEnded(job)) throw ended(job);
    const known = this.#knownOf(job);
    known.looking ??= this.#look(job, known).finally(() => {
      known.looking = undefined;
    });
    // Who watches already does not wait for a node that is away: what there was is shown, and more the next time.
    if (known.playable === undefined) await known.looking;
    else await Promise.race([known.looking, this.#components.clock.sleep(PATIENCE_MS, this.#stopped.signal)]);
    if (known.playable !== undefined) return known.playable;
    if (known.failure !== undefined) throw known.failure;
    const message = `the asset ${asset} is being encoded and its beginning is not there yet`;
    throw new ReelmeshError("UNAVAILABLE", `${message}; ask again in a few seconds`);
  }

  /** Absolute path of a file of an asset that is being encoded, pulled from who made it where it is not here. */
  async file(reference: BlobReference, { job: id }: AssetSummary): Promise<string> {
    const maker = this.#known.get(id)?.makers.get(reference.sha256);
    const job = this.#components.mesh.jobs.get(id);
    const holders = job && givenSoFar(job).get(maker ?? "")?.result.holders;
    await ensureHeld(this.#components, reference, id, holders ?? [], this.#stopped.signal);
    return this.#components.store.path(reference.sha256);
  }

  /** The newest job of the name; jobs that run are few. */
  #jobOf(asset: string): JobRecord | undefined {
    const { active, jobs } = this.#components.mesh;
    for (const id of active) if (jobs.get(id)?.asset === asset) return jobs.get(id);
    let newest: JobRecord | undefined;
    for (const job of jobs.values()) if (job.asset === asset) newest = job;
    return newest;
  }

  #knownOf(job: JobRecord): Known {
    const { active } = this.#components.mesh;
    for (const id of this.#known.keys()) if (!active.has(id)) this.#known.delete(id);
    const known = this.#known.get(job.id) ?? newlyKnown();
    this.#known.set(job.id, known);
    return known;
  }

  /** Never rejects: what failed is known. */
  async #look(job: JobRecord, known: Known): Promise<void> {
    known.failure = undefined;
    try {
      if (job.plan?.plan === null || job.plan === null) return;
      known.plan ??= await this.#readJson<Plan>(job.plan.plan, job.id, job.plan.holders);
      if (await this.#readListings(job, known)) known.playable = this.#describe(job, known.plan, known.listings);
    } catch (error) {
      known.failure = toReelmeshError(error);
    }
  }

  /**
   * What is known becomes what was given; true when that is something else than before. A listing that nobody gives
   * now leaves the asset as long as it was.
   */
  async #readListings(job: JobRecord, known: Known): Promise<boolean> {
    const { listings, makers } = known;
    const given = givenSoFar(job);
    let changed = false;
    for (const task of listings.keys()) {
      // Taken back, to be made again. What has only grown stays until more of it is read.
      if (!given.has(task)) changed = listings.delete(task);
    }
    const reads = [...given].map(
      async ([
        task,
        {
          result: { listing, holders },
          isPart,
        },
      ]) => {
        if (listing === null || listings.get(task)?.sha256 === listing.sha256) return;
        const media = await this.#readJson<EncodedMedia>(listing, job.id, holders);
        listings.set(task, { sha256: listing.sha256, media, isPart });
        changed = true;
        for (const { init, segments } of media.renditions) {
          for (const { sha256 } of [init, ...segments]) makers.set(sha256, task);
        }
      },
    );
    const failed = (await Promise.allSettled(reads)).find(({ status }) => status === "rejected");
    if (failed?.status === "rejected") known.failure = toReelmeshError(failed.reason);
    return changed;
  }

  #describe(job: JobRecord, plan: Plan, listings: Known["listings"]): Playable | undefined {
    const found = playableSoFar(
      plan,
      [...listings].map(([task, { media, isPart }]) => ({ task, media, isPart })),
    );
    if (found === undefined) return undefined;
    const since = new Date(job.submittedMs).toISOString();
    const now = new Date(this.#components.clock.wallClock()).toISOString();
    const texts = manifestTexts(found.made, { ...found.growth, since, now });
    const files = assetFiles(found.made, {});
    const { id, asset, name } = job;
    const renditions = job.plan?.renditions ?? [];
    const sizes = Object.values(files).map(({ bytes }) => bytes);
    const bytes = sizes.reduce((sum, one) => sum + one, 0);
    const { seconds } = found;
    return {
      summary: { asset, name, job: id, seconds, bytes, files: sizes.length, renditions, finishedMs: 0 },
      texts,
      files,
    };
  }

  /** A viewer who goes away takes nothing from the others: the pull ends with the node alone. */
  #readJson<T>(reference: BlobReference, job: string, holders: string[]): Promise<T> {
    return readJson<T>(this.#components, reference, job, holders, this.#stopped.signal);
  }
}

/** What finished tasks gave, and the beginnings of others. */
function givenSoFar({ finished, grown }: JobRecord): Map<string, { result: EncodeResult; isPart: boolean }> {
  const given = new Map<string, { result: EncodeResult; isPart: boolean }>();
  for (const [task, { result }] of grown) given.set(task, { result, isPart: true });
  for (const [task, { result }] of finished) given.set(task, { result, isPart: false });
  return given;
}

function ended({ asset, state, reason }: JobRecord): ReelmeshError {
  const why = state === "cancelled" ? "was cancelled" : `failed: ${reason}`;
  return new ReelmeshError("NOT_FOUND", `there is no asset ${asset}: the job that was making it ${why}`);
}

function newlyKnown(): Known {
  return { listings: new Map(), makers: new Map(), playable: undefined, failure: undefined, looking: undefined };
}
