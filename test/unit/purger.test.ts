/** When caches are told that an asset has gone, and how often. */
import assert from "node:assert/strict";
import { Purger } from "../../src/node/purger.js";
import { until } from "../support/until.js";

const CACHE = "http://cache/";

/** A clock that stands still: a sleep ends when the test says so. */
class StandingClock {
  time = 0;
  sleeping: { ms: number; wake: () => void }[] = [];
  #begun = () => {};

  now = (): number => this.time;

  sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const wake = () => {
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      signal?.addEventListener("abort", wake, { once: true });
      this.sleeping.push({ ms, wake });
      this.#begun();
    });

  /** Waits until somebody sleeps, and lets the time pass. Returns for how long it was, in milliseconds. */
  async pass(): Promise<number> {
    while (this.sleeping.length === 0) await new Promise<void>((resolve) => (this.#begun = resolve));
    const { ms, wake } = this.sleeping.shift() as { ms: number; wake: () => void };
    this.time += ms;
    wake();
    return ms;
  }
}

describe("purging", () => {
  let assets: Map<string, string>;
  let clock: StandingClock;
  let told: string[];
  let refusals: number;
  let purger: Purger;

  const start = (caches = [CACHE]) => {
    purger = new Purger({
      mesh: { assets },
      caches,
      send: async (cache, asset) => {
        if (refusals-- > 0) throw new Error("connection refused");
        told.push(`${cache} ${asset}`);
      },
      clock,
      report: () => undefined,
    });
  };
  const toldOf = (count: number) => until(async () => (told.length >= count ? told : undefined), `told ${count} times`);

  beforeEach(() => {
    assets = new Map([["film", "job-1"]]);
    clock = new StandingClock();
    told = [];
    refusals = 0;
  });

  afterEach(() => purger.stop());

  it("tells every cache of an asset that is named no more, and once more a moment later", async () => {
    start(["http://one/", "http://two/"]);
    assets.delete("film");
    purger.ended("film");
    assert.deepEqual(await toldOf(2), ["http://one/ film", "http://two/ film"]);
    assert.deepEqual([await clock.pass(), await clock.pass()], [10_000, 10_000]);
    await toldOf(4);
  });

  it("says nothing of an asset that is finished for the first time, and of one that stays", async () => {
    start();
    assets.set("other", "job-2");
    purger.ended("other");
    purger.ended("film");
    purger.look();
    assets.delete("other");
    purger.ended("other");
    assert.deepEqual(await toldOf(1), [`${CACHE} other`]);
  });

  it("tells of an asset that was made anew, and of all that went while nobody looked", async () => {
    assets.set("other", "job-2");
    start();
    assets.set("film", "job-3");
    assets.delete("other");
    purger.look();
    assert.deepEqual((await toldOf(2)).sort(), [`${CACHE} film`, `${CACHE} other`]);
  });

  it("tries again, ever more slowly, until the cache has taken it", async () => {
    start();
    refusals = 7;
    purger.gone("film");
    const waits: number[] = [];
    for (let count = 0; count < 7; count++) waits.push(await clock.pass());
    assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    assert.deepEqual(await toldOf(1), [`${CACHE} film`]);
  });

  it("gives up a cache that has been away for an hour, and ends at once when it is stopped", async () => {
    start();
    refusals = Number.POSITIVE_INFINITY;
    purger.gone("film");
    while (clock.time <= 3_600_000) await clock.pass();
    refusals = 0;
    purger.gone("other");
    assert.deepEqual(await toldOf(1), [`${CACHE} other`]);
    refusals = Number.POSITIVE_INFINITY;
    purger.gone("third");
    await Promise.all([purger.stop(), purger.stop()]);
    assert.deepEqual(told, [`${CACHE} other`]);
  });
});
