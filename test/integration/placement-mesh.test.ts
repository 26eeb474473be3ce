/** Six real nodes: more than hold everything. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { NodeStatus__Output as NodeStatus } from "../../src/gen/reelmesh/v1/NodeStatus.js";
import { meshCredentials } from "../../src/node/credentials.js";
import { createPeerClients, type PeerClients } from "../../src/node/grpc/client.js";
import { services } from "../../src/node/proto.js";
import { fetchAsset, makeClip } from "../support/assets.js";
import { coreSettles, reelmesh, startMesh, stopMesh } from "../support/mesh.js";
import type { TestNode } from "../support/node.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";

const NODES = 6;
const COPIES = 2;
/** Seconds; of one that is killed, the copies are made elsewhere after that. */
const PATIENCE = 15;
const WAIT_MS = 150_000;

describe("a mesh of six", function () {
  this.timeout(300_000);
  let nodes: TestNode[] = [];
  let clients: PeerClients;

  before(async () => {
    clients = createPeerClients(meshCredentials().grpcChannel);
    const words = ["--replicas", String(COPIES), "--copy-patience", String(PATIENCE)];
    nodes = await startMesh(NODES, () => ({ words }));
    await coreSettles(() => nodes[0] as TestNode);
  });

  after(async () => {
    clients.close();
    await stopMesh(nodes);
  });

  const at = (index: number) => nodes[index] as TestNode;
  const status = ({ grpc }: TestNode): Promise<NodeStatus> =>
    clients.call(grpc, services.Node.GetStatus, {}, { deadlineMs: 10_000 });

  /** Waits until a node says that everything has its copies, on so many nodes, having heard all of them. */
  const copiesOn = (count: number, asked: TestNode) =>
    until(
      async () => {
        const { copies } = await status(asked).catch(() => ({ copies: null }));
        const isHeard = copies?.nodes === count && copies.silent.length === 0;
        return (isHeard && copies.assets === 1 && copies.assetsLacking === 0 && copies) || undefined;
      },
      `every file has its copies on ${count} nodes`,
      WAIT_MS,
    );

  async function holders(sha256: string, among: TestNode[]): Promise<string[]> {
    const answers = await Promise.all(
      among.map(async ({ name, peer }) => {
        const { status } = await fetch(`http://${peer}/blobs/${sha256}`, { method: "HEAD" });
        return status === 200 ? [name] : [];
      }),
    );
    return answers.flat();
  }

  it("keeps each file on two nodes, serves it from all, repairs what a lost node had, and removes it everywhere", async () => {
    const clip = join(await temporaryFolder(), "clip.mp4");
    await makeClip(clip, 6, "160x90");
    const quick = ["--preset", "ultrafast", "--ladder", "90"];
    const { code, stdout, stderr } = await reelmesh("submit", clip, "--wait", "--json", "--node", at(1).grpc, ...quick);
    assert.equal(code, 0, stderr);
    const { asset, job } = JSON.parse(stdout) as { asset: string; job: string };
    const { wanted } = await copiesOn(NODES, at(5));
    assert.equal(wanted, COPIES);

    const files = await fetchAsset(`http://${at(2).http}/assets/${asset}`);
    const hashes = [...new Set(Object.values(files))];
    assert.ok(hashes.length > 8);
    for (const sha256 of hashes) {
      const placed = async () => (await holders(sha256, nodes)).length <= COPIES + 1 || undefined;
      await until(placed, "nobody but those that it is placed on, and the one that a viewer asked, holds a file");
    }
    for (const node of nodes) assert.deepEqual(await fetchAsset(`http://${node.http}/assets/${asset}`), files);
    const pulled = (await Promise.all(nodes.map(status))).map(({ transfers }) => transfers?.pulledBlobs ?? 0);
    const served = (await Promise.all(nodes.map(status))).map(({ transfers }) => transfers?.servedBlobs ?? 0);
    const servedBytes = (await Promise.all(nodes.map(status))).map(({ transfers }) => transfers?.servedBytes ?? 0);
    assert.ok(pulled.every((blobs) => blobs > 0));
    assert.ok(served.reduce((sum, one) => sum + one) >= hashes.length);
    // No blob of these is smaller than a hundred bytes.
    assert.ok(servedBytes.reduce((sum, one) => sum + one) >= 100 * hashes.length);
    const row = new RegExp(`${asset} .* yes +${COPIES} of ${COPIES} `);
    // A node that is slow to answer counts for nothing in one table.
    const shown = async () => row.test((await reelmesh("assets", "--node", at(3).grpc)).stdout) || undefined;
    await until(shown, "the table shows the copies");

    const lost = at(4);
    await lost.crash();
    const living = nodes.filter((node) => node !== lost);
    await copiesOn(NODES - 1, at(0));
    for (const node of living) assert.deepEqual(await fetchAsset(`http://${node.http}/assets/${asset}`), files);
    assert.equal((await reelmesh("remove", job, "--node", at(0).grpc)).code, 0);
    await lost.up();
    for (const sha256 of hashes) {
      const gone = async () => ((await holders(sha256, nodes)).length === 0 ? true : undefined);
      await until(gone, "nobody holds a file of the removed asset", WAIT_MS);
    }
    for (const { http } of nodes) {
      assert.equal((await fetch(`http://${http}/assets/${asset}/master.m3u8`)).status, 404);
    }
  });
});
