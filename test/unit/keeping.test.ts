/** How a node looks after what it holds: the scrub and the files that a new index has found, over real stores. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import type { EncodedMedia } from "../../src/core/media.js";
import { applyEntry, emptyMeshState } from "../../src/core/mesh-state.js";
import type { BlobReference } from "../../src/core/work.js";
import { Reclaimer } from "../../src/node/reclaim.js";
import { Scrubber } from "../../src/node/scrubber.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { entry, planned, submitted, taskDone } from "../support/facts.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

const HOUR_MS = 3_600_000;

async function* streamOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

function blob(text: string): BlobReference {
  return { sha256: createHash("sha256").update(text).digest("hex"), bytes: Buffer.byteLength(text) };
}

describe("looking after what is held", () => {
  let folder = "";
  let store: Store;

  beforeEach(async () => {
    folder = await temporaryFolder();
    store = await openStore(folder);
  });

  afterEach(() => store.close());

  describe("the scrub", () => {
    /** Pauses that it made, in milliseconds; the clock stands still but for these. */
    let slept: number[];
    let now: number;
    let scrubber: Scrubber;

    const open = (rate: number, everyMs: number) => {
      slept = [];
      now = Date.now();
      const clock = {
        wallClock: () => now,
        async sleep(ms: number) {
          slept.push(ms);
          await new Promise((resolve) => setImmediate(resolve));
        },
      };
      scrubber = new Scrubber({ store: store.blobs, rate, everyMs, clock, report: () => {} });
      scrubber.start();
    };

    afterEach(() => scrubber.stop());

    it("finds what is damaged and what is missing, and pauses for what it reads", async () => {
      const texts = ["sound", "damaged", "missing", "short"];
      for (const text of texts) await store.blobs.put(streamOf(text), "asset:film");
      await writeFile(await store.blobs.path(blob("damaged").sha256), "damageD");
      await writeFile(await store.blobs.path(blob("short").sha256), "shor");
      await rm(await store.blobs.path(blob("missing").sha256));
      open(1_000, 0);
      const found = async () => {
        const { damaged, missing } = store.blobs.findings();
        return (damaged === 2 && missing === 1) || undefined;
      };
      await until(found, "the scrub finds them");
      assert.ok(slept.includes(5), "5 bytes at 1,000 a second take 5 ms");
      assert.deepEqual(store.blobs.totals(), { blobs: 1, bytes: 5 });
    });

    it("leaves alone what was compared lately, and all when it is off", async () => {
      const { sha256 } = await store.blobs.put(streamOf("lately"), "asset:film");
      const [before] = await store.blobs.oldestVerified(1);
      assert.equal(before?.sha256, sha256);
      for (const [rate, everyMs] of [
        [1_000, 24 * HOUR_MS],
        [0, 0],
      ] as const) {
        open(rate, everyMs);
        await until(async () => slept.length > 3 || undefined, "it has looked a few times");
        assert.deepEqual(await store.blobs.oldestVerified(1), [before]);
        assert.equal(scrubber.oldest, before.verifiedAt);
        await scrubber.stop();
      }
    });

    it("begins with what was compared the longest ago, also after a restart", async () => {
      for (const text of ["one", "two", "three"]) {
        await store.blobs.put(streamOf(text), "asset:film");
        await until(
          async () => Date.now() > ((await store.blobs.oldestVerified(9)).at(-1)?.verifiedAt ?? 0) || undefined,
          "a moment passes",
        );
      }
      await store.blobs.verify(blob("one").sha256);
      await store.close();
      store = await openStore(folder);
      const order = (await store.blobs.oldestVerified(9)).map(({ sha256 }) => sha256);
      assert.deepEqual(
        order,
        ["two", "three", "one"].map((text) => blob(text).sha256),
      );
      assert.deepEqual((await store.blobs.oldestVerified(1)).length, 1);
    });
  });

  describe("files that a new index has found", () => {
    const segment = { ...blob("a segment"), number: 0, start: 0, duration: 1 };
    const extra = { ...blob("a picture"), type: "image/jpeg" };
    const media: EncodedMedia = {
      version: 1,
      task: "chunk-1",
      renditions: [
        { name: "720p", kind: "video", codec: "", timescale: 1, init: blob("an init"), segments: [segment] },
      ],
      files: { "poster.jpg": extra },
    };
    const listing = JSON.stringify(media);
    const named = ["a segment", "a picture", "an init", listing, "the source", "the plan"];

    async function loseIndex(): Promise<void> {
      await store.close();
      await rm(join(folder, "index"), { recursive: true });
      store = await openStore(folder);
      assert.ok(store.damage);
    }

    it("go back to the jobs that name them, and the others go when the grace period is over", async () => {
      for (const text of [...named, "nobody's"]) await store.blobs.put(streamOf(text), "job:one");
      await loseIndex();
      const mesh = emptyMeshState();
      const [sent, plan, done] = [submitted("one"), planned("one"), taskDone("one", "chunk-1")];
      sent.jobSubmitted.source = blob("the source");
      if (plan.jobPlanned.result) plan.jobPlanned.result.plan = blob("the plan");
      if (done.taskDone.result) done.taskDone.result.listing = blob(listing);
      for (const [place, fact] of [sent, plan, done].entries()) applyEntry(mesh, place + 1, entry(fact));
      let caughtUp = false;
      let missing = 1;
      let now = Date.now();
      const reclaimer = new Reclaimer({
        store: store.blobs,
        mesh,
        caughtUp: () => caughtUp,
        missing: () => missing,
        clock: { wallClock: () => now, every: () => () => undefined },
        report: () => {},
      });
      const look = async () => {
        reclaimer.look();
        await reclaimer.stop();
        return (await store.blobs.owners()).map(({ owner }) => owner.replace(/\d+$/, ""));
      };
      now += 2 * HOUR_MS;
      assert.deepEqual(await look(), ["found:"], "the log may name them yet");
      caughtUp = true;
      assert.deepEqual(await look(), ["found:", "job:one"], "an asset may need them yet");
      missing = 0;
      assert.deepEqual(await look(), ["job:one"]);
      assert.equal(store.blobs.totals().blobs, named.length);
      for (const text of named) assert.equal(Buffer.from(await store.blobs.read(blob(text).sha256)).toString(), text);
      assert.equal(await store.blobs.find(blob("nobody's").sha256), undefined);
    });
  });
});
