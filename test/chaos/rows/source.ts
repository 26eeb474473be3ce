/** Row 30: the only copy of a source goes with its node. */
import assert from "node:assert/strict";
import { until } from "../../support/until.js";
import { endsWell, HEALED_MS, servesTheManifest } from "../letters.js";
import type { Row } from "../row.js";
import { inScene } from "../scene.js";

export const submitterDies: Row = {
  number: 30,
  title: "the node that took the submission dies before the source is on another node",
  play: () =>
    inScene({ nodes: 3, chunkSeconds: 3, proxied: true }, async (scene) => {
      const coordinator = scene.coordinator();
      const holder = scene.living(coordinator);
      // From the first grant on, nobody gets the source out of it.
      const { peer } = scene.proxiesOf(holder);
      const planning = scene.story.next("task granted").then(() => {
        peer.faults.holdReplies = true;
      });
      const job = await scene.submit(holder);
      await planning;
      await holder.kill();
      peer.faults.holdReplies = false;
      peer.resetAll();
      const waits = async () => ((await scene.view(job, coordinator)).reason.includes(holder.name) ? true : undefined);
      await until(waits, "the job says that it waits for its source's holder", HEALED_MS);
      assert.equal((await scene.view(job, coordinator)).state, "submitted");
      await holder.up();
      // With two nodes or more, the source has a second copy before "planned": its first may go from then on.
      const planned = async () => ((await scene.view(job, coordinator)).state === "running" ? true : undefined);
      await until(planned, "the job goes on when the holder is back", HEALED_MS);
      await holder.kill();
      await endsWell(scene, job, coordinator);
      await servesTheManifest(scene, job);
    }),
};
