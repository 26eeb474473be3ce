/** Row 29: much has happened when a node comes back, and the log of that time is gone. */
import assert from "node:assert/strict";
import { reelmesh } from "../../support/mesh.js";
import { until } from "../../support/until.js";
import { Writes, wholeCore } from "../core.js";
import { ends, endsWell, framesOnceInOrder, HEALED_MS, servesTheManifest } from "../letters.js";
import type { Row } from "../row.js";
import { inScene, type Scene } from "../scene.js";

/** More entries than the log takes without a snapshot. */
const ENTRIES = 1_100;

async function say(...words: string[]): Promise<void> {
  const { code, stderr } = await reelmesh(...words);
  assert.equal(code, 0, stderr);
}

async function served(scene: Scene, asset: string): Promise<number[]> {
  const living = scene.nodes.filter((node) => node.alive);
  const answers = await Promise.all(living.map(({ http }) => fetch(`http://${http}/assets/${asset}/master.m3u8`)));
  for (const answer of answers) await answer.arrayBuffer();
  return answers.map(({ status }) => status);
}

export const awayForADay: Row = {
  number: 29,
  title: "a node away for a day, then back",
  play: () =>
    inScene({ nodes: 3, chunkSeconds: 1 }, async (scene) => {
      await wholeCore(scene);
      const removed = await scene.submit(scene.living(), "84");
      const kept = await scene.submit();
      for (const job of [removed, kept]) await endsWell(scene, job);
      const all = async () => {
        const stored = await Promise.all(scene.nodes.map((node) => scene.status(node))).catch(() => undefined);
        return stored?.every(({ node }) => node?.missing === 0) || undefined;
      };
      await until(all, "every node has every asset", HEALED_MS);
      await servesTheManifest(scene, removed);
      const away = scene.living(scene.coordinator());
      assert.equal(await away.stop(), 0);
      const left = (await scene.state()).sequence;

      const stays = scene.living();
      const jobs = [await scene.submit(stays, "96"), await scene.submit(stays, "108")];
      for (const job of jobs) await endsWell(scene, job, stays);
      await say("remove", removed.id, "--node", stays.grpc);
      const cancelled = await scene.submit(stays);
      await say("cancel", cancelled.id, "--node", stays.grpc);
      await ends(scene, cancelled, stays);
      const open = await scene.submit(stays, "72");
      await say("pause", open.id, "--node", stays.grpc);
      const since = performance.now();
      await new Writes(scene, open, stays).add(ENTRIES);
      await scene.story.next("snapshot written", () => true, since);
      const cut = async () => (((await scene.ledger())[0]?.sequence ?? 0) > left ? true : undefined);
      await until(cut, "the log is truncated beyond what the node had read");

      await away.up();
      await until(all, "the node that was away has every asset", HEALED_MS);
      for (const job of [kept, ...jobs]) await servesTheManifest(scene, job);
      assert.deepEqual(await served(scene, removed.asset), [404, 404, 404], "a removed asset is served");
      await say("resume", open.id, "--node", away.grpc);
      await endsWell(scene, open, away);
      await until(all, "every node has every asset", HEALED_MS);
      await servesTheManifest(scene, open);
      await framesOnceInOrder(scene, open);
      await wholeCore(scene);
    }),
};
