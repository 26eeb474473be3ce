/** Rows 8 and 9: cuts between machines. */
import { setTimeout as delay } from "node:timers/promises";
import { startNats } from "../../support/nats.js";
import { type Host, Network } from "../../support/network.js";
import type { Told } from "../../support/story.js";
import { makeStreamLeader } from "../ledger.js";
import {
  endsWell,
  GOES_ON_MS,
  goesOn,
  HEALED_MS,
  keptAcknowledged,
  note,
  oneTermAtATime,
  oneWinner,
} from "../letters.js";
import { measured } from "../measures.js";
import type { Row } from "../row.js";
import { inScene, type Scene } from "../scene.js";

/** Plays on three machines of their own; `words`: what their nodes are given. */
export async function onMachines(
  network: Network,
  words: string[],
  play: (scene: Scene, hosts: Map<string, Host>) => Promise<void>,
): Promise<void> {
  const hosts: Host[] = [];
  for (let number = 0; number < 3; number++) hosts.push(await network.host());
  const node = (index: number) => ({ host: hosts[index] as Host, words });
  await inScene({ nodes: 3, chunkSeconds: 5, node }, (scene) => {
    return play(scene, new Map(scene.nodes.map((one, index) => [one.name, hosts[index] as Host])));
  });
}

export async function onNetwork(play: (network: Network) => Promise<void>): Promise<void> {
  const network = await Network.make();
  try {
    await play(network);
  } finally {
    await network.remove();
  }
}

/** The hardest case: the machine has the leader of the log's stream as well. */
async function leadStreamAt(scene: Scene, nodeId: string): Promise<void> {
  const { core } = await scene.status(scene.living());
  const slot = core?.slots.find((one) => one.nodeId === nodeId);
  if (core === null || slot === undefined) throw new Error(`node ${nodeId} runs no NATS server`);
  await makeStreamLeader(
    core.slots.map(({ client }) => `nats://${client}`),
    `core-${slot.slot}`,
  );
  await scene.settled();
}

export const coordinatorCutOff: Row = {
  number: 8,
  title: "coordinator's machine cut off from all others",
  machines: true,
  play: () =>
    onNetwork((network) =>
      onMachines(network, [], async (scene, hosts) => {
        await leadStreamAt(scene, scene.coordinator().id);
        const coordinator = scene.coordinator();
        const others = scene.nodes.filter((node) => node !== coordinator);
        const job = await scene.submit(coordinator);
        await scene.chunkDone();
        await scene.untilEncoding(job, (node) => node !== coordinator);
        const before = await note(scene, job);
        const cut = performance.now();
        await hosts.get(coordinator.name)?.cut();
        const isNext = ({ node }: Told) => node !== coordinator.name;
        measured("coordinator's machine cut off to next grant", await goesOn(scene, cut, GOES_ON_MS, isNext));
        await scene.story.next("term ended", ({ node }) => node === coordinator.name, cut);
        await hosts.get(coordinator.name)?.heal();
        await endsWell(scene, job, others[0]);
        await keptAcknowledged(scene, before);
        await oneTermAtATime(scene);
      }),
    ),
};

/** Longer than a lease and the rest after it. */
const CUT_MS = 18_000;

export const workerCutFromCoordinator: Row = {
  number: 9,
  title: "worker cut from the coordinator but not from NATS",
  machines: true,
  play: () =>
    onNetwork(async (network) => {
      // On a machine of its own, which nobody is cut from.
      const { url, server } = await startNats(network.address, "run");
      const play = onMachines(network, ["--nats", url], async (scene, hosts) => {
        const coordinator = scene.coordinator();
        const job = await scene.submit(coordinator);
        const { node: worker, task } = await scene.untilEncoding(job, (node) => node !== coordinator);
        const [here, there] = [hosts.get(worker.name), hosts.get(coordinator.name)] as [Host, Host];
        const cut = performance.now();
        await Promise.all([here.loseWordsTo(there), there.loseWordsTo(here)]);
        // Others may be held up as well: their second copies go to a machine that does not answer.
        await scene.grant(job, task, (node) => node !== worker, cut, HEALED_MS);
        await delay(Math.max(0, CUT_MS - (performance.now() - cut)));
        await Promise.all([here.findWordsTo(there), there.findWordsTo(here)]);
        await endsWell(scene, job);
        await oneWinner(scene, job);
      });
      await play.finally(() => server.stop());
    }),
};
