/** Nodes that are killed and started again, some with an index that was damaged meanwhile, and NATS servers that are killed. */
import { damageIndex, INDEX_DAMAGES } from "../../chaos/held.js";
import type { Random } from "../../simulator/random.js";
import type { TestNode } from "../../support/node.js";
import type { Soak } from "./soak.js";

/** Seconds from when all are up to the next kill, and those that a node is away. */
const PAUSE: [number, number] = [10, 50];
const AWAY: [number, number] = [0, 20];

export async function killNodes(soak: Soak): Promise<void> {
  const chance = soak.chance("killing");
  const mortal = soak.nodes.filter((node) => node !== soak.witness);
  await soak.repeat("killing", async () => {
    await soak.pause(chance.between(...PAUSE));
    if (soak.signal.aborted) return;
    const kind = chance.next();
    if (kind < 0.15) return killNats(soak, chance.pick(soak.nodes));
    const first = chance.pick(mortal);
    const second = chance.pick(mortal);
    const both = kind > 0.85 && first !== second ? [first, second] : [first];
    // Drawn before anything is waited for, so that the draws do not depend on who is quicker.
    const lives = both.map((node) => ({ node, fate: drawFate(chance) }));
    await Promise.all(lives.map(({ node, fate }) => killAndStart(soak, node, fate)));
  });
}

interface Fate {
  /** With all that it runs, its NATS server too. */
  wholly: boolean;
  damage: (typeof INDEX_DAMAGES)[0] | undefined;
  seconds: number;
}

function drawFate(chance: Random): Fate {
  const [wholly, isDamaged] = [chance.chance(0.3), chance.chance(0.3)];
  const [damage, seconds] = [chance.pick(INDEX_DAMAGES), chance.between(...AWAY)];
  return { wholly, damage: isDamaged ? damage : undefined, seconds };
}

async function killNats(soak: Soak, node: TestNode): Promise<void> {
  if ((await node.natsPid()) === 0) return;
  await node.killNats();
  soak.count("NATS servers killed");
}

async function killAndStart(soak: Soak, node: TestNode, { wholly, damage, seconds }: Fate): Promise<void> {
  await (wholly ? node.crash() : node.kill());
  soak.count("nodes killed");
  if (wholly) soak.count("NATS servers killed");
  if (damage !== undefined && (await damageIndex(node, damage))) soak.count("indexes damaged");
  await soak.pause(seconds);
  await soak.start(node);
}
