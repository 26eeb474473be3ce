/** Jobs and nodes as a person orders them about: two real nodes, real ffmpeg, the real command line. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { meshCredentials } from "../../src/node/credentials.js";
import { createPeerClients, type PeerClients } from "../../src/node/grpc/client.js";
import { services } from "../../src/node/proto.js";
import { makeClip } from "../support/assets.js";
import { type FfmpegWrapper, wrapFfmpeg } from "../support/ffmpeg-wrapper.js";
import { reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import { TestNode } from "../support/node.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

const QUICK = ["--preset", "ultrafast", "--ladder", "120"];
/** Ten chunks. */
const BIG_SECONDS = 240;
/** Seconds of media that an encode reads a second: where its end is waited for, and where the chunk is only to last. */
const PACE = 4;
const SLOW = 0.5;
/** A call to a node on a busy machine. */
const CALL_MS = 60_000;

describe("control of jobs and nodes", function () {
  this.timeout(400_000);
  let nodes: TestNode[] = [];
  let clip = "";
  let big = "";
  /** By node: the job lasts because the first is slow, while the second comes to the ends of its chunks. */
  let ffmpegs: FfmpegWrapper[] = [];
  let clients: PeerClients;

  const node = (index: number) => nodes[index] as TestNode;

  before(async () => {
    const folder = await temporaryFolder();
    clip = join(folder, "clip.mp4");
    big = join(folder, "big.mp4");
    clients = createPeerClients(meshCredentials().grpcChannel);
    ffmpegs = [await wrapFfmpeg(PACE), await wrapFfmpeg(PACE)];
    const given = (index: number) => ({ env: { ...ffmpegs[index]?.env } });
    [nodes] = await Promise.all([startMesh(2, given), makeClip(clip, 4), makeClip(big, BIG_SECONDS)]);
  });

  after(async () => {
    clients.close();
    await stopMesh(nodes);
  });

  /** Runs a command at a node; its JSON, or its exit code and what it says. */
  async function run(index: number, ...words: string[]) {
    const { code, stdout, stderr } = await reelmesh(...words, "--json", "--node", node(index).grpc);
    return { code, stderr, said: JSON.parse(stdout.split("\n")[0] ?? "{}") };
  }

  const waitFor = (what: string, holds: () => Promise<boolean>) =>
    until(async () => (await holds()) || undefined, what);

  /** What a node says that it holds: a file stays a minute longer, for whom its path was given to. */
  const blobCount = async (one: TestNode) =>
    (await clients.call(one.grpc, services.Node.GetStatus, {}, { deadlineMs: CALL_MS })).node?.blobs;

  const stateOf = async (index: number) => (await run(index, "status")).said.node.state as string;

  async function submit(id: string): Promise<void> {
    const { code, stderr } = await run(0, "submit", big, "--id", id, ...QUICK);
    assert.equal(code, 0, stderr);
  }

  /** Waits until the job has frames. */
  async function untilFrames(job: string): Promise<void> {
    for await (const view of clients.stream(
      node(0).grpc,
      services.Jobs.Watch,
      { job, forwarded: false },
      { deadlineMs: 2 * CALL_MS },
    )) {
      if (view.framesDone > 0) return;
      assert.equal(view.endedMs, 0, `ended before it had frames: ${view.state} ${view.reason}`);
    }
  }

  /**
   * Waits until the node encodes a chunk of the job, which has frames once it is planned (planning runs ffmpeg too). What
   * the node was granted may not have reached it when the job says that it has it.
   */
  async function untilEncoding(index: number, job: string): Promise<void> {
    await untilFrames(job);
    await waitFor(`n${index + 1} at work`, async () => (await encoders(node(index))).length > 0);
  }

  describe("jobs", () => {
    it("are one by their id: the same again is the same job, other content is refused", async () => {
      const words = ["submit", clip, "--id", "mine-0001", "--priority", "5", ...QUICK];
      const first = await run(0, ...words);
      assert.equal(first.code, 0, first.stderr);
      assert.equal(first.said.job, "mine-0001");
      const again = await run(1, ...words);
      assert.deepEqual([again.code, again.said.asset], [0, first.said.asset]);
      const other = await run(0, "submit", big, "--id", "mine-0001", ...QUICK);
      assert.deepEqual([other.code, other.said.error.code], [1, "CONFLICT"]);
      assert.match(other.stderr, /job mine-0001 exists with another source, name or options/);
      const { said } = await run(1, "job", "mine-0001");
      assert.deepEqual([said.priority, said.paused], [5, false]);
    });

    it("are removed with their assets, from every node", async () => {
      const watched = await run(0, "watch", "mine-0001");
      assert.equal(watched.code, 0, watched.stderr);
      const { asset } = watched.said;
      await waitFor("the second copy", async () => {
        const { assets } = await clients.call(node(1).grpc, services.Assets.List, {}, { deadlineMs: CALL_MS });
        return assets[0]?.held === true;
      });
      assert.equal((await run(1, "cancel", "mine-0001")).code, 1);
      assert.equal((await run(1, "retry", "mine-0001")).code, 1);
      assert.equal((await run(1, "remove", "mine-0001")).code, 0);
      for (const one of nodes) {
        const master = `http://${one.http}/assets/${asset}/master.m3u8`;
        await waitFor("404", async () => (await fetch(master)).status === 404);
        await waitFor("an empty store", async () => (await blobCount(one)) === 0);
      }
      for (const command of ["job", "remove", "pause"]) {
        const { code, stderr } = await run(1, command, "mine-0001");
        assert.equal(code, 4);
        assert.match(stderr, /there is no job mine-0001/);
      }
    });

    it("can be ordered and paused, and one that runs is not removed", async () => {
      for (const ffmpeg of ffmpegs) await ffmpeg.pace(SLOW);
      await submit("slow-0001");
      await untilFrames("slow-0001");
      assert.equal((await run(1, "priority", "slow-0001", "-3")).code, 0);
      const paused = await reelmesh("pause", "slow-0001", "no-such-job", "--node", node(1).grpc);
      assert.deepEqual(
        [paused.code, paused.stdout],
        [4, "job slow-0001 is paused; go on with: reelmesh resume slow-0001\n"],
      );
      const { said } = await run(0, "job", "slow-0001");
      assert.deepEqual([said.priority, said.paused], [-3, true]);
      const list = await reelmesh("jobs", "--state", "running", "--node", node(1).grpc);
      assert.match(list.stdout, /^slow-0001 +running, paused +\d+% +-3 /m);
      assert.match((await run(0, "remove", "slow-0001")).stderr, /is paused: cancel it first/);
      const retried = await reelmesh("retry", "slow-0001", "--node", node(1).grpc);
      assert.match(retried.stdout, /^job slow-0001 is running, paused; go on with: reelmesh resume slow-0001$/m);
      assert.equal((await run(0, "resume", "slow-0001")).code, 0);
    });

    it("leave no ffmpeg behind when they were cancelled", async () => {
      await untilFrames("slow-0001");
      await waitFor("two encodes", async () => (await Promise.all(nodes.map(encoders))).flat().length >= 2);
      const request = { job: "slow-0001", forwarded: false };
      await clients.call(node(1).grpc, services.Jobs.Cancel, request, { deadlineMs: CALL_MS });
      const cancelledAt = performance.now();
      await waitFor("ffmpeg's end", async () => (await Promise.all(nodes.map(encoders))).flat().length === 0);
      console.log(`      ${((performance.now() - cancelledAt) / 1000).toFixed(1)} s after the cancellation`);
      assert.equal((await run(0, "cancel", "slow-0001")).code, 0, "twice is once");
      assert.match((await run(0, "retry", "slow-0001")).stderr, /only a failed job can be retried/);
      const again = await run(1, "submit", big, "--id", "slow-0001", ...QUICK);
      assert.deepEqual([again.code, again.said.error.code], [1, "CONFLICT"]);
      assert.match(
        again.stderr,
        /slow-0001 was submitted before and was cancelled; forget it with: reelmesh remove slow-0001/,
      );
      assert.equal((await run(0, "remove", "slow-0001")).code, 0);
    });

    it("are refused in a sentence where they make no sense", async () => {
      const options = { ...DEFAULT_OPTIONS, ladder: [], segmentSeconds: 4, preset: "fast", crf: 23 };
      const source = { sha256: "0".repeat(64), bytes: 5 };
      const request = {
        job: "strange-1",
        fileName: "a.mp4",
        name: "",
        source,
        options,
        holder: "",
        asset: "",
        priority: 0,
      };
      const cases: [object, string][] = [
        [{ priority: 101 }, "INVALID_INPUT"],
        [{ priority: -(2 ** 31), forwarded: true }, "INVALID_INPUT"],
        [{ job: "__proto__" }, "INVALID_INPUT"],
        [{ options: { ...options, segmentSeconds: 0 } }, "INVALID_INPUT"],
        [{ options: { ...options, segmentSeconds: 10_000 } }, "INVALID_INPUT"],
        [{}, "NOT_FOUND"],
      ];
      for (const [change, code] of cases) {
        const whole = { ...request, forwarded: false, ...change };
        await assert.rejects(clients.call(node(0).grpc, services.Jobs.Submit, whole, { deadlineMs: CALL_MS }), {
          code,
        });
      }
      const get = (job: string, deadlineMs: number) =>
        clients.call(node(0).grpc, services.Jobs.Get, { job, forwarded: false }, { deadlineMs });
      await assert.rejects(get("__proto__", CALL_MS), { code: "NOT_FOUND" });
      await assert.rejects(get("x".repeat(5 * 1024 * 1024), CALL_MS), { code: "ENVIRONMENT" });
      await node(0).freeze();
      await assert.rejects(get("constructor", 100), { code: "UNAVAILABLE" }).finally(() => node(0).thaw());
      await assert.rejects(get("constructor", CALL_MS), { code: "NOT_FOUND" });
    });
  });

  describe("nodes", () => {
    it("stay paused over a restart, until they are resumed", async () => {
      assert.equal((await run(1, "node", "pause")).said.state, "paused");
      await waitFor("the news", async () => {
        const { nodes: rows } = await clients.call(node(0).grpc, services.Node.ListNodes, {}, { deadlineMs: CALL_MS });
        return rows.some(({ name, state }) => name === "n2" && state === "paused");
      });
      await node(1).stop();
      nodes[1] = await TestNode.start({
        name: "n2",
        data: node(1).data,
        env: { ...ffmpegs[1]?.env },
        words: ["--join", node(0).grpc, "--grace", "60"],
      });
      assert.equal(await stateOf(1), "paused");
      assert.equal((await run(1, "node", "resume")).said.state, "ready");
    });

    it("end what they run when they drain, and take nothing more", async () => {
      await ffmpegs[1]?.pace(PACE);
      await submit("drain-0001");
      await untilEncoding(1, "drain-0001");
      const drained = await run(1, "drain", "--wait");
      assert.equal(drained.said.state, "drained", drained.stderr);
      const { said } = await run(0, "job", "drain-0001");
      assert.ok(said.finished.some((row: { task: string; node: string }) => row.node === "n2" && row.task !== "plan"));
      assert.ok(!said.nodes.includes("n2"));
      assert.equal((await run(1, "node", "resume")).said.state, "ready");
    });

    it("end what they run within the grace of a SIGTERM, and say how they stop", async () => {
      await untilEncoding(1, "drain-0001");
      await node(1).terminate();
      const log = await readFile(join(node(1).data, "node.log"), "utf8");
      const ours = log.slice(log.lastIndexOf('"node started"'));
      assert.match(ours, /"stage":"drain","graceMs":60000[\s\S]*"task done"[\s\S]*"stage":"abort"/);
      assert.doesNotMatch(ours, /handed back/);
    });

    it("hand back at once at Ctrl-C", async () => {
      await untilEncoding(0, "drain-0001");
      assert.equal(await node(0).stop(), 0);
      const log = await readFile(join(node(0).data, "node.log"), "utf8");
      assert.match(log, /"stage":"drain","graceMs":0[\s\S]*"stage":"abort"[\s\S]*"task handed back"/);
    });
  });
});

/** Ids of a node's ffmpeg processes. */
async function encoders({ pid }: TestNode): Promise<string[]> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const named = children
    .trim()
    .split(" ")
    .filter((child) => child !== "")
    .map(async (child) => ({ child, name: await readFile(`/proc/${child}/comm`, "utf8").catch(() => "") }));
  return (await Promise.all(named)).filter(({ name }) => name.trim() === "ffmpeg").map(({ child }) => child);
}
