/** Row 21: wall clocks that jump. */

import assert from "node:assert/strict";
import { clockShift } from "../../support/clock-shift.js";
import type { TestNode } from "../../support/node.js";
import { encodedOnce, endsWell, oneTermAtATime } from "../letters.js";
import type { Row } from "../row.js";
import { inScene } from "../scene.js";

const HOUR_MS = 3_600_000;

/** Every part looks at the time several times a second: what a jump causes follows at once. */
const AT_ONCE_MS = 2_000;

function jump(node: TestNode): number {
  process.kill(node.pid, "SIGUSR2");
  return performance.now();
}

function follows(at: number, jumped: number): boolean {
  return at >= jumped && at < jumped + AT_ONCE_MS;
}

export const clocksJump: Row = {
  number: 21,
  title: "wall clock an hour forward, an hour back",
  play: async () => {
    const shift = await clockShift();
    await inScene({ nodes: 3, chunkSeconds: 4, node: () => ({ env: shift.env }) }, async (scene) => {
      const job = await scene.submit();
      await scene.untilEncoding(job);
      const jumps: number[] = [];
      const others = scene.nodes.filter((node) => node !== scene.coordinator());
      for (const [node, ms] of [
        [scene.coordinator(), HOUR_MS],
        [others[0], -HOUR_MS],
      ] as const) {
        await shift.set(ms);
        if (node !== undefined) jumps.push(jump(node));
        await scene.chunkDone(performance.now());
      }
      await shift.set(-HOUR_MS);
      jumps.push(jump(scene.coordinator()));
      await endsWell(scene, job);
      await encodedOnce(scene, 1);
      await oneTermAtATime(scene);
      for (const event of ["term ended", "term started", "task failed"]) {
        const caused = scene.story
          .told(event, jumps[0])
          .filter(({ at }) => jumps.some((jumped) => follows(at, jumped)));
        assert.deepEqual(caused, [], `D: "${event}" after a clock has jumped`);
      }
    });
  },
};
