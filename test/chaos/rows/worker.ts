/** Rows 4 to 7: a worker's process dies or stands still, or its ffmpeg does. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { TestNode } from "../../support/node.js";
import { sendSignal } from "../../support/processes.js";
import type { Told } from "../../support/story.js";
import { until } from "../../support/until.js";
import {
  encodedOnce,
  endsWell,
  framesOnceInOrder,
  GOES_ON_MS,
  goesOn,
  holdings,
  keptAcknowledged,
  note,
  oneWinner,
  wentBack,
} from "../letters.js";
import { measured } from "../measures.js";
import type { Row } from "../row.js";
import { inScene, isChunk } from "../scene.js";

/** So long lasts a chunk that is to be met in its middle, and so long one where only its end is of interest. */
const MET_SECONDS = 12;
const CHUNK_SECONDS = 4;
/** Two nodes can run all seven chunks: a slot is free when the lease of the third has run out, however slow the machine. */
const roomy = () => ({ words: ["--slots", "4"] });

/** The watchdog ends an ffmpeg that was silent for 45 s. */
const STALL_MS = 50_000;

export const workerKilled: Row = {
  number: 4,
  title: "worker killed in the middle of a chunk",
  play: () =>
    inScene({ nodes: 3, chunkSeconds: MET_SECONDS, node: roomy }, async (scene) => {
      const job = await scene.submit();
      const coordinator = scene.coordinator();
      const { node: worker } = await scene.untilEncoding(job, (node) => node !== coordinator);
      const before = await note(scene, job);
      const killed = performance.now();
      await worker.kill();
      // It has told all that it will: what it had by the end, not what it had when it was chosen.
      const lost = scene.openAt(job, worker);
      const task = lost.at(-1) ?? assert.fail("nothing was lost");
      const { details } = await scene.grant(job, task, (node) => node !== worker, killed, GOES_ON_MS);
      const other = scene.nodes.find(({ id }) => id === details["node"]) as TestNode;
      const isDone = ({ node, details }: Told) => node === other.name && details["task"] === task;
      const runs = async () => {
        // Its node has other encodes: that of this chunk shows by its own progress.
        const { running } = await scene.status(other);
        if (running.some((one) => one.job === job.id && one.task === task && one.progress > 0)) return true;
        return scene.story.told("task done", killed).some(isDone) || undefined;
      };
      // Granted in time; beside other lanes its ffmpeg may take seconds to start, which the measure tells.
      await until(runs, "the chunk runs elsewhere");
      measured("worker killed to its chunk running elsewhere", performance.now() - killed);
      await endsWell(scene, job);
      await keptAcknowledged(scene, before);
      await encodedOnce(scene, 1, ...lost);
    }),
};

export const workerFrozen: Row = {
  number: 5,
  title: "worker frozen 60 s, then continued",
  play: (full) =>
    inScene({ nodes: 3, chunkSeconds: MET_SECONDS, node: roomy }, async (scene) => {
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
      const isIdle = async () => (await scene.status(worker)).running.length === 0 || undefined;
      await until(isIdle, "the late worker is idle");
      assert.deepEqual(await worker.ffmpegs(), []);
      await framesOnceInOrder(scene, job);
      if (!full) return;
      await endsWell(scene, await scene.submit(worker), worker);
      await oneWinner(scene, job);
    }),
};

export const ffmpegKilled: Row = {
  number: 6,
  title: "ffmpeg killed by hand",
  play: () =>
    inScene({ nodes: 2, chunkSeconds: MET_SECONDS }, async (scene) => {
      const job = await scene.submit();
      const { node } = await scene.untilEncoding(job);
      const killed = performance.now();
      for (const pid of await node.ffmpegs()) sendSignal(pid, "SIGKILL");
      await scene.pace(CHUNK_SECONDS);
      const isIts = ({ node: name, details }: Told) => name === node.name && isChunk(details["task"]);
      const failed = await scene.story.next("task failed", isIts, killed);
      const task = String(failed.details["task"]);
      // An attempt that failed rests a moment, and waits for no lease to run out.
      const { details } = await scene.grant(job, task, () => true, failed.at, GOES_ON_MS);
      assert.equal(details["attempt"], 2);
      await endsWell(scene, job);
      await encodedOnce(scene, 1, task);
    }),
};

export const ffmpegFrozen: Row = {
  number: 7,
  title: "ffmpeg frozen",
  play: () =>
    // One node: with another, a backup run wins before the watchdog has lost its patience.
    inScene({ nodes: 1, chunkSeconds: 60 }, async (scene) => {
      const job = await scene.submit();
      const { node, task } = await scene.untilEncoding(job);
      const held = await holdings(scene);
      // Before its first progress an ffmpeg is given longer.
      const hasBegun = async () => (await scene.status(node)).running.some(({ progress }) => progress > 0) || undefined;
      await until(hasBegun, "the encode shows progress");
      const frozen = performance.now();
      const pids = await node.ffmpegs();
      for (const pid of pids) sendSignal(pid, "SIGSTOP");
      // One that stands still needs no pace.
      await scene.pace(2);
      const isIt = ({ details }: { details: Record<string, unknown> }) => details["task"] === task;
      const { details } = await scene.story.next("task failed", isIt, frozen, STALL_MS + GOES_ON_MS);
      assert.match(String(details["reason"]), /hung|progress/);
      await goesOn(scene, frozen, STALL_MS + GOES_ON_MS);
      await endsWell(scene, job);
      await encodedOnce(scene, 1, task);
      for (const pid of pids) assert.equal(sendSignal(pid, "SIGCONT"), false, `G: ffmpeg ${pid} is still there`);
      await wentBack(scene, held);
    }),
};
