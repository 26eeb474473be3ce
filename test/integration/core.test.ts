/** The mesh's own NATS servers: real nodes and real servers that come, go for good, and come back. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { NodeStatus__Output as NodeStatus } from "../../src/gen/reelmesh/v1/NodeStatus.js";
import { meshCredentials } from "../../src/node/credentials.js";
import { createPeerClients, type PeerClients } from "../../src/node/grpc/client.js";
import { STREAM } from "../../src/node/nats/mesh-log.js";
import { copyEnd } from "../../src/node/nats/server-health.js";
import { services } from "../../src/node/proto.js";
import { decodedFrames, makeClip } from "../support/assets.js";
import { wrapFfmpeg } from "../support/ffmpeg-wrapper.js";
import { reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import { monitoringOf } from "../support/nats.js";
import { TestNode } from "../support/node.js";
import { temporaryFolder } from "../support/temporary.js";
import { until as untilTrue } from "../support/until.js";

const SECONDS = 24;
const FRAMES = SECONDS * 25;
const QUICK = ["--preset", "ultrafast", "--ladder", "120"];
/** Seconds of media that an encode reads a second, so that a job lasts while the core changes. */
const PACE = 5;
const PATIENCE = ["--core-patience", "5"];
/** Bound of every wait; elections, restarts and the move take seconds each, and a server that is not heard a minute. */
const WAIT_MS = 150_000;
const POLL_MS = 200;
/** Exit code of a command that nobody could answer. */
const NO_ANSWER = 3;

describe("the core of NATS servers", function () {
  this.timeout(400_000);
  let nodes: TestNode[] = [];
  let clip = "";
  let spare = "";
  let env: Record<string, string> = {};
  let clients: PeerClients;
  let submissions = 0;

  before(async () => {
    clip = join(await temporaryFolder(), "clip.mp4");
    await makeClip(clip, SECONDS);
    ({ env } = await wrapFfmpeg(PACE));
    spare = await temporaryFolder();
    clients = createPeerClients(meshCredentials().grpcChannel);
    nodes = await startMesh(3, () => ({ words: PATIENCE, env }));
  });

  after(async () => {
    clients.close();
    await stopMesh(nodes);
  });

  const node = (name: string) => nodes.find((one) => one.name === name) as TestNode;
  const names = ({ core }: NodeStatus) => core?.slots.map(({ nodeName }) => nodeName) ?? [];
  const isWhole = ({ core }: NodeStatus) =>
    core?.slots.length === 3 &&
    core.slots.every(({ state }) => state === "up") &&
    core.replicas.length === 3 &&
    core.replicas.every(({ current, lag }) => current && lag === 0);

  /** Asks a node how it is until that fits. */
  async function until(one: TestNode, what: string, fits: (status: NodeStatus) => boolean): Promise<NodeStatus> {
    const deadline = performance.now() + WAIT_MS;
    let last: unknown;
    while (performance.now() < deadline) {
      try {
        const status = await clients.call(one.grpc, services.Node.GetStatus, {}, { deadlineMs: 5_000 });
        if (fits(status)) return status;
        last = status.core;
      } catch (error) {
        last = String(error);
      }
      await delay(POLL_MS);
    }
    throw new Error(`${one.name}: not ${what} in time: ${JSON.stringify(last)}`);
  }

  async function submit(one: TestNode, ...words: string[]): Promise<string> {
    const until = performance.now() + WAIT_MS;
    const asked = ["submit", clip, "--json", "--node", one.grpc, "--id", `core-job-${++submissions}`, ...words];
    for (;;) {
      const { code, stdout, stderr } = await reelmesh(...asked);
      // The command line is patient for half a minute; servers that come back on a busy machine may need more.
      if (code === NO_ANSWER && performance.now() < until) continue;
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout).job;
    }
  }

  async function finishes(job: string, one: TestNode): Promise<void> {
    const { code, stdout, stderr } = await reelmesh("watch", job, "--json", "--node", one.grpc);
    assert.equal(code, 0, stdout + stderr);
    const { asset } = JSON.parse(stdout);
    assert.equal(await decodedFrames(`http://${one.http}/assets/${asset}/video/120p/media.m3u8`), FRAMES);
  }

  /** Kills the node and its server, as when its power goes. */
  async function lose(name: string): Promise<void> {
    await node(name).crash();
  }

  async function bringBack(name: string): Promise<TestNode> {
    await node(name).up(PATIENCE);
    return node(name);
  }

  /** Process id of the server that the node runs; 0 when none does. A machine that lost its power leaves a stale one. */
  const serverPid = async (name: string) => {
    const pid = Number(await readFile(join(node(name).data, "nats/pid"), "utf8").catch(() => 0));
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    return command.includes(node(name).data) ? pid : 0;
  };

  it("grows from one server to three in the middle of a job, which is finished whole", async () => {
    const job = await submit(node("n2"), ...QUICK);
    const status = await until(node("n3"), "a core of three", isWhole);
    assert.deepEqual(names(status).sort(), ["n1", "n2", "n3"]);
    assert.equal(status.core?.slots[0]?.nodeName, "n1");
    await finishes(job, node("n3"));
  });

  it("knows of each server how far its own copy of the log reaches", async () => {
    const ends = async () => {
      const read = await clients.call(node("n1").grpc, services.Node.GetStatus, {}, { deadlineMs: 60_000 });
      const own = await Promise.all(
        nodes.map(async ({ data }) => copyEnd(await monitoringOf(data), STREAM).catch(() => undefined)),
      );
      return own.every((end) => end !== undefined && end >= read.logSequence) || undefined;
    };
    await untilTrue(ends, "every copy reaches what was read");
  });

  it("gives the slot of a member that is gone for good to a fourth node", async () => {
    nodes.push(await TestNode.start({ name: "n4", data: spare, env, words: ["--join", node("n1").grpc, ...PATIENCE] }));
    assert.equal(await serverPid("n4"), 0);
    await lose("n1");
    const status = await until(node("n2"), "whole without n1", (one) => isWhole(one) && !names(one).includes("n1"));
    assert.equal(status.core?.slots[0]?.nodeName, "n4");
    await finishes(await submit(node("n4"), "--name", "without-n1", ...QUICK), node("n3"));
  });

  it("takes a member that lost its slot back as a client", async () => {
    const back = await bringBack("n1");
    const status = await until(back, "reading the log", (one) => isWhole(one) && one.natsConnected);
    assert.deepEqual(names(status), names(await until(node("n2"), "whole", isWhole)));
    assert.equal(await serverPid("n1"), 0);
    await finishes(await submit(back, "--name", "from-n1", ...QUICK), back);
  });

  it("stops taking work with two of three servers gone, and goes on when one is back", async () => {
    const members = names(await until(node("n1"), "whole", isWhole));
    const [first = "", second = ""] = members;
    await Promise.all([lose(first), lose(second)]);
    await until(node("n1"), "without a stream leader", ({ core }) => core?.streamLeader === "");
    const waiting = submit(node("n1"), "--name", "during-outage", ...QUICK);
    const back = await bringBack(first);
    await until(node("n1"), "led again", ({ core }) => core?.streamLeader !== "");
    await finishes(await waiting, back);
    await bringBack(second);
    await until(node("n1"), "whole", isWhole);
  });

  it("comes back with every job after all machines lost their power at once", async () => {
    const list = async () => {
      const { code, stdout } = await reelmesh("jobs", "--json", "--node", node("n1").grpc);
      if (code !== 0) return undefined;
      const ids: string[] = JSON.parse(stdout).jobs.map(({ id }: { id: string }) => id);
      return ids.join();
    };
    const before = await untilTrue(list, "the jobs are listed", WAIT_MS);
    assert.equal(before.split(",").length, 4);
    const everyone = nodes.map(({ name }) => name);
    await Promise.all(everyone.map(lose));
    await Promise.all(everyone.map(bringBack));
    await until(node("n1"), "whole", isWhole);
    // Servers that come back may have lost the log's end; what the nodes remember of it is appended again in a moment.
    await untilTrue(async () => (await list()) === before || undefined, "every job is back", WAIT_MS).catch((error) => {
      throw new Error(`${error.message}\n${nodes.map(({ name, story }) => `${name}: ${story.end()}`).join("\n")}`);
    });
    await finishes(await submit(node("n2"), "--name", "after-power-cut", ...QUICK), node("n1"));
  });
});
