/** Row 27: a node whose encoder gives something else than was asked for. */
import assert from "node:assert/strict";
import { wrapFfmpeg } from "../../support/ffmpeg-wrapper.js";
import { reelmesh } from "../../support/mesh.js";
import type { TestNode } from "../../support/node.js";
import { until } from "../../support/until.js";
import { endsWell, framesOnceInOrder, oneWinner, servesTheManifest } from "../letters.js";
import type { Row } from "../row.js";
import { inScene, isChunk, type Scene } from "../scene.js";

interface Garbage {
  what: string;
  /** Bash that changes the arguments of an encode; see test/support/ffmpeg-wrapper.ts. */
  twist: string;
  /** What the node's failures say. */
  refused: RegExp;
}

const edit = (from: string, to: string) => `words=("\${words[@]//${from}/${to}}")`;

const GARBAGE: Garbage[] = [
  { what: "too few frames", twist: edit("setparams=", "trim=start_frame=10,setparams="), refused: /frames/ },
  { what: "frames between their times", twist: edit("setpts=(N+", "setpts=7+(N+"), refused: /planned/ },
  { what: "another init segment", twist: edit("stitchable=1", "stitchable=1:ref=3"), refused: /init segment/ },
];

/** It is fast: without a reference that is known before, its chunks would be the first, and so the measure of others. */
const FAST = 24;

/** Ladders of the jobs that follow, while it is not found out. */
const MORE = ["100", "104", "108"];

async function setAside(scene: Scene, bad: TestNode): Promise<void> {
  await scene.story.next("node set aside", ({ details }) => details["node"] === bad.id, 0);
  const through = scene.living(bad);
  const shown = async () => {
    const status = await scene.status(through).catch(() => undefined);
    return status?.peers.find(({ id }) => id === bad.id)?.setAside || undefined;
  };
  assert.match(await until(shown, "its row says that it is set aside"), /failed 3 tasks that other nodes finished/);
  for (const command of ["nodes", "status"]) {
    const { stdout } = await reelmesh(command, "--node", through.grpc);
    assert.match(stdout, /set aside/, `${command} does not show it`);
  }
}

/** What it made was refused, each time for what is wrong with it, and no chunk of it is in an asset. */
function onlyRefusals(scene: Scene, bad: TestNode, refused: RegExp): void {
  const own = (event: string) => scene.story.told(event).filter(({ node }) => node === bad.name);
  // Its plans count as well: an init segment that two others do not give shows there already.
  const reasons = own("task failed").map(({ details }) => String(details["reason"]));
  assert.ok(reasons.length >= 3, `it failed ${reasons.length} tasks`);
  for (const reason of reasons) assert.match(reason, refused);
  const taken = own("task done").filter(({ details }) => isChunk(details["task"]));
  assert.deepEqual(taken, [], "what it made was taken");
}

async function play({ what, twist, refused }: Garbage): Promise<void> {
  const { env } = await wrapFfmpeg(FAST, twist);
  const node = (index: number) => (index === 2 ? { env } : {});
  await inScene({ nodes: 4, chunkSeconds: 2, node }, async (scene) => {
    const bad = scene.node("n3");
    // It has the source, and so plans as likely as anybody.
    const jobs = [await scene.submit(bad), await scene.submit(bad, "96")];
    for (const job of jobs) await endsWell(scene, job);
    // The others may have done it all before it was given three chunks.
    for (const ladder of MORE) {
      if (scene.story.told("node set aside").length > 0) break;
      const job = await scene.submit(bad, ladder);
      await endsWell(scene, job);
      jobs.push(job);
    }
    await setAside(scene, bad);
    onlyRefusals(scene, bad, refused);
    for (const job of jobs) {
      await oneWinner(scene, job);
      await framesOnceInOrder(scene, job);
      await servesTheManifest(scene, job);
    }
  }).catch((cause: unknown) => {
    throw new Error(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
}

export const nodeGivesGarbage: Row = {
  number: 27,
  title: "a node that returns garbage with a correct hash",
  async play() {
    for (const garbage of GARBAGE) await play(garbage);
  },
};
