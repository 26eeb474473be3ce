/** How a node looks after what it holds: the comparison of blobs with their names, and what a new index has found. */
import type { StoreStatus } from "../../gen/reelmesh/v1/StoreStatus.js";
import { systemClock } from "../clock.js";
import { Reclaimer } from "../reclaim.js";
import { Scrubber } from "../scrubber.js";
import type { Store } from "../store/open.js";
import { REBUILT, type Rebuilt } from "../store/open-index.js";
import type { Base } from "./base.js";
import { knowsMesh } from "./replication.js";
import type { Shelf } from "./shelf.js";

const HOUR_MS = 3_600_000;
const MEGABYTE = 1_000_000;

/** What parts of a node's life ask of this. */
export interface Keeping {
  start(): void;
  status(): Promise<StoreStatus>;
}

/** Tells that the index was begun anew, where it was. */
export function tellDamage({ damage }: Pick<Store, "damage">, report: Base["report"]): void {
  if (damage === undefined) return;
  report("the index was damaged: it is begun anew from the files, and the damaged one is kept beside it", {
    reason: damage,
  });
}

export function openKeeping(base: Base, { members, replicator }: Shelf): Keeping {
  const { config, lifecycle, report, tail } = base;
  const { blobs: store, settings } = base.store;
  const rate = config.scrubRate * MEGABYTE;
  const everyMs = config.scrubEvery * HOUR_MS;
  const scrubber = new Scrubber({ store, rate, everyMs, clock: systemClock, report });
  const reclaimer = new Reclaimer({
    store,
    mesh: tail.state,
    caughtUp: () => knowsMesh(base, members),
    missing: () => replicator.missing,
    clock: systemClock,
    report,
  });
  store.onLost(({ sha256, bytes, how, owners }) => report("a blob is lost here", { sha256, bytes, how, owners }));
  return {
    start() {
      scrubber.start();
      lifecycle.onStop("scrubber", () => scrubber.stop());
      reclaimer.start();
      lifecycle.onStop("found files", () => reclaimer.stop());
      tail.onReset(() => reclaimer.look());
    },
    async status() {
      const { damaged, missing } = store.findings();
      const rebuilt = (await settings.get(REBUILT)) as Rebuilt | undefined;
      return {
        quotaBytes: Number.isFinite(config.quota) ? config.quota : 0,
        scrubRate: rate,
        oldestVerifiedMs: scrubber.oldest,
        damagedBlobs: damaged,
        missingBlobs: missing,
        rebuiltMs: rebuilt?.at ?? 0,
        rebuiltReason: rebuilt?.reason ?? "",
      };
    },
  };
}
