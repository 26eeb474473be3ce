/** The replicator over a real store and a state that the test writes. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, it } from "mocha";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Fact } from "../../src/core/facts.js";
import { applyEntry, emptyMeshState, KEPT_FAILURES, type MeshState } from "../../src/core/mesh-state.js";
import type { BlobReference } from "../../src/core/work.js";
import { systemClock } from "../../src/node/clock.js";
import { Replicator } from "../../src/node/replication/replicator.js";
import type { AskHolder } from "../../src/node/replication/share.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { entry, finished, planned, submitted, taskDone } from "../support/facts.js";
import { temporaryFolder } from "../support/temporary.js";

describe("the replicator", () => {
  let folder = "";
  let store: Store;
  let mesh: MeshState;
  let replicator: Replicator;
  let events: EventEmitter;
  /** What peers hold, and what was pulled and read of it. */
  let peers: Map<string, string>;
  let pulled: string[];
  let now: number;
  let caughtUp: boolean;
  let hasRoom: boolean;
  let askHolder: AskHolder;

  beforeEach(async () => {
    folder = await temporaryFolder();
    mesh = emptyMeshState();
    events = new EventEmitter();
    peers = new Map();
    pulled = [];
    now = 0;
    caughtUp = true;
    hasRoom = true;
    askHolder = async () => assert.fail("nothing is placed elsewhere");
    store = await openStore(folder);
    replicator = make();
  });

  afterEach(async () => {
    await replicator.stop();
    await store.close();
  });

  function make(): Replicator {
    return new Replicator({
      self: "a",
      store: store.blobs,
      mesh,
      caughtUp: () => caughtUp,
      hasRoom: () => hasRoom,
      async pull({ sha256, bytes }, _sources, owner) {
        const content = peers.get(sha256);
        if (content === undefined) throw new ReelmeshError("UNAVAILABLE", `no peer has ${sha256}`);
        pulled.push(sha256);
        await store.blobs.put(streamOf(content), owner, { expect: { sha256, bytes } });
      },
      sources: () => [],
      live: () => new Set(["a"]),
      arriving: async () => assert.fail("nobody watches"),
      askHolder: (node, placement, asset, blobs) => askHolder(node, placement, asset, blobs),
      clock: { ...systemClock, now: () => now, wallClock: () => Date.now() + now },
      report: (event, details) => events.emit(event, details),
    });
  }

  async function* streamOf(content: string): AsyncIterable<Uint8Array> {
    yield Buffer.from(content);
  }

  function blob(content: string): BlobReference {
    const bytes = Buffer.from(content);
    return { sha256: createHash("sha256").update(bytes).digest("hex"), bytes: bytes.byteLength };
  }

  /** What the log says; the replicator hears of each. */
  function apply(...facts: Fact[]): void {
    for (const fact of facts) {
      const job = applyEntry(mesh, mesh.sequence + 1, entry(fact));
      if (job !== undefined) replicator.changed(job);
    }
  }

  /** A finished job whose asset has two files at the peers. */
  function finish(id: string): Fact[] {
    const files = {
      "one.m4s": { ...blob(`${id} one`), type: "video/mp4" },
      "two.m4s": { ...blob(`${id} two`), type: "" },
    };
    const manifest = JSON.stringify({ files });
    for (const content of [`${id} one`, `${id} two`, manifest]) peers.set(blob(content).sha256, content);
    const made = finished(id);
    made.jobFinished.result = { manifest: blob(manifest), files: 2, bytes: 20, holders: ["a"] };
    return [submitted(id), planned(id), taskDone(id, "chunk-1"), taskDone(id, "chunk-2"), made];
  }

  const owners = async () => (await store.blobs.owners()).map(({ owner }) => owner.replace(/:[0-9a-f]{64}$/, ":*"));

  async function sweep(): Promise<void> {
    replicator.wake();
    await replicator.idle();
  }

  async function restart(): Promise<void> {
    await replicator.stop();
    replicator = make();
    await sweep();
  }

  it("pulls every file of a finished asset, and then lets go of what the job needed", async () => {
    await store.blobs.put(streamOf("the source"), "job:one");
    const held = once(events, "asset held");
    apply(...finish("one"));
    await held;
    await sweep();
    assert.deepEqual((await owners()).sort(), ["asset:one-asset", "whole:*"]);
    assert.equal(pulled.length, 3);
    assert.equal(await store.blobs.find(blob("the source").sha256), undefined);
  });

  it("knows after a restart what is whole, without a pull or a manifest read", async () => {
    const held = once(events, "asset held");
    apply(...finish("one"));
    await held;
    await sweep();
    peers.clear();
    store.blobs.read = () => assert.fail("a manifest was read");
    await restart();
    assert.ok(replicator.isComplete("one-asset"));
    assert.equal(replicator.missing, 0);
  });

  it("fetches again what is lost here, the manifest too, though it is in memory", async () => {
    const held = once(events, "asset held");
    apply(...finish("one"));
    await held;
    await sweep();
    for (const sha256 of [...pulled]) {
      const path = await store.blobs.path(sha256);
      await writeFile(path, "rotten");
      const again = once(events, "asset held");
      assert.equal(await store.blobs.verify(sha256), false);
      await again;
      assert.equal(await store.blobs.verify(sha256), true);
    }
    assert.equal(pulled.length, 6);
    assert.deepEqual((await owners()).sort(), ["asset:one-asset", "whole:*"]);
  });

  it("keeps what a failed job had until it is let go or removed, and nothing of a cancelled one", async () => {
    const failed = (id: string): Fact[] => [
      submitted(id),
      { kind: "jobFailed", jobFailed: { job: id, reason: "no", letGo: false } },
    ];
    const ids = Array.from({ length: KEPT_FAILURES }, (_, index) => `failed-${index}`);
    for (const id of [...ids, "off", "last"]) await store.blobs.put(streamOf(`source of ${id}`), `job:${id}`);
    apply(...ids.flatMap(failed), submitted("off"), { kind: "jobCancelled", jobCancelled: { job: "off" } });
    await sweep();
    assert.deepEqual((await owners()).sort(), [...ids, "last"].map((id) => `job:${id}`).sort());
    apply(...failed("last"), { kind: "jobRemoved", jobRemoved: { job: "failed-5" } });
    await sweep();
    const left = [...ids, "last"].filter((id) => id !== "failed-0" && id !== "failed-5");
    assert.deepEqual((await owners()).sort(), left.map((id) => `job:${id}`).sort());
  });

  it("removes an asset at once when the log says so", async () => {
    const held = once(events, "asset held");
    apply(...finish("one"), ...finish("two"));
    await held;
    await sweep();
    apply({ kind: "jobRemoved", jobRemoved: { job: "one" } });
    await sweep();
    assert.deepEqual((await owners()).sort(), ["asset:two-asset", "whole:*"]);
    assert.equal(await replicator.manifest("one-asset"), undefined);
    assert.equal(store.blobs.totals().blobs, 3);
  });

  it("removes an asset that was removed while it was away, when it has been unknown for a while", async () => {
    const held = once(events, "asset held");
    apply(...finish("one"));
    await held;
    await sweep();
    mesh = emptyMeshState();
    caughtUp = false;
    await restart();
    now = 700_000;
    await sweep();
    assert.equal((await owners()).length, 2, "what is unknown may only not have been read yet");
    caughtUp = true;
    await sweep();
    assert.equal((await owners()).length, 2, "seen once");
    now += 61_000;
    await sweep();
    assert.deepEqual(await owners(), []);
    assert.equal(store.blobs.totals().blobs, 0);
  });

  it("lets an upload that no job names go after an hour, and not while it may not have read of it", async () => {
    await store.blobs.put(streamOf("an upload"), "job:unheard");
    now = 3_500_000;
    await sweep();
    assert.deepEqual(await owners(), ["job:unheard"]);
    now = 3_700_000;
    caughtUp = false;
    await sweep();
    assert.deepEqual(await owners(), ["job:unheard"]);
    caughtUp = true;
    await sweep();
    assert.deepEqual(await owners(), []);
  });

  it("pulls nothing ahead while the disk is full, and serves what is asked for", async () => {
    hasRoom = false;
    const waits = once(events, "replication waits");
    apply(...finish("one"));
    const [{ reason }] = await waits;
    assert.match(reason, /disk is full/);
    assert.deepEqual(pulled, []);
    const manifest = await replicator.manifest("one-asset");
    assert.deepEqual(Object.keys(manifest?.files ?? {}), ["one.m4s", "two.m4s"]);
    const held = once(events, "asset held");
    hasRoom = true;
    replicator.wake();
    await held;
  });
});
