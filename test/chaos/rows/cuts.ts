/** Rows 8 and 9: cuts between machines, with the NATS server on one of its own. */
import { setTimeout as delay } from "node:timers/promises";
import { type Host, Network } from "../../support/network.js";
import { endsWell, GOES_ON_MS, goesOn, keptAcknowledged, note, oneTermAtATime, oneWinner } from "../letters.js";
import type { Row } from "../row.js";
import { inScene, type Scene } from "../scene.js";

/** Plays on three machines of their own. */
async function onMachines(play: (scene: Scene, hosts: Map<string, Host>) => Promise<void>): Promise<void> {
  const network = await Network.make();
  try {
    const hosts: Host[] = [];
    for (let number = 0; number < 3; number++) hosts.push(await network.host());
    const node = (index: number) => ({ host: hosts[index] as Host });
    await inScene({ nodes: 3, chunkSeconds: 5, node }, (scene) => {
      return play(scene, new Map(scene.nodes.map((one, index) => [one.name, hosts[index] as Host])));
    });
  } finally {
    await network.remove();
  }
}

export const coordinatorCutOff: Row = {
  number: 8,
  title: "coordinator's machine cut off from all others",
  play: () =>
    onMachines(async (scene, hosts) => {
      const job = await scene.submit();
      await scene.chunkDone();
      const coordinator = scene.coordinator();
      const others = scene.nodes.filter((node) => node !== coordinator);
      await scene.untilEncoding(job, (node) => node !== coordinator);
      const before = await note(scene, job);
      const cut = performance.now();
      await hosts.get(coordinator.name)?.cut();
      await scene.story.next("term ended", ({ node }) => node === coordinator.name, cut);
      await goesOn(scene, cut);
      await hosts.get(coordinator.name)?.heal();
      await endsWell(scene, job, others[0]);
      await keptAcknowledged(scene, before);
      await oneTermAtATime(scene);
    }),
};

/** Longer than a lease and the rest after it. */
const CUT_MS = 18_000;

export const workerCutFromCoordinator: Row = {
  number: 9,
  title: "worker cut from the coordinator but not from NATS",
  play: () =>
    onMachines(async (scene, hosts) => {
      // The first machine has the NATS server: the coordinator must be another one.
      const first = scene.nodes[0];
      if (scene.coordinator() === first) {
        await first?.kill();
        await scene.story.next("term started", ({ node }) => node !== first?.name);
        await first?.up();
      }
      const coordinator = scene.coordinator();
      const job = await scene.submit(coordinator);
      const { node: worker, task } = await scene.untilEncoding(job, (node) => node !== coordinator && node !== first);
      const [here, there] = [hosts.get(worker.name), hosts.get(coordinator.name)] as [Host, Host];
      const cut = performance.now();
      await here.loseWordsTo(there);
      await scene.grant(job, task, (node) => node !== worker, cut, GOES_ON_MS);
      await delay(Math.max(0, CUT_MS - (performance.now() - cut)));
      await here.findWordsTo(there);
      await endsWell(scene, job);
      await oneWinner(scene, job);
    }),
};
