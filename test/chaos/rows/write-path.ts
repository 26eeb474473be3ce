/**
 * Row 17 with real nodes: killed as files come and go, again and again. Each step by itself, with a hook that kills there:
 * test/contract/store-kill.test.ts.
 */
import { once } from "node:events";
import { watch } from "node:fs";
import { join } from "node:path";
import type { TestNode } from "../../support/node.js";
import { blobsOf, inAgreement, untilHeld } from "../held.js";
import { endsWell, framesOnceInOrder, keptAcknowledged, note, servesTheManifest } from "../letters.js";
import type { Row } from "../row.js";
import { inScene, type Scene, type TestJob } from "../scene.js";

const KILLS = 12;
const QUICK_KILLS = 4;
/** The node is given something else to store when it has stored nothing for so long. */
const QUIET_MS = 10_000;
/** Heights of ladders, so that each job stores something new. */
const LADDERS = ["84", "72", "60", "48"];

/**
 * Kills the node when the n-th temporary file of a blob comes or goes: while it is written, synced, placed, or entered.
 * False when nothing was stored for a while.
 */
async function killAtWrite(node: TestNode, nth: number): Promise<boolean> {
  const quiet = AbortSignal.timeout(QUIET_MS);
  const watcher = watch(join(node.data, "tmp"));
  const closed = once(watcher, "close");
  quiet.addEventListener("abort", () => watcher.close(), { once: true });
  let seen = 0;
  let killed: Promise<void> | undefined;
  watcher.on("change", (event, name) => {
    if (event !== "rename" || !String(name).startsWith("put-") || ++seen !== nth) return;
    killed = node.kill();
    watcher.close();
  });
  await closed;
  await killed;
  return killed !== undefined;
}

export const killedWhileStoring: Row = {
  number: 17,
  title: "killed at each step of the blob's write path",
  play: (full) =>
    inScene({ nodes: 2, chunkSeconds: 2 }, async (scene) => {
      const [, victim] = scene.nodes as [TestNode, TestNode];
      const jobs: TestJob[] = [await scene.submit()];
      await scene.chunkDone();
      const before = await note(scene, jobs[0] as TestJob);
      const kills = full ? KILLS : QUICK_KILLS;
      for (let count = 0; count < kills; ) {
        // Odd events are mostly a file that comes, even ones a file that goes to its place.
        if (await killAtWrite(victim, 1 + count)) {
          count++;
          await victim.up();
        } else await another(scene, jobs);
      }
      for (const job of jobs) await endsWell(scene, job);
      await keptAcknowledged(scene, before);
      for (const job of jobs) {
        await servesTheManifest(scene, job);
        await untilHeld(victim, await blobsOf(scene, job));
      }
      await framesOnceInOrder(scene, jobs[0] as TestJob);
      for (const node of scene.nodes) {
        await node.stop();
        await inAgreement(node);
      }
    }),
};

async function another(scene: Scene, jobs: TestJob[]): Promise<void> {
  const ladder = LADDERS[jobs.length - 1];
  if (ladder === undefined) throw new Error(`the node stored nothing of ${jobs.length} jobs\n${scene.story.end()}`);
  jobs.push(await scene.submit(scene.living(), ladder));
}
