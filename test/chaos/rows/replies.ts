/** Rows 10 and 22: networks that lose, delay and reset. */
import assert from "node:assert/strict";
import { until } from "../../support/until.js";
import {
  encodedOnce,
  endsWell,
  goesOn,
  HEALED_MS,
  holdings,
  keptAcknowledged,
  note,
  oneWinner,
  servesTheManifest,
  wentBack,
} from "../letters.js";
import type { Row } from "../row.js";
import { inScene, isChunk, type Scene, type TestJob } from "../scene.js";

/** Now and then no result is on its way while the answers are lost. */
const ROUNDS = 8;
/** Shorter than the lease by what a busy machine may add, so that what runs meanwhile keeps it; milliseconds. */
const DEAF_MS = 7_000;

/** Tasks that are in the log while their worker has not heard so. */
async function unheard(scene: Scene, job: TestJob): Promise<string[]> {
  const known = new Set(scene.story.told("task done").map(({ details }) => `${details["job"]}/${details["task"]}`));
  const done = (await scene.ledger()).flatMap(({ entry }) => {
    return entry.kind === "taskDone" && entry.taskDone.job === job.id ? [entry.taskDone] : [];
  });
  return done.filter(({ task }) => isChunk(task) && !known.has(`${job.id}/${task}`)).map(({ task }) => task);
}

export const repliesLost: Row = {
  number: 10,
  title: "replies lost in one direction",
  play: () =>
    inScene({ nodes: 3, chunkSeconds: 4, proxied: true }, async (scene) => {
      const { grpc } = scene.proxiesOf(scene.coordinator());
      const held = await holdings(scene);
      const job = await scene.submit();
      const other = await scene.submit();
      await scene.chunkDone();
      const before = await note(scene, job);
      let repeated: string[] = [];
      const since = performance.now();
      for (let round = 0; round < ROUNDS && repeated.length === 0; round++) {
        grpc.faults.holdReplies = true;
        const look = async () => ((await unheard(scene, job)).length > 0 ? unheard(scene, job) : undefined);
        repeated = await until(look, "a result whose answer is lost", DEAF_MS).catch(() => []);
        grpc.faults.holdReplies = false;
        grpc.resetAll();
        if (repeated.length === 0) await scene.chunkDone(performance.now());
      }
      assert.ok(repeated.length > 0, `no answer was lost\n${scene.story.end()}`);
      for (const task of repeated) {
        const told = await scene.story.next("task done", ({ details }) => details["task"] === task, since);
        assert.equal(told.details["accepted"], true, `C: ${task}`);
      }
      await endsWell(scene, job);
      await endsWell(scene, other);
      await keptAcknowledged(scene, before);
      await encodedOnce(scene, 2);
      await oneWinner(scene, job);
      await wentBack(scene, held);
    }),
};

export const slowAndTorn: Row = {
  number: 22,
  title: "200 ms delay and one connection in a hundred reset",
  play: () =>
    inScene({ nodes: 3, chunkSeconds: 4, proxied: true }, async (scene) => {
      const held = await holdings(scene);
      const first = await scene.submit();
      await scene.chunkDone();
      const since = performance.now();
      for (const proxies of scene.proxies.values()) proxies.set({ delayMs: 200, resetOneIn: 100 });
      // What is open already goes too, so that every later connection meets the chances.
      for (const { grpc, nats, route } of scene.proxies.values()) {
        for (const proxy of [grpc, nats, route]) proxy.resetAll();
      }
      const jobs = [first, await scene.submit(), await scene.submit()];
      await goesOn(scene, since, HEALED_MS);
      for (const job of jobs) await endsWell(scene, job);
      for (const job of jobs) await oneWinner(scene, job);
      for (const proxies of scene.proxies.values()) proxies.set({ delayMs: 0, resetOneIn: 0 });
      for (const job of jobs) await servesTheManifest(scene, job);
      await wentBack(scene, held);
    }),
};
