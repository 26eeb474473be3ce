/** A store on a disk that was full and has room again: LevelDB is opened anew under all who use it. */
import assert from "node:assert/strict";
import { openStore } from "../../src/node/store/open.js";
import { canMount, SmallDisk } from "../support/small-disk.js";
import { hashOf, streamOf } from "./store.contract.js";

const ENTRY = Buffer.alloc(8_000, 1);
const MOST_ENTRIES = 5_000;
const AT_ONCE = 200;

describe("a store whose disk was full", function () {
  this.timeout(180_000);
  let disk: SmallDisk;

  before(async function () {
    if (!canMount) this.skip();
    disk = await SmallDisk.make(64);
  });
  after(() => disk?.remove());

  it("is read and written by many at once while its index is opened again", async () => {
    const { blobs, log, settings, close } = await openStore(disk.folder);
    try {
      const { sha256 } = await blobs.put(streamOf("a segment"), "asset:film");
      await settings.put("node.id", "the node");
      let written = 0;
      await disk.fill(100_000);
      const fill = async () => {
        while (written < MOST_ENTRIES) await log.append(++written, ENTRY);
      };
      await assert.rejects(fill(), { code: "ENVIRONMENT" });
      assert.equal((await blobs.find(sha256))?.bytes, "a segment".length, "it is read meanwhile");
      await disk.empty();
      // Some of them write, and the first of these opens the index again.
      const uses = Array.from({ length: AT_ONCE }, (_, use) => [
        log.newest(),
        blobs.find(sha256),
        blobs.read(sha256),
        settings.get("node.id"),
        log.flush(),
        blobs.put(streamOf(`segment ${use}`), "asset:film"),
      ]);
      await Promise.all([log.append(written, ENTRY), ...uses.flat()]);
      assert.equal((await log.newest())?.sequence, written);
      for (let use = 0; use < AT_ONCE; use++) assert.ok(await blobs.find(hashOf(Buffer.from(`segment ${use}`))));
    } finally {
      await close();
    }
  });
});
