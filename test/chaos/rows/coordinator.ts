/** Rows 1 to 3: the coordinator's process dies, dies between two words, or stands still. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import { reelmesh } from "../../support/mesh.js";
import type { TcpProxy } from "../../support/proxy.js";
import type { Told } from "../../support/story.js";
import { until } from "../../support/until.js";
import {
  type Acknowledged,
  encodedOnce,
  endsWell,
  framesOnceInOrder,
  GOES_ON_MS,
  goesOn,
  keptAcknowledged,
  note,
  oneTermAtATime,
  oneWinner,
  servesTheManifest,
} from "../letters.js";
import { measured } from "../measures.js";
import type { Row } from "../row.js";
import { inScene, type Scene, type TestJob } from "../scene.js";

/** So long lasts a chunk, and so long one that is to be met in its middle. */
const CHUNK_SECONDS = 4;
const MET_SECONDS = 12;
/** The election's timeout with its longest spread, the beginning of the next reign, and some more; milliseconds. */
const LONGER_THAN_AN_ELECTION_MS = 9_000;

export const coordinatorKilled: Row = {
  number: 1,
  title: "coordinator killed (SIGKILL) while chunks run",
  play: (full) =>
    inScene({ nodes: 3, chunkSeconds: CHUNK_SECONDS }, async (scene) => {
      const job = await scene.submit();
      await scene.untilEncoding(job);
      // Where the time to the next grant is measured, workers are to be free soon.
      if (!full) await scene.pace(MET_SECONDS);
      await scene.chunkDone();
      const coordinator = scene.coordinator();
      await scene.untilEncoding(job, (node) => node !== coordinator);
      const before = await note(scene, job);
      assert.ok(before.tasks.size > 0, "nothing was acknowledged before the fault");
      const killed = performance.now();
      await coordinator.kill();
      await scene.pace(CHUNK_SECONDS);
      // It has told all that it will.
      const own = scene.openAt(job, coordinator);
      const { details } = await scene.story.next("term started", () => true, killed);
      assert.ok(Number(details["term"]) > 1);
      const isNext = ({ node }: Told) => node !== coordinator.name;
      measured("coordinator killed to next grant", await goesOn(scene, killed, GOES_ON_MS, isNext));
      await endsWell(scene, job);
      await keptAcknowledged(scene, before);
      // What ran elsewhere has finished and counts; only what died with the coordinator runs again.
      await encodedOnce(scene, 1, ...own);
      await framesOnceInOrder(scene, job);
    }),
};

/** JetStream's acknowledgement of an entry of the log, as it goes over the wire. */
const ACKNOWLEDGEMENT = /"stream":\s*"REELMESH_LOG",\s*"seq"/;
const TRIES = 5;
const HEARD_MS = 500;

/**
 * Loses the log's words from its next acknowledgement on, until that was of a worker's result. Now and then it is of
 * something else: then another time.
 */
async function unacknowledged(scene: Scene, job: TestJob, nats: TcpProxy, direct: string[]) {
  for (let tries = 0; tries < TRIES; tries++) {
    const before = await note(scene, job);
    nats.faults.holdFrom = ACKNOWLEDGEMENT;
    await until(async () => nats.faults.holdReplies || undefined, "an acknowledgement is lost");
    nats.faults.holdFrom = undefined;
    // What was acknowledged right before is heard of a moment later.
    await delay(HEARD_MS);
    const done = (await newResults(scene, before.tasks, direct)).find(({ task }) => !knows(scene, job, task));
    if (done !== undefined) return { before, done };
    nats.faults.holdReplies = false;
    nats.resetAll();
    await scene.settled();
  }
  throw new Error(`no acknowledgement of a result was lost\n${scene.story.end()}`);
}

/** Whether the worker has heard that the task is done. */
function knows(scene: Scene, job: TestJob, task: string): boolean {
  const isIt = ({ details }: Told) => details["job"] === job.id && details["task"] === task;
  return scene.story.told("task done").some(isIt);
}

/** What the log has taken since, and who gave it. */
async function newResults(scene: Scene, known: Map<string, unknown>, servers: string[]) {
  return (await scene.ledger(servers)).flatMap(({ entry }) => {
    return entry.kind === "taskDone" && !known.has(entry.taskDone.task) ? [entry.taskDone] : [];
  });
}

export const killedBeforeTheReply: Row = {
  number: 2,
  title: "coordinator killed between the log's ack and its reply to the worker",
  play: () =>
    // Two nodes: the one NATS server, which outlives the coordinator beside it, and one who encodes.
    inScene({ nodes: 2, chunkSeconds: 3, proxied: true }, async (scene) => {
      const coordinator = scene.coordinator();
      const worker = scene.living(coordinator);
      assert.equal(coordinator, scene.nodes[0]);
      await reelmesh("node", "pause", "--node", coordinator.grpc);
      const proxies = scene.proxiesOf(coordinator);
      const direct = [proxies.directNats];
      const job = await scene.submit();
      await scene.chunkDone();
      const { before, done } = await unacknowledged(scene, job, proxies.nats, direct);
      const killed = performance.now();
      await coordinator.kill();
      proxies.nats.faults.holdReplies = false;
      proxies.nats.resetAll();
      assert.equal(done.nodeId, worker.id);
      const isIt = ({ node, details }: Told) => node === worker.name && details["task"] === done.task;
      const told = await scene.story.next("task done", isIt, killed);
      assert.equal(told.details["accepted"], true, "B: the retry of a result that had won was not accepted");
      // Once the job has ended, nobody keeps what led to it.
      const kept = await noted(scene, before, done, killed);
      await endsWell(scene, job);
      await keptAcknowledged(scene, kept);
      await encodedOnce(scene, 1);
      await oneWinner(scene, job);
    }),
};

/** What was noted, and the result that the log took at the last moment. */
async function noted(scene: Scene, before: Acknowledged, { task }: { task: string }, at: number) {
  const { job } = before;
  const result = (await note(scene, job)).tasks.get(task);
  assert.ok(result, `B: ${task} was in the log and is not`);
  return { job, at, tasks: new Map([...before.tasks, [task, result]]) };
}

export const coordinatorFrozen: Row = {
  number: 3,
  title: "coordinator frozen 30 s (SIGSTOP), then continued",
  play: (full) =>
    inScene({ nodes: 3, chunkSeconds: MET_SECONDS }, async (scene) => {
      const job = await scene.submit();
      const coordinator = scene.coordinator();
      await scene.untilEncoding(job, (node) => node !== coordinator);
      const before = await note(scene, job);
      const frozen = performance.now();
      await coordinator.freeze();
      await scene.pace(CHUNK_SECONDS);
      await goesOn(scene, frozen);
      const wanted = full ? 30_000 : LONGER_THAN_AN_ELECTION_MS;
      await delay(Math.max(0, wanted - (performance.now() - frozen)));
      coordinator.thaw();
      await scene.story.next("term ended", ({ node }) => node === coordinator.name, frozen);
      await endsWell(scene, job);
      await keptAcknowledged(scene, before);
      await oneTermAtATime(scene);
      await oneWinner(scene, job);
      if (!full) return;
      // The one that slept follows: what is submitted through it is done under the new term.
      const next = await scene.submit(coordinator);
      await endsWell(scene, next, coordinator);
      await servesTheManifest(scene, next);
      await oneTermAtATime(scene);
    }),
};
