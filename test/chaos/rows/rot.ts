/** Rows 18 and 19: what was stored is not what is there. */
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { TestNode } from "../../support/node.js";
import { until } from "../../support/until.js";
import {
  blobsOf,
  cutShort,
  damageIndex,
  flipBit,
  holdsWhole,
  INDEX_DAMAGES,
  inAgreement,
  remove,
  untilHeld,
} from "../held.js";
import { endsWell, keptAcknowledged, manifestOf, note, oneWinner, servesTheManifest } from "../letters.js";
import type { Row } from "../row.js";
import { inScene, type Scene, type TestJob } from "../scene.js";

/** The first node is never scrubbed, the second all the time. */
const SCRUBS = ["--scrub-rate=0", "--scrub-rate=100"];

async function findings(scene: Scene, node: TestNode) {
  const { store } = await scene.status(node);
  assert.ok(store);
  return { damaged: store.damagedBlobs, missing: store.missingBlobs };
}

/** Paths and hashes of three segments, none of which is another's. */
async function threeSegments(scene: Scene, job: TestJob): Promise<[path: string, sha256: string][]> {
  const { files } = await manifestOf(scene, job);
  const segments = Object.entries(files).filter(([path]) => path.endsWith(".m4s"));
  const found = [...new Map(segments.map(([path, { sha256 }]) => [sha256, path]))].slice(0, 3);
  assert.equal(found.length, 3);
  return found.map(([sha256, path]) => [path, sha256]);
}

async function harm(node: TestNode, [flipped, cut, removed]: [path: string, sha256: string][]): Promise<void> {
  assert.ok(flipped && cut && removed);
  await flipBit(node, flipped[1]);
  await cutShort(node, cut[1]);
  await remove(node, removed[1]);
}

export const bytesRot: Row = {
  number: 18,
  title: "one bit flipped in a blob; a blob truncated; a blob deleted by hand",
  play: () => {
    const node = (index: number) => ({ words: [SCRUBS[index] as string, "--scrub-every", "0"] });
    return inScene({ nodes: 2, chunkSeconds: 1, node }, async (scene) => {
      const job = await scene.submit();
      await endsWell(scene, job);
      const blobs = await blobsOf(scene, job);
      const [unscrubbed, scrubbed] = scene.nodes as [TestNode, TestNode];
      for (const one of scene.nodes) await untilHeld(one, blobs);
      const segments = await threeSegments(scene, job);

      // At first serving: the viewer gets what was made, at once.
      await harm(unscrubbed, segments);
      const { files } = await manifestOf(scene, job);
      await servesTheManifest(scene, job);
      for (const [path, sha256] of segments) {
        assert.equal(files[path]?.sha256, sha256);
        await untilHeld(unscrubbed, [sha256]);
      }
      assert.deepEqual(await findings(scene, unscrubbed), { damaged: 2, missing: 1 });
      assert.equal((await readdir(join(unscrubbed.data, "quarantine"))).length, 2);

      // By the scrub, while nobody asks.
      const before = await findings(scene, scrubbed);
      await harm(scrubbed, segments);
      await untilHeld(scrubbed, blobs);
      const found = async () => {
        const { damaged, missing } = await findings(scene, scrubbed);
        return (damaged === before.damaged + 2 && missing === before.missing + 1) || undefined;
      };
      await until(found, "the status tells of what the scrub has found");
      await servesTheManifest(scene, job);
      for (const one of scene.nodes) {
        await one.stop();
        await inAgreement(one);
      }
    });
  },
};

export const indexDamaged: Row = {
  number: 19,
  title: "LevelDB's CURRENT, MANIFEST, log or a table damaged",
  play: () =>
    inScene({ nodes: 2, chunkSeconds: 3 }, async (scene) => {
      const first = await scene.submit();
      await endsWell(scene, first);
      const blobs = await blobsOf(scene, first);
      for (const node of scene.nodes) await untilHeld(node, blobs);
      const second = await scene.submit();
      await scene.chunkDone(second.submittedAt);
      const before = await note(scene, second);
      assert.ok(before.tasks.size > 0);
      const [keeper, victim] = scene.nodes as [TestNode, TestNode];
      let rebuilt = 0;
      for (const damage of INDEX_DAMAGES) {
        const { id } = victim;
        await victim.kill();
        const harmed = await damageIndex(victim, damage);
        await victim.up();
        assert.equal(victim.id, id, "the node is who it was");
        const { store } = await scene.status(victim);
        if ((store?.rebuiltMs ?? 0) > rebuilt) {
          rebuilt = store?.rebuiltMs ?? 0;
          assert.ok(store?.rebuiltReason);
        } else assert.ok(!harmed || damage.what === "log", `damage of ${damage.what} was not noticed`);
        for (const sha256 of blobs)
          assert.ok(await holdsWhole(victim, sha256), `E: ${sha256} went with ${damage.what}`);
      }
      // The node that has the mesh's only NATS server, and its log, too.
      await keeper.kill();
      assert.ok(await damageIndex(keeper, INDEX_DAMAGES[0] as (typeof INDEX_DAMAGES)[0]));
      await keeper.up();
      assert.ok((await scene.status(keeper)).store?.rebuiltMs);
      await endsWell(scene, second);
      await keptAcknowledged(scene, before);
      await oneWinner(scene, second);
      for (const job of [first, second]) await servesTheManifest(scene, job);
      for (const node of scene.nodes) await untilHeld(node, [...blobs, ...(await blobsOf(scene, second))]);
      for (const node of scene.nodes) {
        await node.stop();
        await inAgreement(node);
      }
    }),
};
