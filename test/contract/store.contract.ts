/** What every BlobStore must do, whatever is behind it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { type ErrorCode, ReelmeshError } from "../../src/core/errors.js";
import type { BlobStore, LostBlob } from "../../src/core/ports.js";

export interface StoreFixture {
  store: BlobStore;
  /** Temporary files and blob files that stand on the disk now. */
  files(): Promise<string[]>;
  /** Closes the store and opens it again over the same data. */
  reopen(): Promise<BlobStore>;
  close(): Promise<void>;
}

export const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export async function* streamOf(...chunks: (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

/** Times of use have milliseconds: resolves when the clock shows a later one. */
async function later(): Promise<void> {
  for (const from = Date.now(); Date.now() <= from; ) await delay(1);
}

/** Does something to a file until its change time shows it: on some systems that moves on only every few milliseconds. */
async function touched(file: string, harm: (file: string) => Promise<unknown>): Promise<void> {
  const changedAt = () =>
    stat(file).then(
      ({ ctimeMs }) => ctimeMs,
      () => undefined,
    );
  const before = await changedAt();
  do await harm(file);
  while ((await changedAt()) === before);
}

/** A predicate for assert.rejects. */
export const hasCode = (code: ErrorCode, words?: RegExp) => (thrown: unknown) => {
  assert.ok(thrown instanceof ReelmeshError, String(thrown));
  assert.equal(thrown.code, code, thrown.message);
  if (words !== undefined) assert.match(thrown.message, words);
  return true;
};

export function describeBlobStore(name: string, open: () => Promise<StoreFixture>): void {
  describe(`BlobStore: ${name}`, () => {
    let fixture: StoreFixture;
    let store: BlobStore;

    beforeEach(async () => {
      fixture = await open();
      store = fixture.store;
    });

    afterEach(() => fixture.close());

    it("puts, finds, reads and gives the path", async () => {
      const bytes = Buffer.from("hello mesh");
      const reference = await store.put(streamOf("hello ", "mesh"), "job:1");
      assert.deepEqual(reference, { sha256: hashOf(bytes), bytes: 10 });
      assert.deepEqual(await store.find(reference.sha256), reference);
      assert.deepEqual(Buffer.from(await store.read(reference.sha256)), bytes);
      const path = await store.path(reference.sha256);
      assert.ok(isAbsolute(path));
      assert.deepEqual(await readFile(path), bytes);
      assert.deepEqual(store.totals(), { blobs: 1, bytes: 10 });
      assert.equal((await fixture.files()).length, 1);
    });

    it("takes an owner from some of its blobs, and deletes those that nobody else owns", async () => {
      const [one, two, three] = await Promise.all(["1", "2", "3"].map((text) => store.put(streamOf(text), "asset:a")));
      assert.ok(one && two && three);
      await store.own(two.sha256, "job:1");
      assert.equal(await store.disown([one.sha256, two.sha256, "ab".repeat(32)], "asset:a"), 1);
      assert.equal(await store.find(one.sha256), undefined);
      assert.deepEqual(await store.find(two.sha256), two);
      assert.equal((await fixture.files()).length, 2);
      assert.deepEqual(store.totals(), { blobs: 2, bytes: 2 });
      assert.equal(await store.release("job:1"), 1);
      assert.equal(await store.disown([three.sha256], "asset:a"), 1);
      assert.deepEqual(await store.owners(), []);
      store = await fixture.reopen();
      assert.deepEqual(store.totals(), { blobs: 0, bytes: 0 });
    });

    it("keeps a blob of 0 bytes", async () => {
      const reference = await store.put(streamOf(), "job:1");
      assert.equal(reference.sha256, hashOf(new Uint8Array()));
      assert.equal((await store.read(reference.sha256)).byteLength, 0);
      assert.deepEqual(store.totals(), { blobs: 1, bytes: 0 });
    });

    it("says NOT_FOUND or false for what it does not hold", async () => {
      const sha256 = hashOf(Buffer.from("elsewhere"));
      assert.equal(await store.find(sha256), undefined);
      assert.equal(await store.own(sha256, "job:1"), false);
      await assert.rejects(store.path(sha256), hasCode("NOT_FOUND", new RegExp(sha256)));
      await assert.rejects(store.read(sha256), hasCode("NOT_FOUND"));
      assert.equal(await store.release("job:1"), 0);
    });

    it("keeps nothing when other bytes arrive than expected", async () => {
      const right = Buffer.from("right");
      const expect = { sha256: hashOf(right), bytes: right.length };
      for (const wrong of ["wrong", "righ", "right and more"]) {
        await assert.rejects(store.put(streamOf(wrong), "job:1", { expect }), hasCode("CORRUPT", /expected|more/));
      }
      assert.deepEqual(await fixture.files(), []);
      assert.deepEqual(await store.owners(), []);
      assert.deepEqual(store.totals(), { blobs: 0, bytes: 0 });
      assert.deepEqual(await store.put(streamOf(right), "job:1", { expect }), expect);
    });

    it("ends a stream that is longer than expected without reading all of it", async () => {
      let chunks = 0;
      let ended = false;
      async function* endless(): AsyncGenerator<Uint8Array> {
        try {
          while (true) {
            chunks += 1;
            yield Buffer.alloc(1000);
          }
        } finally {
          ended = true;
        }
      }
      const expect = { sha256: hashOf(Buffer.alloc(2500)), bytes: 2500 };
      await assert.rejects(store.put(endless(), "job:1", { expect }), hasCode("CORRUPT"));
      assert.equal(chunks, 3);
      assert.ok(ended);
    });

    it("keeps nothing when aborted, even while the source hangs", async () => {
      const controller = new AbortController();
      async function* hangs(): AsyncGenerator<Uint8Array> {
        yield Buffer.from("first");
        setImmediate(() => controller.abort());
        await new Promise(() => undefined);
      }
      await assert.rejects(store.put(hangs(), "job:1", { signal: controller.signal }), hasCode("ABORTED"));
      assert.deepEqual(await fixture.files(), []);
      await assert.rejects(store.put(streamOf("x"), "job:1", { signal: controller.signal }), hasCode("ABORTED"));
      assert.deepEqual(await store.owners(), []);
    });

    it("passes the source's own error on and keeps nothing", async () => {
      const failure = new Error("the peer went away");
      async function* fails(): AsyncGenerator<Uint8Array> {
        yield Buffer.from("first");
        throw failure;
      }
      await assert.rejects(store.put(fails(), "job:1"), (thrown) => thrown === failure);
      assert.deepEqual(await fixture.files(), []);
    });

    it("deletes a blob with its last owner", async () => {
      const shared = await store.put(streamOf("shared"), "job:1");
      const alone = await store.put(streamOf("alone"), "job:1");
      await store.put(streamOf("other"), "job:10");
      assert.equal(await store.own(shared.sha256, "asset:film"), true);
      assert.equal(await store.release("job:1"), 1);
      assert.equal(await store.find(alone.sha256), undefined);
      assert.deepEqual(await store.find(shared.sha256), shared);
      assert.deepEqual((await store.owners()).map(({ owner }) => owner).sort(), ["asset:film", "job:10"]);
      assert.deepEqual(
        (await store.owners("asset:")).map(({ owner }) => owner),
        ["asset:film"],
      );
      assert.deepEqual(await store.owners("job:11"), []);
      assert.equal(await store.release("asset:film"), 1);
      assert.equal(await store.release("asset:film"), 0);
      assert.deepEqual(store.totals(), { blobs: 1, bytes: 5 });
      assert.equal((await fixture.files()).length, 1);
    });

    it("releases an owner of many blobs", async () => {
      const puts = Array.from({ length: 450 }, (_, index) => store.put(streamOf(`blob ${index}`), "job:1"));
      await Promise.all(puts);
      await store.put(streamOf("blob 0"), "job:2");
      assert.equal(await store.release("job:1"), 449);
      assert.deepEqual(store.totals(), { blobs: 1, bytes: 6 });
      assert.equal((await fixture.files()).length, 1);
    });

    it("tells since when an owner has owned something", async () => {
      const before = Date.now();
      await store.put(streamOf("one"), "job:1");
      const [first] = await store.owners();
      await store.put(streamOf("two"), "job:1");
      assert.deepEqual(await store.owners(), [first]);
      assert.ok(first !== undefined && first.owner === "job:1" && first.since >= before && first.since <= Date.now());
    });

    it("evicts what only caches own, the least recently used first", async () => {
      const put = async (content: string, owner: string) => (await store.put(streamOf(content), owner)).sha256;
      const first = await put("first", "cache:film");
      const second = await put("second", "cache:film");
      const third = await put("third", "cache:other");
      const wanted = await put("wanted", "cache:film");
      await put("asset's", "asset:film");
      await store.own(wanted, "asset:film");
      await later();
      store.touch(second);
      await later();
      store.touch(first);
      store.touch("00".repeat(32));
      assert.deepEqual(await store.evict(1), { blobs: 1, bytes: 5 });
      assert.equal(await store.find(third), undefined);
      assert.deepEqual(await store.evict(6), { blobs: 1, bytes: 6 });
      assert.equal(await store.find(second), undefined);
      assert.ok(await store.find(first));
      store = await fixture.reopen();
      assert.deepEqual(await store.evict(1e9), { blobs: 1, bytes: 5 });
      assert.deepEqual(await store.evict(1e9), { blobs: 0, bytes: 0 });
      assert.deepEqual(store.totals(), { blobs: 2, bytes: 13 });
      assert.equal((await fixture.files()).length, 2);
    });

    it("takes the same bytes from several at once", async () => {
      const bytes = Buffer.alloc(300_000, "x");
      const owners = Array.from({ length: 8 }, (_, index) => `job:${index}`);
      const stored = await Promise.all(owners.map((owner) => store.put(streamOf(bytes, bytes), owner)));
      for (const reference of stored) assert.deepEqual(reference, stored[0]);
      assert.deepEqual(store.totals(), { blobs: 1, bytes: 600_000 });
      assert.equal((await fixture.files()).length, 1);
      assert.equal((await store.owners()).length, 8);
    });

    it("holds file and index together when the same blob is put and released at once", async () => {
      const sha256 = hashOf(Buffer.from("contended"));
      for (let round = 0; round < 20; round++) {
        await store.put(streamOf("contended"), "job:old");
        await Promise.all([store.release("job:old"), store.put(streamOf("contended"), "job:new")]);
        assert.equal(Buffer.from(await store.read(sha256)).toString(), "contended");
        assert.deepEqual(store.totals(), { blobs: 1, bytes: 9 });
        assert.equal(await store.release("job:new"), 1);
      }
    });

    it("adopts a file from its scratch folder, which is gone afterwards", async () => {
      const folder = await store.scratch();
      const file = join(folder, "segment.m4s");
      await writeFile(file, "segment");
      const reference = await store.adopt(file, "job:1");
      assert.deepEqual(reference, { sha256: hashOf(Buffer.from("segment")), bytes: 7 });
      await assert.rejects(stat(file), { code: "ENOENT" });
      await writeFile(file, "segment");
      assert.deepEqual(await store.adopt(file, "job:2"), reference);
      assert.deepEqual(await readdir(folder), []);
      assert.deepEqual(store.totals(), { blobs: 1, bytes: 7 });
    });

    it("takes the word of who hashed a file while it was written, but not for its length", async () => {
      const file = join(await store.scratch(), "film");
      await writeFile(file, "some bytes");
      const known = { sha256: "ab".repeat(32), bytes: 10 };
      await assert.rejects(store.adopt(file, "job:1", { ...known, bytes: 11 }), hasCode("CORRUPT", /10 bytes/));
      assert.deepEqual(await store.adopt(file, "job:1", known), known);
      assert.deepEqual(await store.find(known.sha256), known);
    });

    it("refuses to adopt a file from elsewhere and an owner without a name", async () => {
      await assert.rejects(store.adopt(import.meta.filename, "job:1"), hasCode("INVALID_INPUT", /scratch/));
      assert.ok(await stat(import.meta.filename));
      await assert.rejects(store.put(streamOf("x"), ""), hasCode("INVALID_INPUT"));
      await assert.rejects(store.put(streamOf("x"), "job:\0"), hasCode("INVALID_INPUT"));
    });

    it("never gives out bytes that are not what their name says, and tells that the blob is lost", async () => {
      const told: LostBlob[] = [];
      store.onLost((lost) => told.push(lost));
      const harms = [
        { how: "damaged", harm: (path: string) => writeFile(path, "evil") },
        { how: "damaged", harm: (path: string) => writeFile(path, "goo") },
        { how: "missing", harm: (path: string) => rm(path) },
      ];
      for (const { how, harm } of harms) {
        for (const give of ["read", "path"] as const) {
          const { sha256 } = await store.put(streamOf("good"), "job:1");
          await store.own(sha256, "asset:film");
          await touched(await store.path(sha256), harm);
          await assert.rejects(store[give](sha256), hasCode("NOT_FOUND", new RegExp(sha256)));
          assert.equal(await store.find(sha256), undefined);
          assert.equal(await store.own(sha256, "job:1"), false);
          assert.deepEqual(told.splice(0), [{ sha256, bytes: 4, how, owners: ["asset:film", "job:1"] }]);
          assert.deepEqual(await store.owners(), []);
          assert.deepEqual(store.totals(), { blobs: 0, bytes: 0 });
        }
      }
      assert.deepEqual(await fixture.files(), []);
      const { sha256 } = await store.put(streamOf("good"), "job:1");
      assert.equal(Buffer.from(await store.read(sha256)).toString(), "good");
    });

    it("keeps everything over a restart, and empties the scratch folder", async () => {
      const reference = await store.put(streamOf("kept"), "job:1");
      await store.own(reference.sha256, "asset:film");
      await writeFile(join(await store.scratch(), "half.mp4"), "half");
      const again = await fixture.reopen();
      assert.deepEqual(again.totals(), { blobs: 1, bytes: 4 });
      assert.deepEqual(await again.find(reference.sha256), reference);
      assert.equal((await again.owners()).length, 2);
      assert.equal((await fixture.files()).length, 1);
      assert.equal(await again.release("job:1"), 0);
      assert.equal(await again.release("asset:film"), 1);
    });
  });
}
