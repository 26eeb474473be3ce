/** Rows 4 to 7: a worker's process dies or stands still, or its ffmpeg does. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { sendSignal } from "../../support/processes.js";
import {
  encodedOnce,
  endsWell,
  framesOnceInOrder,
  GOES_ON_MS,
  goesOn,
  keptAcknowledged,
  note,
  oneWinner,
} from "../letters.js";
import type { Row } from "../row.js";
import { inScene } from "../scene.js";

/** The watchdog ends an ffmpeg that was silent for a minute and as long as it may decode without a word. */
const STALL_MS = 100_000;

export const workerKilled: Row = {
  number: 4,
  title: "worker killed in the middle of a chunk",
  play: () =>
    inScene({ nodes: 3, chunkSeconds: 4 }, async (scene) => {
      const job = await scene.submit();
      const coordinator = scene.coordinator();
      const { node: worker, task } = await scene.untilEncoding(job, (node) => node !== coordinator);
      const before = await note(scene, job);
      const killed = performance.now();
      await worker.kill();
      await scene.grant(job, task, (node) => node !== worker, killed, GOES_ON_MS);
      await endsWell(scene, job);
      await keptAcknowledged(scene, before);
      await encodedOnce(scene, 1, task);
    }),
};

export const workerFrozen: Row = {
  number: 5,
  title: "worker frozen 60 s, then continued",
  play: (full) =>
    inScene({ nodes: 3, chunkSeconds: 4 }, async (scene) => {
      const job = await scene.submit();
      const coordinator = scene.coordinator();
      const { node: worker, task } = await scene.untilEncoding(job, (node) => node !== coordinator);
      const frozen = performance.now();
      await worker.freeze();
      await scene.grant(job, task, (node) => node !== worker, frozen, GOES_ON_MS);
      if (full) await delay(60_000 - (performance.now() - frozen));
      worker.thaw();
      await endsWell(scene, job);
      await oneWinner(scene, job);
      // The late one has heard what came of its work: it is idle, and can be given more.
      const next = await scene.submit(worker);
      await endsWell(scene, next, worker);
      assert.deepEqual(await worker.ffmpegs(), []);
      await oneWinner(scene, job);
      await framesOnceInOrder(scene, job);
    }),
};

export const ffmpegKilled: Row = {
  number: 6,
  title: "ffmpeg killed by hand",
  play: () =>
    inScene({ nodes: 2, chunkSeconds: 3 }, async (scene) => {
      const job = await scene.submit();
      const { node, task } = await scene.untilEncoding(job);
      const killed = performance.now();
      for (const pid of await node.ffmpegs()) sendSignal(pid, "SIGKILL");
      const failed = await scene.story.next("task failed", ({ details }) => details["task"] === task, killed);
      // An attempt that failed rests a moment, and waits for no lease to run out.
      await scene.grant(job, task, () => true, failed.at, GOES_ON_MS / 2);
      await endsWell(scene, job);
      await encodedOnce(scene, 1, task);
    }),
};

export const ffmpegFrozen: Row = {
  number: 7,
  title: "ffmpeg frozen",
  play: () =>
    inScene({ nodes: 2, chunkSeconds: 3 }, async (scene) => {
      const job = await scene.submit();
      const { node, task } = await scene.untilEncoding(job);
      const frozen = performance.now();
      const pids = await node.ffmpegs();
      for (const pid of pids) sendSignal(pid, "SIGSTOP");
      const isIt = ({ details }: { details: Record<string, unknown> }) => details["task"] === task;
      const { details } = await scene.story.next("task failed", isIt, frozen, STALL_MS + GOES_ON_MS);
      assert.match(String(details["reason"]), /hung|progress/);
      await goesOn(scene, frozen, STALL_MS + GOES_ON_MS);
      await endsWell(scene, job);
      await encodedOnce(scene, 1, task);
      for (const pid of pids) assert.equal(sendSignal(pid, "SIGCONT"), false, `G: ffmpeg ${pid} is still there`);
    }),
};
