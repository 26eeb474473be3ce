/**
 * Brings what this node holds of an asset to what is placed on it. What lacks is pulled, the beginning of the film
 * first. What is placed elsewhere is let go when every node that it is placed on has said that it holds it: asked under
 * the same placement, they keep it until there is another one. So a copy goes only when all others are known to be there.
 */
import { blobsInOrder } from "../../core/asset-order.js";
import { type Copy, CopyOrder, type Hand } from "../../core/copy-order.js";
import { ReelmeshError } from "../../core/errors.js";
import type { JobRecord } from "../../core/job-record.js";
import type { Places } from "../../core/placement.js";
import type { BlobStore, Clock } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import type { AssetSource } from "./asset-source.js";
import { assetOwner, manifestOf } from "./owners.js";
import type { Settled } from "./settled.js";

/**
 * Blobs on their way at once, by what is taken where there is a choice. What copiers pass on is most of it where there
 * are several, and who made an asset is kept busy by two pulls of each of them. They are more than the connections, of
 * which the blob client has its own bounds: while some are made durable, others come.
 */
const PULLS: Hand[] = ["first", "first", "second", "second", "second", "second"];
/** Until a pull that has nothing to do looks again, in milliseconds. */
const PAUSE_MS = 100;
/** Blobs that a node is asked for at once. */
const ASKED_AT_ONCE = 1_000;

/** Asks a node which of these blobs of an asset it holds and keeps under a placement; UNAVAILABLE, CONFLICT. */
export type AskHolder = (node: string, placement: string, asset: string, blobs: string[]) => Promise<boolean[]>;

interface Components {
  store: BlobStore;
  source: AssetSource;
  settled: Settled;
  /** False while the disk is full: then nothing is pulled ahead of being asked for. */
  hasRoom(): boolean;
  askHolder: AskHolder;
  clock: Pick<Clock, "now" | "sleep">;
  /** Ends what is under way. */
  stopped: AbortSignal;
  report(event: string, details: Record<string, unknown>): void;
}

export class Shares {
  readonly #components: Components;
  /** Files still to be pulled, by asset. */
  readonly #lacking = new Map<string, number>();
  /** By asset, the placement under which all that is placed here was held; what is placed elsewhere may still wait. */
  readonly #held = new Map<string, Places>();
  /** Counts what was forgotten: what a settling found may not stand any more. */
  #forgotten = 0;

  constructor(components: Components) {
    this.#components = components;
  }

  /** Files of finished assets that are still to be pulled, as far as they are known. */
  get lacking(): number {
    return [...this.#lacking.values()].reduce((sum, one) => sum + one, 0);
  }

  isSettled(job: JobRecord): boolean {
    const manifest = job.package?.manifest?.sha256;
    return manifest !== undefined && this.#components.settled.has(manifest, this.#components.source.places.name);
  }

  /** Something of an asset is gone, or all of it. */
  forget(asset: string): void {
    this.#lacking.delete(asset);
    this.#held.delete(asset);
    this.#forgotten++;
  }

  /** True when the share is held, and nothing besides; false when others are still to make their copies. Throws what a pull throws. */
  async settle(job: JobRecord): Promise<boolean> {
    if (this.isSettled(job)) return true;
    const { source, settled, report } = this.#components;
    const { places } = source;
    const forgotten = this.#forgotten;
    const { sha256 } = manifestOf(job);
    await settled.remove(sha256);
    const blobs = await this.#blobs(job);
    const mine = new Set(blobs.filter((blob) => source.isPlacedHere(blob.sha256)));
    // What is let go makes room, whatever becomes of the pulls.
    const surplus = places.everywhere
      ? 0
      : await this.#letGo(
          job,
          places,
          blobs.filter((blob) => !mine.has(blob)),
        );
    if (this.#held.get(job.asset) !== places) await this.#pull(job, [...mine]);
    if (source.places !== places || this.#forgotten !== forgotten) return false;
    this.#held.set(job.asset, places);
    if (surplus > 0) return false;
    await settled.add(sha256, places.name);
    this.#held.delete(job.asset);
    report("asset held", { asset: job.asset, files: mine.size, of: blobs.length });
    return true;
  }

  async #blobs(job: JobRecord): Promise<BlobReference[]> {
    const { source, store } = this.#components;
    const reference = manifestOf(job);
    const owner = assetOwner(job.asset);
    if ((await store.find(reference.sha256)) === undefined) this.#checkRoom(job);
    const manifest = await source.manifest(job);
    // Every node keeps the manifest, whoever had it before; one that is in memory may have been lost from the disk.
    if (!(await store.own(reference.sha256, owner))) await source.pull(reference, owner, job);
    return blobsInOrder(manifest);
  }

  #checkRoom({ asset }: JobRecord): void {
    if (this.#components.hasRoom()) return;
    throw new ReelmeshError("ENVIRONMENT", `the disk is full: asset ${asset} is pulled when there is room`);
  }

  async #pull(job: JobRecord, mine: BlobReference[]): Promise<void> {
    const { source, clock, stopped } = this.#components;
    const order = new CopyOrder(mine, (sha256) => source.copiersBefore(sha256, job).length > 0);
    const errors: unknown[] = [];
    const puller = async (prefers: Hand) => {
      while (!order.isEmpty && !stopped.aborted) {
        const copy = order.next(clock.now(), prefers);
        if (copy === undefined) await clock.sleep(PAUSE_MS, stopped);
        else await this.#copy(copy, order, job).catch((error: unknown) => errors.push(error));
      }
    };
    this.#lacking.set(job.asset, mine.length);
    await Promise.all(PULLS.map(puller));
    stopped.throwIfAborted();
    if (errors.length > 0) throw errors[0];
    this.#lacking.delete(job.asset);
  }

  async #copy(copy: Copy, order: CopyOrder, job: JobRecord): Promise<void> {
    const { store, source, clock } = this.#components;
    const owner = assetOwner(job.asset);
    if (!(await store.own(copy.blob.sha256, owner))) {
      this.#checkRoom(job);
      if (copy.from === "anyone") await source.pull(copy.blob, owner, job);
      else if (!(await source.pullFromCopiers(copy.blob, owner, job).then(() => true, isNotYet))) {
        order.notYet(copy, clock.now());
        return;
      }
    }
    order.came(copy);
    this.#lacking.set(job.asset, (this.#lacking.get(job.asset) ?? 1) - 1);
  }

  /** Returns how many blobs that are placed elsewhere stay here. */
  async #letGo(job: JobRecord, places: Places, theirs: BlobReference[]): Promise<number> {
    const { store } = this.#components;
    const owner = assetOwner(job.asset);
    const held: string[] = [];
    for (const { sha256 } of theirs) {
      // Kept for the asset until the others have it: the job that made it lets go of it now.
      if ((await store.find(sha256)) !== undefined && (await store.own(sha256, owner))) held.push(sha256);
    }
    const safe = await this.#confirmed(job.asset, places, held);
    await store.disown(safe, owner);
    return held.length - safe.length;
  }

  /** Of these blobs, those that every node which they are placed on holds. */
  async #confirmed(asset: string, places: Places, blobs: string[]): Promise<string[]> {
    const wanted = new Map<string, string[]>();
    for (const sha256 of blobs) {
      for (const node of places.of(sha256)) wanted.set(node, [...(wanted.get(node) ?? []), sha256]);
    }
    const lacking = new Set<string>();
    for (const [node, asked] of wanted) {
      for (let from = 0; from < asked.length; from += ASKED_AT_ONCE) {
        const some = asked.slice(from, from + ASKED_AT_ONCE);
        const held = await this.#components.askHolder(node, places.name, asset, some).catch(() => []);
        for (const [index, sha256] of some.entries()) if (held[index] !== true) lacking.add(sha256);
      }
    }
    return blobs.filter((sha256) => !lacking.has(sha256));
  }
}

/** False for what may come later; throws what will not. */
function isNotYet(thrown: unknown): false {
  if (thrown instanceof ReelmeshError && thrown.code === "UNAVAILABLE") return false;
  throw thrown;
}
