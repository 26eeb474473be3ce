/** Rows 11 to 13: what befalls the NATS servers. */
import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { MeshState } from "../../../src/core/mesh-state.js";
import { CORE_SIZE, reelmesh } from "../../support/mesh.js";
import type { TestNode } from "../../support/node.js";
import { until } from "../../support/until.js";
import { leadAgain, Writes, wholeCore } from "../core.js";
import {
  encodedOnce,
  endsWell,
  framesOnceInOrder,
  goesOn,
  HEALED_MS,
  keptAcknowledged,
  note,
  notGrantedAgain,
  oneTermAtATime,
  oneWinner,
  servesTheManifest,
} from "../letters.js";
import type { Row } from "../row.js";
import { inScene, type Scene, type TestJob } from "../scene.js";
import { onMachines, onNetwork } from "./cuts.js";

/** A job of which nothing runs. */
async function pausedJob(scene: Scene, through: TestNode): Promise<TestJob> {
  const job = await scene.submit(through);
  const { code, stderr } = await reelmesh("pause", job.id, "--node", through.grpc);
  assert.equal(code, 0, stderr);
  return job;
}

async function resume(job: TestJob, through: TestNode): Promise<void> {
  const { code, stderr } = await reelmesh("resume", job.id, "--node", through.grpc);
  assert.equal(code, 0, stderr);
}

export const streamLeaderCutOff: Row = {
  number: 11,
  title: "the stream leader's NATS server cut off under writes, healed, made leader again",
  machines: true,
  play: () =>
    onNetwork((network) =>
      onMachines(network, [], async (scene, hosts) => {
        const { leader, urls } = await wholeCore(scene);
        const steady = scene.living(leader);
        const idle = await pausedJob(scene, steady);
        const job = await scene.submit(steady);
        await scene.chunkDone();
        const before = await note(scene, job);
        const writes = new Writes(scene, idle, steady);
        writes.start();
        try {
          await writes.more(20, HEALED_MS);
          await hosts.get(leader.name)?.cut();
          // What the cut-off server took at the last moment, and nobody else has, is not acknowledged.
          await writes.more(20, HEALED_MS);
          await hosts.get(leader.name)?.heal();
          await leadAgain(scene, leader);
          await writes.more(20, HEALED_MS);
        } finally {
          await writes.stop();
        }
        for (const url of urls.values()) await writes.areIn([url]);
        await resume(idle, steady);
        for (const one of [job, idle]) await endsWell(scene, one, steady);
        await keptAcknowledged(scene, before);
        for (const one of [job, idle]) await oneWinner(scene, one);
        await oneTermAtATime(scene);
      }),
    ),
};

/** Longer than an election takes, were there anything that a candidate could write to. */
const OUTAGE_MS = 12_000;

/** Whoever asks a survivor is told which machines would have to come back, and is shown the job all the same. */
async function saysWhatLacks(scene: Scene, job: TestJob, away: TestNode[], survivor: TestNode): Promise<void> {
  const { reason, state } = await scene.view(job, survivor);
  assert.equal(state, "running");
  const { stdout } = await reelmesh("status", "--node", survivor.grpc);
  for (const { name } of away) assert.ok(reason.includes(name), `"${reason}" does not name ${name}`);
  assert.match(stdout, /^coordinator +none at present/m);
  assert.match(stdout, /^core .*1 of 3 up, no majority: nothing new starts until n\d or n\d is back$/m);
  // The survivor alone would call all that it holds its lag.
  assert.equal(stdout.match(/^core-\d .* unknown *$/gm)?.length, CORE_SIZE, stdout);
}

export const coreWithoutMajority: Row = {
  number: 12,
  title: "two of three NATS servers gone",
  play: () =>
    inScene({ nodes: 4, chunkSeconds: 8 }, async (scene) => {
      const { members } = await wholeCore(scene);
      const coordinator = scene.coordinator();
      const victims = members.filter((node) => node !== coordinator).slice(0, 2);
      const stays = scene.living(...victims);
      const job = await scene.submit(coordinator);
      await scene.chunkDone();
      await scene.untilEncoding(job, (node) => !victims.includes(node), coordinator);
      const before = await note(scene, job);
      const lost = victims.flatMap((node) => scene.openAt(job, node));
      const gone = performance.now();
      await Promise.all(victims.map((node) => node.crash()));
      const survivors = scene.nodes.filter((node) => node.alive);
      const running = survivors.flatMap((node) => scene.openAt(job, node));
      const counted = performance.now();
      const idle = async () => {
        const left = await Promise.all(survivors.map((node) => node.ffmpegs()));
        return left.flat().length === 0 ? true : undefined;
      };
      await until(idle, "running encodes finish", HEALED_MS);
      await delay(Math.max(0, OUTAGE_MS - (performance.now() - gone)));
      assert.deepEqual(scene.story.told("term started", gone), [], "a term started without a majority");
      await saysWhatLacks(scene, job, victims, stays);
      const back = performance.now();
      await victims[0]?.up();
      await goesOn(scene, back, HEALED_MS);
      await endsWell(scene, job, stays);
      await victims[1]?.up();
      await wholeCore(scene, stays);
      await keptAcknowledged(scene, before);
      for (const task of running) notGrantedAgain(scene, job, task, counted);
      for (const { details } of scene.story.told("task done", gone)) {
        assert.equal(details["accepted"], true, `C: ${details["task"]}\n${scene.story.end()}`);
      }
      await encodedOnce(scene, 1, ...lost);
      await oneWinner(scene, job);
      await oneTermAtATime(scene);
    }),
};

function manifestOf(state: MeshState, { id }: TestJob): string {
  return state.jobs.get(id)?.package?.manifest?.sha256 ?? assert.fail(`the log knows no finished job ${id}`);
}

export const storesWiped: Row = {
  number: 13,
  title: "all NATS servers killed and their stores wiped",
  play: () =>
    inScene({ nodes: 3, chunkSeconds: 5 }, async (scene) => {
      await wholeCore(scene);
      const first = await scene.submit();
      await endsWell(scene, first);
      const job = await scene.submit();
      const { at } = await scene.story.next("task granted");
      await scene.chunkDone(at);
      await scene.untilEncoding(job);
      const before = await note(scene, job);
      const finished = manifestOf(await scene.state(), first);
      const running = scene.nodes.map((node) => scene.chunkAt(job, node));
      assert.ok(running.some((task) => task !== undefined));
      const wiped = performance.now();
      await Promise.all(scene.nodes.map((node) => node.wipeNats()));
      await scene.story.next("the mesh log was gone, and was made anew from this node's copy", () => true, wiped);
      await goesOn(scene, wiped, HEALED_MS);
      await endsWell(scene, job);
      await keptAcknowledged(scene, before);
      assert.equal(manifestOf(await scene.state(), first), finished, "B: the finished asset is another");
      await encodedOnce(scene, 2);
      for (const one of [first, job]) await oneWinner(scene, one);
      await oneTermAtATime(scene);
      await servesTheManifest(scene, first);
      await framesOnceInOrder(scene, job);
      await wholeCore(scene);
    }),
};
