/**
 * Gives files that a new index has found (owners `found:`) to the jobs that name them. Finished assets take theirs by
 * themselves (replicator.ts). What nobody has named when the grace period is over is let go.
 */
import { isKept, type JobRecord } from "../core/job-record.js";
import type { EncodedMedia } from "../core/media.js";
import type { MeshState } from "../core/mesh-state.js";
import { jobOwner } from "../core/owners.js";
import { type BlobStore, type Clock, FOUND_OWNER } from "../core/ports.js";
import type { BlobReference } from "../core/work.js";

/** As long as an upload that no job has named yet is kept. */
const GRACE_MS = 3_600_000;
const LOOK_MS = 30_000;

interface Components {
  store: Pick<BlobStore, "owners" | "own" | "read" | "release">;
  mesh: MeshState;
  /** Whether the state is the mesh's: until then, what it does not name may only not have been read yet. */
  caughtUp(): boolean;
  /** Files of finished assets that are not held yet, and may be among those found. */
  missing(): number;
  clock: Pick<Clock, "wallClock" | "every">;
  report(event: string, details: Record<string, unknown>): void;
}

export class Reclaimer {
  readonly #components: Components;
  #stop: () => void = () => undefined;
  #looking: Promise<void> | undefined;
  #claimed = -1;

  constructor(components: Components) {
    this.#components = components;
  }

  start(): void {
    this.#stop = this.#components.clock.every(LOOK_MS, () => this.look());
    this.look();
  }

  /** Looks at once; one look at a time. */
  look(): void {
    this.#looking ??= this.#look()
      .catch((error: unknown) => this.#components.report("files that were found are kept for now", { error }))
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async stop(): Promise<void> {
    this.#stop();
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { store, mesh, caughtUp, missing, clock, report } = this.#components;
    const found = await store.owners(FOUND_OWNER);
    if (found.length === 0 || !caughtUp()) return;
    if (mesh.sequence !== this.#claimed) {
      for (const job of mesh.jobs.values()) if (isKept(job)) await this.#claim(job);
      this.#claimed = mesh.sequence;
    }
    for (const { owner, since } of found) {
      if (clock.wallClock() - since < GRACE_MS || missing() > 0) continue;
      report("files that nobody asks for let go", { blobs: await store.release(owner) });
    }
  }

  async #claim(job: JobRecord): Promise<void> {
    const { store } = this.#components;
    const own = (reference: BlobReference | null | undefined) =>
      reference ? store.own(reference.sha256, jobOwner(job.id)) : Promise.resolve(false);
    await own(job.source);
    for (const { file } of job.options.subtitles) await own(file);
    await own(job.plan?.plan);
    for (const { result } of [...job.finished.values(), ...job.grown.values()]) {
      if (result.listing === null || !(await own(result.listing))) continue;
      const media = JSON.parse(new TextDecoder().decode(await store.read(result.listing.sha256))) as EncodedMedia;
      const parts = media.renditions.flatMap(({ init, segments }) => [init, ...segments]);
      for (const reference of [...parts, ...Object.values(media.files)]) await own(reference);
    }
  }
}
