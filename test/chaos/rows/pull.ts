/** Row 24: the one who gives a blob goes in the middle of it. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { reelmesh } from "../../support/mesh.js";
import type { TestNode } from "../../support/node.js";
import { until } from "../../support/until.js";
import { endsWell, framesOnceInOrder, servesTheManifest } from "../letters.js";
import type { Row } from "../row.js";
import { inScene, type Scene, type TestJob } from "../scene.js";

/** Seconds that a pull from one peer would take. */
const PULL_SECONDS = 10;

const PLANNED_MS = 90_000;
/** Chunks that had begun are encoded to their ends, on a machine that may do other things besides. */
const IDLE_MS = 180_000;

/** Plans a job and starts nothing more of it: nothing else is on the wire then. */
async function plannedJob(scene: Scene): Promise<TestJob> {
  const job = await scene.submit();
  await scene.story.next("task done", ({ details }) => details["task"] === "plan", job.submittedAt, PLANNED_MS);
  const { code, stderr } = await reelmesh("pause", job.id, "--node", scene.living().grpc);
  assert.equal(code, 0, stderr);
  const idle = async () => {
    const all = await Promise.all(scene.nodes.map((node) => scene.status(node))).catch(() => undefined);
    return all?.every(({ running }) => running.length === 0) || undefined;
  };
  await until(idle, "nothing runs", IDLE_MS);
  return job;
}

function holds(node: TestNode, sha256: string): Promise<boolean> {
  const file = join(node.data, "blobs", sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  return access(file).then(
    () => true,
    () => false,
  );
}

async function parted(nodes: TestNode[], sha256: string): Promise<[TestNode[], TestNode[]]> {
  const held = new Map<TestNode, boolean>();
  for (const node of nodes) held.set(node, await holds(node, sha256));
  return [nodes.filter((node) => held.get(node)), nodes.filter((node) => !held.get(node))];
}

export const sourceOfPullDies: Row = {
  number: 24,
  title: "the peer that a blob is being pulled from dies",
  play: () =>
    inScene({ nodes: 4, chunkSeconds: 6, proxied: true }, async (scene) => {
      const job = await plannedJob(scene);
      const { source } = (await scene.state()).jobs.get(job.id) ?? assert.fail("no such job");
      const [holders, others] = await parted(scene.nodes, source.sha256);
      const [puller] = others;
      assert.ok(puller && holders.length >= 2, `${holders.length} of ${scene.nodes.length} nodes hold the source`);
      const peers = new Map(holders.map((node) => [node, scene.proxiesOf(node).peer]));
      const before = new Map([...peers].map(([node, peer]) => [node, peer.replied]));
      const given = (node: TestNode) => (peers.get(node)?.replied ?? 0) - (before.get(node) ?? 0);
      for (const peer of peers.values()) peer.faults.bytesASecond = source.bytes / PULL_SECONDS;
      const pulled = scene.hold(puller, source, job, holders);
      // A failure is seen where it is waited for.
      pulled.catch(() => {});
      const giver = await until(async () => holders.find((node) => given(node) > source.bytes / 3), "bytes are given");
      assert.equal(await holds(puller, source.sha256), false);
      await giver.kill();
      peers.get(giver)?.resetAll();
      const got = given(giver);
      await pulled;
      const rest = holders.filter((node) => node !== giver).reduce((sum, node) => sum + given(node), 0);
      // From the byte where it stopped: what is on the wire is the blob once, and little besides.
      const wire = `${source.bytes} bytes: ${got} and ${rest} on the wire`;
      assert.ok(got > source.bytes / 3 && got < source.bytes * 0.9, wire);
      assert.ok(got + rest < source.bytes * 1.1, wire);
      const bytes = await scene.blobAt(puller, source.sha256);
      assert.equal(createHash("sha256").update(bytes).digest("hex"), source.sha256, "E: the blob has other bytes");
      for (const peer of peers.values()) peer.faults.bytesASecond = 0;
      const { code, stderr } = await reelmesh("resume", job.id, "--node", puller.grpc);
      assert.equal(code, 0, stderr);
      await endsWell(scene, job, puller);
      await servesTheManifest(scene, job);
      await framesOnceInOrder(scene, job);
    }),
};
