/** Placement over real stores and real HTTP servers of seven nodes. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { Agent, request } from "node:http";
import { places } from "../../src/core/placement.js";
import { hashOf, type Shelf, Shelves } from "../support/shelves.js";
import { until } from "../support/until.js";
import { ask } from "./http.support.js";

const NODES = 7;
const REPLICAS = 3;
const ASSET = "film-asset";

/** Two renditions of so many segments, and what a player needs first. */
function contents(segments: number, bytes: number): Record<string, Uint8Array> {
  const files: Record<string, Uint8Array> = { "master.m3u8": Buffer.from("#EXTM3U") };
  for (const folder of ["video/720p", "audio/audio-1"]) {
    files[`${folder}/init.mp4`] = randomBytes(700);
    for (let number = 1; number <= segments; number++) {
      files[`${folder}/${String(number).padStart(6, "0")}.m4s`] = randomBytes(bytes);
    }
  }
  return files;
}

describe("placement over seven nodes", function () {
  this.timeout(180_000);
  let shelves: Shelves;

  beforeEach(async () => {
    shelves = await Shelves.open(NODES);
  });

  afterEach(() => shelves.close());

  /** Looks again and again: what waits for others comes to rest in its own time. */
  const settled = (which: () => Shelf[] = () => shelves.living) =>
    until(async () => {
      for (const { replicator } of which()) replicator.wake();
      for (const { replicator } of which()) await replicator.idle();
      return which().every(({ replicator }) => replicator.isComplete(ASSET)) || undefined;
    }, "every node holds its share and nothing else");

  const placesNow = () => places(shelves.mesh.placement);

  async function assertPlaced(hashes: string[]): Promise<void> {
    for (const sha256 of hashes) {
      const held = (await shelves.holders(sha256)).filter((id) => !shelves.away.has(id));
      assert.deepEqual(held, placesNow().of(sha256).sort());
    }
  }

  const pulled = (of: Shelf[] = shelves.all) => of.reduce((sum, { client }) => sum + client.pulled.blobs, 0);

  it("puts each file on three nodes, lets go of it elsewhere, and pulls no file more often than that", async () => {
    shelves.place(REPLICAS);
    const files = await shelves.finish("film", contents(30, 3_000), shelves.all.slice(0, 2));
    await settled();
    const hashes = Object.values(files).map(({ sha256 }) => sha256);
    await assertPlaced(hashes);
    const surplus = hashes
      .flatMap((sha256) => placesNow().of(sha256))
      .filter((id) => !["node-0", "node-1"].includes(id));
    // and the manifest, which every node has
    assert.equal(pulled(), surplus.length + NODES - 2);
    const { counts, silent } = await (shelves.all[3] as Shelf).surveyor.survey();
    assert.deepEqual(counts.get(ASSET), { wanted: REPLICAS, copies: REPLICAS, lacking: 0 });
    assert.deepEqual(silent, []);
  });

  it("keeps a copy until every node that should have one says so", async () => {
    shelves.place(REPLICAS);
    const full = shelves.find("node-6");
    full.hasRoom = false;
    const [maker] = shelves.all as [Shelf];
    const files = await shelves.finish("film", contents(20, 1_000), [maker]);
    const others = () => shelves.living.filter((shelf) => shelf !== full && shelf !== maker);
    await settled(others);
    maker.replicator.wake();
    await maker.replicator.idle();
    const hashes = Object.values(files).map(({ sha256 }) => sha256);
    const waiting = hashes.filter((sha256) => placesNow().isOn(sha256, full.id));
    assert.ok(waiting.length > 0 && waiting.length < hashes.length);
    for (const sha256 of waiting) assert.ok((await shelves.holders(sha256)).includes(maker.id));
    const elsewhere = hashes.filter((sha256) => !waiting.includes(sha256) && !placesNow().isOn(sha256, maker.id));
    for (const sha256 of elsewhere) assert.ok(!(await shelves.holders(sha256)).includes(maker.id));
    const { counts } = await (others()[0] as Shelf).surveyor.survey();
    const lacking = waiting.filter((sha256) => placesNow().isOn(sha256, maker.id));
    assert.equal(counts.get(ASSET)?.lacking, lacking.length, "copies that wait count until they go");
    full.hasRoom = true;
    await settled();
    await assertPlaced(hashes);
  });

  it("makes the copies of a node that is gone elsewhere, moves nothing else, and gives them back", async () => {
    shelves.place(REPLICAS);
    const files = await shelves.finish("film", contents(30, 1_000), shelves.all.slice(0, 2));
    await settled();
    const hashes = Object.values(files).map(({ sha256 }) => sha256);
    const gone = shelves.find("node-4");
    const lost = hashes.filter((sha256) => placesNow().isOn(sha256, gone.id));
    shelves.away.add(gone.id);
    const { counts, silent } = await (shelves.all[0] as Shelf).surveyor.survey();
    assert.deepEqual(silent, [gone.id]);
    assert.deepEqual(counts.get(ASSET), { wanted: REPLICAS, copies: REPLICAS - 1, lacking: lost.length });
    const before = pulled();
    shelves.place(
      REPLICAS,
      shelves.ids.filter((id) => id !== gone.id),
    );
    await settled();
    await assertPlaced(hashes);
    assert.equal(pulled() - before, lost.length);
    // it comes back with all that it had: nothing is let go before it is named again, and nothing travels
    shelves.away.delete(gone.id);
    gone.replicator.wake();
    await gone.replicator.idle();
    for (const sha256 of lost) assert.ok((await shelves.holders(sha256)).includes(gone.id));
    shelves.place(REPLICAS);
    await settled();
    await assertPlaced(hashes);
    assert.equal(pulled() - before, lost.length);
  });

  it("removes an asset everywhere: what is placed, and what was fetched for viewers", async () => {
    shelves.place(REPLICAS);
    const files = await shelves.finish("film", contents(5, 1_000), [shelves.all[0] as Shelf]);
    await settled();
    for (const { http } of shelves.all) {
      for (const [path, { sha256 }] of Object.entries(files)) {
        const { status, body } = await ask(http, `/assets/${ASSET}/${path}`);
        assert.equal(status, 200);
        assert.equal(hashOf(body), sha256);
      }
    }
    const one = files["master.m3u8"]?.sha256 ?? "";
    assert.equal((await shelves.holders(one)).length, NODES);
    shelves.apply({ kind: "jobRemoved", jobRemoved: { job: "film" } });
    for (const { replicator } of shelves.all) await replicator.idle();
    for (const { store } of shelves.all) {
      assert.deepEqual(await store.blobs.owners(), []);
      assert.deepEqual(store.blobs.totals(), { blobs: 0, bytes: 0 });
    }
  });

  it("gives a thousand viewers a segment that the node does not hold, and fetches it once", async () => {
    shelves.place(REPLICAS);
    const files = await shelves.finish("film", contents(2, 150_000), [shelves.all[0] as Shelf]);
    await settled();
    const path = "video/720p/000001.m4s";
    const sha256 = files[path]?.sha256 ?? "";
    const node = shelves.all.find(({ id }) => !placesNow().isOn(sha256, id)) as Shelf;
    const served = () => shelves.all.reduce((sum, shelf) => sum + shelf.served, 0);
    const [servedBefore, pulledBefore] = [served(), node.client.pulled.blobs];
    let open = (): void => undefined;
    shelves.gate = new Promise((resolve) => (open = resolve));
    const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
    const watch = (): Promise<string> =>
      new Promise((resolve, reject) => {
        request(`http://${node.http}/assets/${ASSET}/${path}`, { agent }, async (response) => {
          const chunks: Buffer[] = [];
          for await (const chunk of response) chunks.push(chunk);
          resolve(`${response.statusCode} ${hashOf(Buffer.concat(chunks))}`);
        })
          .on("error", reject)
          .end();
      });
    const viewers = Array.from({ length: 1_000 }, watch);
    await until(async () => node.asked >= 1_000 || undefined, "a thousand viewers wait");
    open();
    assert.deepEqual(new Set(await Promise.all(viewers)), new Set([`200 ${sha256}`]));
    agent.destroy();
    assert.equal(served() - servedBefore, 1, "answers of all peers together");
    assert.equal(node.client.pulled.blobs - pulledBefore, 1);
    assert.deepEqual(
      (await node.store.blobs.owners("cache:")).map(({ owner }) => owner),
      [`cache:${ASSET}`],
    );
  });

  it("goes on with another holder, from the byte where the first one went", async () => {
    shelves.place(REPLICAS);
    const files = await shelves.finish("film", contents(1, 600_000), [shelves.all[0] as Shelf]);
    await settled();
    const path = "video/720p/000001.m4s";
    const { sha256 = "", bytes = 0 } = files[path] ?? {};
    const node = shelves.all.find(({ id }) => !placesNow().isOn(sha256, id)) as Shelf;
    const [first] = placesNow().of(sha256);
    const dying = shelves.find(first ?? "").proxy;
    const before = dying.replied;
    // It may have pulled other files of the asset, that are placed on it.
    const pulledBefore = node.client.pulled.bytes;
    dying.faults.bytesASecond = bytes;
    const viewer = ask(node.http, `/assets/${ASSET}/${path}`);
    await until(async () => dying.replied - before > bytes / 4 || undefined, "a quarter has come");
    dying.faults.holdReplies = true;
    dying.resetAll();
    assert.equal(hashOf((await viewer).body), sha256);
    assert.ok(dying.replied - before < bytes);
    assert.ok(node.client.pulled.bytes - pulledBefore < bytes * 1.1 + 10_000, "no byte comes twice");
  });
});
