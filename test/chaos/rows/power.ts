/** Rows 14 and 26: many processes at once. */
import assert from "node:assert/strict";
import { inputsOf } from "../../../src/coordinator/job-tasks.js";
import type { TestNode } from "../../support/node.js";
import { until } from "../../support/until.js";
import {
  encodedOnce,
  endsWell,
  framesOnceInOrder,
  GOES_ON_MS,
  goesOn,
  grantsOf,
  HEALED_MS,
  keptAcknowledged,
  note,
  oneTermAtATime,
  servesTheManifest,
} from "../letters.js";
import type { Row } from "../row.js";
import { inScene, type Scene, type TestJob } from "../scene.js";

const PLANNED_MS = 90_000;
const TRIES = 5;

export const powerCut: Row = {
  number: 14,
  title: "power cut: every process of every node killed at once, all restarted",
  play: () =>
    inScene({ nodes: 3, chunkSeconds: 4 }, async (scene) => {
      const job = await scene.submit();
      await scene.untilEncoding(job);
      // The next chunks last: the power goes in their middle.
      await scene.pace(12);
      await scene.chunkDone();
      await scene.untilEncoding(job);
      const before = await note(scene, job);
      await Promise.all(scene.nodes.map((node) => node.crash()));
      await scene.pace(4);
      // They have told all that they will.
      const running = scene.nodes.flatMap((node) => scene.openAt(job, node));
      const restarted = performance.now();
      await Promise.all(scene.nodes.map((node) => node.up()));
      await goesOn(scene, restarted, HEALED_MS);
      await endsWell(scene, job);
      await keptAcknowledged(scene, before);
      await encodedOnce(scene, 1, ...running);
      await oneTermAtATime(scene);
      await servesTheManifest(scene, job);
      await framesOnceInOrder(scene, job);
    }),
};

/**
 * Of each thing that the jobs need to their ends, and that there is by now, the ids of the nodes that have it; once all of
 * the jobs are planned.
 */
async function holdersOf(scene: Scene, jobs: TestJob[]): Promise<string[][]> {
  const planned = async () => {
    const { jobs: known } = await scene.state();
    const records = jobs.map(({ id }) => known.get(id));
    const inputs = records.map((record) => record?.plan && inputsOf({ ...record, state: "packaging" }));
    return inputs.every((one) => one != null) ? inputs.flat() : undefined;
  };
  return until(planned, "the jobs are planned", PLANNED_MS);
}

/**
 * Three of the nodes that have no thing alone which the jobs need, standing still: what is finished while one looks may be
 * on two of those that were chosen.
 */
async function frozenHalf(scene: Scene, jobs: TestJob[], workers: TestNode[]): Promise<TestNode[]> {
  const spares = async () => {
    const held = await holdersOf(scene, jobs);
    return (gone: TestNode[]) => held.every((ids) => ids.some((id) => gone.every((node) => node.id !== id)));
  };
  for (let tries = 0; tries < TRIES; tries++) {
    const chosen = triplesOf(workers).find(await spares());
    assert.ok(chosen, "of any three nodes, two have the only copies of something");
    for (const node of chosen) await node.freeze();
    if ((await spares())(chosen)) return chosen;
    for (const node of chosen) node.thaw();
  }
  throw new Error(`something was always finished meanwhile\n${scene.story.end()}`);
}

function triplesOf<T>(all: T[]): T[][] {
  return all.flatMap((a, first) =>
    all.slice(first + 1).flatMap((b, then) => all.slice(first + then + 2).map((c) => [a, b, c])),
  );
}

export const halfTheWorkers: Row = {
  number: 26,
  title: "half of the workers killed at once",
  play: () =>
    inScene({ nodes: 6, chunkSeconds: 8 }, async (scene) => {
      const jobs = [await scene.submit(), await scene.submit()];
      const first = jobs[0] as (typeof jobs)[0];
      await scene.untilEncoding(first);
      const coordinator = scene.coordinator();
      const workers = scene.nodes.filter((node) => node !== coordinator);
      const victims = await frozenHalf(scene, jobs, workers);
      const lost = jobs.flatMap((job) => {
        return victims.flatMap((node) => ({ job, task: scene.chunkAt(job, node) })).filter(({ task }) => task);
      });
      const open = jobs.flatMap((job) => victims.flatMap((node) => scene.openAt(job, node)));
      const killed = performance.now();
      await Promise.all(victims.map((node) => node.kill()));
      // Their encoders end by themselves, once they can.
      for (const node of victims) node.thaw();
      for (const { job, task } of lost) {
        await scene.grant(job, task as string, (node) => !victims.includes(node), killed, GOES_ON_MS + HEALED_MS);
      }
      for (const job of jobs) await endsWell(scene, job);
      for (const { job, task } of lost) {
        assert.equal(grantsOf(scene, job, task as string, killed).length, 1, `${task} was granted in a storm`);
      }
      await encodedOnce(scene, jobs.length, ...open);
    }),
};
