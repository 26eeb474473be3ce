/** Three real nodes, real ffmpeg, the real command line. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { meshCredentials } from "../../src/node/credentials.js";
import { createPeerClients, type PeerClients } from "../../src/node/grpc/client.js";
import { services } from "../../src/node/proto.js";
import { complaints, decodedFrames, fetchAsset, makeClip, playlistSeconds } from "../support/assets.js";
import { type FfmpegWrapper, wrapFfmpeg } from "../support/ffmpeg-wrapper.js";
import { coreSettles, reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import type { TestNode } from "../support/node.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

const SECONDS = 30;
const FRAMES = SECONDS * 25;
const QUICK = ["--preset", "ultrafast", "--ladder", "180,120"];
/** Seconds of media that an encode reads a second: a chunk lasts long enough to be killed in its middle. */
const PACE = 6;
/** It lasts as long as somebody needs to cancel it. */
const SLOW = 0.5;
const CALL_MS = 60_000;

describe("a mesh of three", function () {
  this.timeout(400_000);
  let nodes: TestNode[] = [];
  let clip = "";
  let clients: PeerClients;
  let ffmpeg: FfmpegWrapper;

  const node = (index: number) => nodes[index] as TestNode;

  before(async () => {
    clip = join(await temporaryFolder(), "test clip.mp4");
    await makeClip(clip, SECONDS);
    ffmpeg = await wrapFfmpeg(PACE);
    clients = createPeerClients(meshCredentials().grpcChannel);
    nodes = await startMesh(3, () => ({ env: ffmpeg.env }));
    await coreSettles(() => node(0));
  });

  after(async () => {
    clients.close();
    await stopMesh(nodes);
  });

  /** Whether any node gives the bytes to its peers. */
  const isHeld = async (bytes: Uint8Array) => {
    const path = `/blobs/${createHash("sha256").update(bytes).digest("hex")}`;
    const answers = await Promise.all(nodes.map(({ peer }) => fetch(`http://${peer}${path}`)));
    for (const answer of answers) await answer.arrayBuffer();
    return answers.some(({ status }) => status !== 404);
  };

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

  it("tells its state", async () => {
    // A node that is not heard for some seconds counts as lost until it is heard again.
    const told = async () => {
      const said = JSON.parse((await reelmesh("status", "--json", "--node", node(2).grpc)).stdout);
      return said.nodes?.every((row: { state: string }) => row.state === "ready") ? said : undefined;
    };
    const status = await until(told, "every node is ready");
    assert.equal(status.nodes.length, 3);
    assert.ok(status.coordinator.term >= 1);
    const assets = JSON.parse((await reelmesh("assets", "--json", "--node", node(0).grpc)).stdout);
    assert.equal(assets.assets.length, 1);
  });

  /** A file of the one asset. */
  async function masterOf({ http, grpc }: TestNode): Promise<Uint8Array> {
    const { assets } = JSON.parse((await reelmesh("assets", "--json", "--node", grpc)).stdout);
    const answer = await fetch(`http://${http}/assets/${assets[0].asset}/master.m3u8`);
    return new Uint8Array(await answer.arrayBuffer());
  }

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
    assert.equal(await isHeld(await masterOf(node(0))), true, "what was made of a film is held");
    for (const name of names) {
      const { code, stdout, stderr } = await reelmesh("submit", join(folder, name), "--node", node(1).grpc);
      assert.equal(code, 2, `${name}: ${stderr}`);
      assert.match(stderr, new RegExp(`^reelmesh: .*${name.replace(".", "\\.")}`), name);
      assert.equal(stdout, "", name);
      const bytes = await readFile(join(folder, name)).catch(() => undefined);
      if (bytes === undefined || bytes.length === 0) continue;
      await until(async () => !(await isHeld(bytes)) || undefined, `nothing of ${name} is held`);
    }
    const tall = await reelmesh("submit", clip, "--ladder", "720", "--node", node(1).grpc);
    assert.equal(tall.code, 2);
    assert.match(tall.stderr, /720/);
    const { jobs } = JSON.parse((await reelmesh("jobs", "--json", "--node", node(0).grpc)).stdout);
    assert.equal(jobs.length, 1);
  });

  it("cancels a job everywhere", async () => {
    await ffmpeg.pace(SLOW);
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
    for await (const view of clients.stream(node(1).grpc, services.Jobs.Watch, request, { deadlineMs: 2 * CALL_MS })) {
      if (view.framesDone > 0) return;
      assert.equal(view.endedMs, 0, `job ended before it was seen running: ${view.state} ${view.reason}`);
    }
    throw new Error("the watch ended");
  }
});
