/** Real nodes whose mesh log is deleted, cut short or truncated under them: nothing that was acknowledged is lost. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { connect, type JetStreamManager, type NatsConnection, NatsError, type StreamInfo } from "nats";
import { makeClip } from "../support/assets.js";
import { coreSettles, reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import { TestNode } from "../support/node.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

const STREAM = "REELMESH_LOG";
const QUICK = ["--preset", "ultrafast", "--ladder", "120"];
/** Servers elect, nodes wait for who knows most, and each look starts a process. */
const PATIENCE_MS = 180_000;
const ASK_MS = 20_000;
/** JetStream's code for a stream that is there already. */
const NAME_IN_USE = 10058;

describe("a mesh whose log is lost", function () {
  this.timeout(600_000);
  let nodes: TestNode[] = [];
  let connection: NatsConnection;
  let manager: JetStreamManager;
  let folder = "";
  const jobs: string[] = [];

  before(async () => {
    folder = await temporaryFolder();
    nodes = await startMesh(3);
    await coreSettles(() => nodes[0] as TestNode);
    connection = await connect({ servers: (nodes[0] as TestNode).nats.split(",") });
    manager = await connection.jetstreamManager({ timeout: ASK_MS });
  });

  after(async () => {
    await connection.close();
    await stopMesh(nodes);
  });

  async function finishJob(node: TestNode): Promise<void> {
    const clip = join(await temporaryFolder(), `clip-${jobs.length}.mp4`);
    await makeClip(clip, 4 + jobs.length);
    const { code, stdout, stderr } = await reelmesh("submit", clip, "--wait", "--json", "--node", node.grpc, ...QUICK);
    assert.equal(code, 0, stdout + stderr);
    jobs.push(JSON.parse(stdout).job);
  }

  /** Until every node lists every job as done. */
  async function everybodyKnows(): Promise<void> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (const node of nodes) {
      for (let known: string[] = []; !jobs.every((job) => known.includes(job)); ) {
        const { stdout } = await reelmesh("jobs", "--json", "--node", node.grpc);
        const rows: { id: string; state: string }[] = JSON.parse(stdout).jobs ?? [];
        known = rows.filter(({ state }) => state === "done").map(({ id }) => id);
        assert.ok(performance.now() < giveUpAt, `${node.name} lists ${stdout}`);
      }
    }
  }

  async function streamState() {
    return (await manager.streams.info(STREAM)).state;
  }

  /** A server may go on telling of the one that was deleted, until it has heard of that itself. */
  function untilThereIsALog(other: StreamInfo): Promise<StreamInfo["state"]> {
    const look = async () => {
      const info = await manager.streams.info(STREAM).catch(() => undefined);
      return info !== undefined && info.created !== other.created && info.state.messages > 0 ? info.state : undefined;
    };
    return until(look, "somebody founds the log", PATIENCE_MS);
  }

  /** Puts another log in the place of the one that is there, with these entries, before the nodes make one themselves. */
  async function replaceLog(first: number, entries: Uint8Array[]): Promise<void> {
    const { config } = await manager.streams.info(STREAM);
    for (let isMade = false; !isMade; ) {
      await manager.streams.delete(STREAM);
      isMade = await manager.streams.add({ ...config, first_seq: first }).then(
        () => true,
        (error: unknown) => {
          // They were faster: they wait for some seconds only.
          if (error instanceof NatsError && error.api_error?.err_code === NAME_IN_USE) return false;
          throw error;
        },
      );
    }
    for (const data of entries) await connection.jetstream().publish("reelmesh.log", data, { timeout: ASK_MS });
  }

  it("makes it anew from what the nodes know, and goes on", async () => {
    await finishJob(nodes[1] as TestNode);
    const lost = await manager.streams.info(STREAM);
    const { last_seq: last } = lost.state;
    await manager.streams.delete(STREAM);
    const { first_seq: first } = await untilThereIsALog(lost);
    assert.ok(first > last, `the log begins at ${first} and ended at ${last}`);
    await everybodyKnows();
    await finishJob(nodes[2] as TestNode);
    await everybodyKnows();
  });

  it("gives all of it to a node that joins then", async () => {
    const [first] = nodes as [TestNode];
    nodes.push(await TestNode.start({ name: "n4", data: folder, words: ["--join", first.grpc] }));
    await everybodyKnows();
  });

  it("gets back from the nodes what was at its end", async () => {
    const { first_seq: first, last_seq: last } = await streamState();
    const kept: Uint8Array[] = [];
    // The snapshot with which it was founded, and the term that followed: nothing of the second job.
    for (let sequence = first; sequence < first + 2; sequence++) {
      kept.push((await manager.streams.getMessage(STREAM, { seq: sequence })).data);
    }
    await replaceLog(first, kept);
    await everybodyKnows();
    await finishJob(nodes[3] as TestNode);
    await everybodyKnows();
    assert.ok((await streamState()).first_seq <= last);
  });
});
