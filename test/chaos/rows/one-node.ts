/** Rows 20 and 25: a folder that is taken, a chunk that nobody can encode. */
import assert from "node:assert/strict";
import { reelmesh } from "../../support/mesh.js";
import { encodedOnce, ends, endsWell } from "../letters.js";
import type { Row } from "../row.js";
import { inScene } from "../scene.js";

export const secondProcess: Row = {
  number: 20,
  title: "a second process opens the same data folder",
  play: () =>
    inScene({ nodes: 1, chunkSeconds: 2 }, async (scene) => {
      const node = scene.living();
      const server = await node.natsPid();
      const job = await scene.submit();
      const ports = ["grpc", "http", "peer", "nats"].flatMap((which) => [`--${which}-port`, "0"]);
      const { code, stdout, stderr } = await reelmesh("up", "--data", node.data, "--name", "second", ...ports);
      assert.notEqual(code, 0);
      assert.equal(stdout, "");
      assert.match(stderr, /^reelmesh: .*another/m);
      assert.ok(stderr.includes(node.data), stderr);
      assert.ok(node.alive);
      await endsWell(scene, job);
      await encodedOnce(scene, 1);
      // Its server is the one that it had. A term may begin anew by itself, where the process stood still for seconds.
      assert.equal(await node.natsPid(), server);
    }),
};

/** The second chunk of the clip fails where the ladder is this job's. */
const BREAK = `if [[ "$*" == *":84:flags"* && "$*" == *"setpts=(N+2"* ]]; then echo "planted: no encoder likes this" >&2; exit 1; fi`;

export const failsEverywhere: Row = {
  number: 25,
  title: "a chunk that fails on every node",
  play: () =>
    inScene({ nodes: 3, chunkSeconds: 2, twist: BREAK }, async (scene) => {
      const broken = await scene.submit(scene.living(), "84");
      const sound = await scene.submit();
      const { state, reason } = await ends(scene, broken);
      assert.equal(state, "failed");
      assert.match(reason, /chunk-000002 \(4 attempts\).*planted: no encoder likes this/);
      const isIt = (one: { details: Record<string, unknown> }) => {
        return one.details["job"] === broken.id && one.details["task"] === "chunk-000002" && !one.details["backup"];
      };
      // The last four: a coordinator that stood still for seconds begins a new term, and counts anew.
      const grants = scene.story.told("task granted").filter(isIt).slice(-4);
      assert.deepEqual(
        grants.map(({ details }) => details["attempt"]),
        [1, 2, 3, 4],
      );
      assert.equal(new Set(grants.map(({ details }) => details["node"])).size, 3);
      await endsWell(scene, sound);
    }),
};
