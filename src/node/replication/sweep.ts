/** Finds what the log did to jobs and assets while this node did not read it, by comparing owners with the state. */
import { isKept, type JobRecord } from "../../core/job-record.js";
import type { MeshState } from "../../core/mesh-state.js";
import { type BlobStore, CACHE_OWNER, type Clock } from "../../core/ports.js";
import { assetOwner, cacheOwner } from "./owners.js";
import { Settled } from "./settled.js";

/** An upload that no job ever named is let go after this long. */
const ORPHAN_MS = 3_600_000;
/** An asset that the state does not know is let go when it has been unknown for this long. */
const UNKNOWN_MS = 60_000;
/** The owners of assets are looked through this often, and at every sweep while one is unknown. */
const ASSET_SWEEP_MS = 600_000;

interface Components {
  store: BlobStore;
  mesh: MeshState;
  settled: Settled;
  /** Whether the state is the mesh's: until then, what it does not know may only not have been read yet. */
  caughtUp(): boolean;
  clock: Pick<Clock, "now" | "wallClock">;
  report(event: string, details: Record<string, unknown>): void;
}

export class Sweep {
  readonly #components: Components;
  /** Since when an owner's asset has not been known to the state. */
  #unknown = new Map<string, number>();
  #assetsSweptAt = Number.NEGATIVE_INFINITY;

  constructor(components: Components) {
    this.#components = components;
  }

  /** Jobs that are not kept any more and still own something here. Lets go of uploads that no job names. */
  async leavingJobs(): Promise<JobRecord[]> {
    const { store, mesh, clock, caughtUp } = this.#components;
    const leaving: JobRecord[] = [];
    for (const { owner, since } of await store.owners("job:")) {
      const job = mesh.jobs.get(owner.slice("job:".length));
      if (job !== undefined) {
        if (!isKept(job)) leaving.push(job);
      } else if (caughtUp() && clock.wallClock() - since > ORPHAN_MS) await store.release(owner);
    }
    return leaving;
  }

  /** Lets go of assets that were removed while this node did not read the log. */
  async assets(): Promise<void> {
    const { store, clock, caughtUp, report } = this.#components;
    const now = clock.now();
    const due = this.#unknown.size > 0 || now - this.#assetsSweptAt >= ASSET_SWEEP_MS;
    if (!caughtUp() || !due) return;
    this.#assetsSweptAt = now;
    const unknown = new Map<string, number>();
    for (const owner of await this.#strangers()) unknown.set(owner, this.#unknown.get(owner) ?? now);
    this.#unknown = unknown;
    for (const [owner, since] of unknown) {
      if (now - since < UNKNOWN_MS) continue;
      report("unknown asset let go", { owner, blobs: await store.release(owner) });
      unknown.delete(owner);
    }
  }

  async #strangers(): Promise<string[]> {
    const { store, mesh, settled } = this.#components;
    const known = new Set<string>();
    const manifests = new Set<string>();
    for (const [asset, id] of mesh.assets) {
      known.add(assetOwner(asset)).add(cacheOwner(asset));
      manifests.add(mesh.jobs.get(id)?.package?.manifest?.sha256 ?? "");
    }
    const owners = [...(await store.owners("asset:")), ...(await store.owners(CACHE_OWNER))];
    const strangers = owners.filter(({ owner }) => !known.has(owner));
    const marks = (await settled.owners()).filter(({ owner }) => !manifests.has(Settled.manifestIn(owner)));
    return [...strangers, ...marks].map(({ owner }) => owner);
  }
}
