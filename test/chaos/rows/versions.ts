/** Row 28: a mesh of one version becomes one of the next, node by node. */
import assert from "node:assert/strict";
import { PROGRAM, type TestNode } from "../../support/node.js";
import { previousProgram } from "../../support/previous-build.js";
import { wholeCore } from "../core.js";
import {
  encodedOnce,
  endsWell,
  framesOnceInOrder,
  goesOn,
  HEALED_MS,
  keptAcknowledged,
  note,
  oneTermAtATime,
  oneWinner,
  servesTheManifest,
} from "../letters.js";
import type { Row } from "../row.js";
import { inScene, type Scene, type TestJob } from "../scene.js";

/** Stops it as Ctrl-C does and starts it with the new version; the chunks that it had to leave. */
async function update(scene: Scene, node: TestNode, jobs: TestJob[]): Promise<string[]> {
  const stopped = performance.now();
  assert.equal(await node.stop(), 0);
  // What it was granted while it was being stopped, too.
  const left = jobs.flatMap((job) => scene.openAt(job, node));
  await node.up(undefined, PROGRAM);
  await goesOn(scene, stopped, HEALED_MS);
  return left;
}

export const rollingRestart: Row = {
  number: 28,
  title: "rolling restart of every node under load, one version apart",
  async play() {
    const program = await previousProgram();
    if (program === undefined) {
      console.error("row 28 is not played: there is no history here to take the previous version from");
      return;
    }
    await inScene({ nodes: 3, chunkSeconds: 6, node: () => ({ program }) }, async (scene) => {
      await wholeCore(scene);
      const jobs = [await scene.submit(), await scene.submit(), await scene.submit()];
      await scene.chunkDone();
      const left: string[] = [];
      const noted = [];
      for (const node of scene.nodes) {
        for (const job of jobs) noted.push(await note(scene, job));
        left.push(...(await update(scene, node, jobs)));
        // The next one goes when this one's server is level with the others again.
        await wholeCore(scene);
      }
      assert.ok((await Promise.all(jobs.map((job) => scene.view(job)))).some(({ endedMs }) => endedMs === 0));
      for (const job of jobs) await endsWell(scene, job);
      for (const one of noted) await keptAcknowledged(scene, one);
      await encodedOnce(scene, jobs.length, ...left);
      for (const job of jobs) await oneWinner(scene, job);
      await oneTermAtATime(scene);
      for (const job of jobs) await servesTheManifest(scene, job);
      for (const job of jobs) await framesOnceInOrder(scene, job);
    });
  },
};
