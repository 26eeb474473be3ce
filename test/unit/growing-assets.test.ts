/** Assets that still grow, over a real store and a state that the test writes. */
import assert from "node:assert/strict";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Fact } from "../../src/core/facts.js";
import { applyEntry, emptyMeshState, type MeshState } from "../../src/core/mesh-state.js";
import { plannedTasks } from "../../src/core/plan.js";
import type { BlobReference, PlanResult } from "../../src/core/work.js";
import { GrowingAssets } from "../../src/node/growing-assets.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { encodeResult, entry, planned, submitted } from "../support/facts.js";
import { audioTrack, blobOf, listingsOf, planOf, videoPlan, videoRendition } from "../support/plans.js";
import { temporaryFolder } from "../support/temporary.js";

const PLAN = planOf(videoPlan(250, [videoRendition(180)]), [audioTrack(1)]);
const LISTINGS = listingsOf(PLAN);

describe("assets that still grow", () => {
  let store: Store;
  let mesh: MeshState;
  let growing: GrowingAssets;
  /** Content that peers hold, by hash; and who was asked for what. */
  let peers: Map<string, string>;
  /** How long those wait who have something to play; for ever at first. */
  let patience: Promise<void>;
  /** Until when peers do not answer. */
  let away: Promise<void> | undefined;
  let pulled: { sha256: string; sources: string[]; owner: string }[];

  beforeEach(async () => {
    store = await openStore(await temporaryFolder());
    mesh = emptyMeshState();
    peers = new Map();
    pulled = [];
    patience = new Promise(() => {});
    away = undefined;
    growing = new GrowingAssets({
      store: store.blobs,
      mesh,
      async pull({ sha256, bytes }, sources, owner) {
        await away;
        const content = peers.get(sha256);
        if (content === undefined) throw new ReelmeshError("UNAVAILABLE", `no peer has ${sha256}`);
        pulled.push({ sha256, sources, owner });
        await store.blobs.put(streamOf(content), owner, { expect: { sha256, bytes } });
      },
      sources: (holders) => holders,
      clock: { wallClock: () => 2_000, sleep: () => patience },
    });
  });

  afterEach(async () => {
    growing.stop();
    await store.close();
  });

  function apply(fact: Fact): void {
    applyEntry(mesh, mesh.sequence + 1, entry(fact));
  }

  function put(content: string): BlobReference {
    const blob = blobOf(content);
    peers.set(blob.sha256, content);
    return blob;
  }

  function begin(): void {
    apply(submitted("j1"));
    const { jobPlanned } = planned("j1");
    const plan = put(JSON.stringify(PLAN));
    const result = { ...(jobPlanned.result as PlanResult), plan, tasks: plannedTasks(PLAN) };
    apply({ kind: "jobPlanned", jobPlanned: { ...jobPlanned, result } });
  }

  /** A task is done, at node "b"; `mark` makes its listing another one. */
  function finish(task: string, mark = ""): void {
    const media = LISTINGS.find((listing) => listing.task === task)?.media;
    const listing = put(JSON.stringify({ ...media, mark }));
    const result = { ...encodeResult("j1", task, "init", ["b"]), listing };
    apply({ kind: "taskDone", taskDone: { job: "j1", task, result, nodeId: "b" } });
  }

  /** The first segments of the sound are there, at node "b". */
  function grow(segments: number): void {
    const media = LISTINGS.find((listing) => listing.task === "audio-1")?.media;
    const renditions = media?.renditions.map((one) => ({ ...one, segments: one.segments.slice(0, segments) }));
    const listing = put(JSON.stringify({ ...media, renditions }));
    const result = { ...encodeResult("j1", "audio-1", "init", ["b"]), listing };
    apply({ kind: "taskGrown", taskGrown: { job: "j1", task: "audio-1", seconds: segments * 2, result, nodeId: "b" } });
  }

  const find = () => growing.find("j1-asset");
  const notYet = { code: "UNAVAILABLE", message: /is being encoded and its beginning is not there yet/ };

  it("begin with the first chunk and the sound, and grow with every chunk", async () => {
    assert.equal(await find(), undefined);
    begin();
    await assert.rejects(find(), notYet);
    finish("chunk-000001");
    await assert.rejects(find(), notYet);
    finish("audio-1");
    const early = await find();
    assert.equal(early?.summary.seconds, 4);
    assert.match(early?.texts["video/180p/media.m3u8"] ?? "", /EVENT[\s\S]*000002.m4s\n$/);
    finish("chunk-000003");
    finish("chunk-000002");
    assert.equal((await find())?.summary.seconds, 10);
    assert.deepEqual([...new Set(pulled.map(({ owner }) => owner))], ["job:j1"]);
  });

  it("begin with the beginning of the sound, and follow it until it is whole", async () => {
    begin();
    for (const task of ["chunk-000001", "chunk-000002"]) finish(task);
    await assert.rejects(find(), notYet);
    const segments = async () => [...((await find())?.texts["audio/audio-1/media.m3u8"] ?? "").matchAll(/m4s/g)].length;
    grow(1);
    assert.equal(await segments(), 1);
    grow(3);
    assert.equal(await segments(), 3);
    grow(2); // another node has begun anew
    assert.equal(await segments(), 3);
    finish("audio-1");
    assert.equal((await find())?.summary.seconds, 8);
    assert.equal(await segments(), 4);
    grow(5);
    assert.equal(await segments(), 4);
  });

  it("pull each listing once, however many ask, and a segment from those that made it", async () => {
    begin();
    for (const task of ["chunk-000001", "audio-1"]) finish(task);
    const [first] = await Promise.all([find(), find(), find()]);
    assert.equal(pulled.length, 3);
    const path = "video/180p/000001.m4s";
    const segment = first?.files[path];
    assert.ok(segment && first);
    // the invented segment has no content that would fit its name
    await assert.rejects(growing.file(segment, first.summary), { code: "UNAVAILABLE" });
    peers.set(segment.sha256, "180p/1");
    await growing.file({ ...segment, bytes: 6 }, first.summary);
    assert.deepEqual(pulled.at(-1), { sha256: segment.sha256, sources: ["b"], owner: "job:j1" });
  });

  it("stay as long as they were while nobody gives what comes next", async () => {
    begin();
    for (const task of ["chunk-000001", "audio-1", "chunk-000002"]) finish(task);
    const listing = mesh.jobs.get("j1")?.finished.get("chunk-000002")?.result.listing?.sha256 as string;
    const content = peers.get(listing) as string;
    peers.delete(listing);
    assert.equal((await find())?.summary.seconds, 4);
    peers.set(listing, content);
    assert.equal((await find())?.summary.seconds, 8);
  });

  it("make nobody who has something to play wait for a node that is away", async () => {
    begin();
    for (const task of ["chunk-000001", "audio-1"]) finish(task);
    await find();
    finish("chunk-000002");
    let answer = () => {};
    away = new Promise((resolve) => (answer = resolve));
    patience = Promise.resolve();
    assert.equal((await find())?.summary.seconds, 4);
    answer();
    patience = new Promise(() => {});
    assert.equal((await find())?.summary.seconds, 8);
  });

  it("follow a task that was made again", async () => {
    begin();
    for (const task of ["chunk-000001", "audio-1", "chunk-000002"]) finish(task);
    assert.equal((await find())?.summary.seconds, 8);
    mesh.jobs.get("j1")?.finished.delete("chunk-000002");
    assert.equal((await find())?.summary.seconds, 4);
    finish("chunk-000002", "made again");
    assert.equal((await find())?.summary.seconds, 8);
  });

  it("say why there is nothing when the job has failed or was cancelled", async () => {
    begin();
    for (const task of ["chunk-000001", "audio-1"]) finish(task);
    assert.ok(await find());
    apply({ kind: "jobFailed", jobFailed: { job: "j1", reason: "chunk-000002 failed 4 times", letGo: false } });
    const message = "there is no asset j1-asset: the job that was making it failed: chunk-000002 failed 4 times";
    await assert.rejects(find(), { code: "NOT_FOUND", message });
    apply({ kind: "jobRetried", jobRetried: { job: "j1" } });
    assert.ok(await find());
    apply({ kind: "jobCancelled", jobCancelled: { job: "j1" } });
    await assert.rejects(find(), { code: "NOT_FOUND", message: /was cancelled$/ });
  });
});

async function* streamOf(content: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(content);
}
