/** Three real nodes, real ffmpeg, the real command line. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { meshCredentials } from "../../src/node/credentials.js";
import { createPeerClients, type PeerClients } from "../../src/node/grpc/client.js";
import { services } from "../../src/node/proto.js";
import { complaints, decodedFrames, fetchAsset, makeClip, playlistSeconds } from "../support/assets.js";
import { wrapFfmpeg } from "../support/ffmpeg-wrapper.js";
import { coreSettles, reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import type { TestNode } from "../support/node.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

const SECONDS = 30;
const FRAMES = SECONDS * 25;
const QUICK = ["--preset", "ultrafast", "--ladder", "180,120"];
/** Seconds of media that an encode reads a second: a chunk lasts long enough to be killed in its middle. */
const PACE = 6;

describe("a mesh of three", function () {
  this.timeout(120_000);
  let nodes: TestNode[] = [];
  let clip = "";
  let clients: PeerClients;

  const node = (index: number) => nodes[index] as TestNode;

  before(async () => {
    clip = join(await temporaryFolder(), "test clip.mp4");
    await makeClip(clip, SECONDS);
    const { env } = await wrapFfmpeg(PACE);
    clients = createPeerClients(meshCredentials().grpcChannel);
    nodes = await startMesh(3, () => ({ env }));
    await coreSettles(() => node(0));
  });

  after(async () => {
    clients.close();
    await stopMesh(nodes);
  });

  /** What each node says that it holds: a file stays a minute longer, for whom its path was given to. */
  const blobCounts = () =>
    Promise.all(
      nodes.map(async (one) => {
        const { node: row } = await clients.call(one.grpc, services.Node.GetStatus, {}, { deadlineMs: 10_000 });
        return row?.blobs;
      }),
    );

  it("turns a clip into the same asset on every node, with work done by more than one", async () => {
    const { code, stdout, stderr } = await reelmesh(
      "submit",
      clip,
      "--wait",
      "--json",
      "--node",
      node(1).grpc,
      ...QUICK,
    );
    assert.equal(code, 0, stderr);
    const result = JSON.parse(stdout);
    assert.equal(result.state, "done");
    const job = JSON.parse((await reelmesh("job", result.job, "--json", "--node", node(2).grpc)).stdout);
    assert.ok(new Set(job.finished.map((task: { node: string }) => task.node)).size > 1, stdout);
    assert.equal(job.frames, FRAMES);

    const bases = nodes.map((one) => `http://${one.http}/assets/${result.asset}`);
    const fetched = await Promise.all(bases.map(fetchAsset));
    assert.ok(Object.keys(fetched[0] ?? {}).length > 20);
    assert.deepEqual(fetched[1], fetched[0]);
    assert.deepEqual(fetched[2], fetched[0]);
    for (const rendition of ["180p", "120p"]) {
      const playlist = `${bases[0]}/video/${rendition}/media.m3u8`;
      assert.equal(await decodedFrames(playlist), FRAMES, rendition);
      assert.ok(Math.abs((await playlistSeconds(playlist)) - SECONDS) < 0.001, rendition);
    }
    for (const name of ["master.m3u8", "manifest.mpd"]) assert.equal(await complaints(`${bases[2]}/${name}`), "", name);
  });

  /** What the nodes hold of earlier jobs may still be on its way, or on its way out. */
  const steadyCounts = () =>
    until(async () => {
      const counts = await blobCounts();
      await delay(3_000); // that nothing happens has no event
      return isDeepStrictEqual(await blobCounts(), counts) ? counts : undefined;
    }, "the stores come to rest");

  it("tells its state", async () => {
    const status = JSON.parse((await reelmesh("status", "--json", "--node", node(2).grpc)).stdout);
    assert.equal(status.nodes.length, 3);
    assert.ok(status.nodes.every((row: { state: string }) => row.state === "ready"));
    assert.ok(status.coordinator.term >= 1);
    const assets = JSON.parse((await reelmesh("assets", "--json", "--node", node(0).grpc)).stdout);
    assert.equal(assets.assets.length, 1);
  });

  it("refuses what is no video in a sentence, and keeps nothing of it", async () => {
    const folder = await temporaryFolder();
    const make = async (name: string, content: string) => {
      await writeFile(join(folder, name), content);
      return name;
    };
    await mkdir(join(folder, "folder.mp4"));
    const names = [
      await make("text.mp4", "This is a letter and no film.\n".repeat(400)),
      await make("empty.mp4", ""),
      await make("playlist.mp4", "#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:1/secret.ts\n"),
      await make("truncated.mp4", "\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41\0\0\0\x08free"),
      "missing.mp4",
      "folder.mp4",
    ];
    const before = await steadyCounts();
    for (const name of names) {
      const { code, stdout, stderr } = await reelmesh("submit", join(folder, name), "--node", node(1).grpc);
      assert.equal(code, 2, `${name}: ${stderr}`);
      assert.match(stderr, new RegExp(`^reelmesh: .*${name.replace(".", "\\.")}`), name);
      assert.equal(stdout, "", name);
    }
    const tall = await reelmesh("submit", clip, "--ladder", "720", "--node", node(1).grpc);
    assert.equal(tall.code, 2);
    assert.match(tall.stderr, /720/);
    assert.deepEqual(await blobCounts(), before);
    const { jobs } = JSON.parse((await reelmesh("jobs", "--json", "--node", node(0).grpc)).stdout);
    assert.equal(jobs.length, 1);
  });

  it("cancels a job everywhere", async () => {
    const { job } = await submitSlow("cancelled-1");
    await untilWorking(job);
    const { code } = await reelmesh("cancel", job, "--node", node(2).grpc);
    assert.equal(code, 0);
    const watched = await reelmesh("watch", job, "--json", "--node", node(0).grpc);
    assert.equal(watched.code, 1);
    assert.equal(JSON.parse(watched.stdout).state, "cancelled");
  });

  async function submitSlow(name: string): Promise<{ job: string }> {
    const big = join(await temporaryFolder(), `${name}.mp4`);
    await makeClip(big, SECONDS);
    const { code, stdout, stderr } = await reelmesh("submit", big, "--json", "--node", node(1).grpc, ...QUICK);
    assert.equal(code, 0, stderr);
    return { job: JSON.parse(stdout).job };
  }

  /** Waits until a chunk has frames. */
  async function untilWorking(job: string): Promise<void> {
    const request = { job, forwarded: false };
    for await (const view of clients.stream(node(1).grpc, services.Jobs.Watch, request, { deadlineMs: 60_000 })) {
      if (view.framesDone > 0) return;
      assert.equal(view.endedMs, 0, `job ended before it was seen running: ${view.state} ${view.reason}`);
    }
    throw new Error("the watch ended");
  }
});
