/** What the soak's processes take: processor time of all of them, and each node's memory, descriptors and children. */
import assert from "node:assert/strict";
import { processStat } from "../../../bench/support/process-stat.js";
import type { TestNode } from "../../support/node.js";
import type { Resources } from "../../support/processes.js";
import { until } from "../../support/until.js";
import type { Soak } from "./soak.js";

/** What a node may hold at the end beyond what it held at the beginning, and memory beyond that after some minutes. */
const SPARE_DESCRIPTORS = 24;
const SPARE_BYTES = 128 * 1024 * 1024;
const GOES_BACK_MS = 180_000;
const LOOK_MS = 1_000;

export type Holdings = Map<TestNode, Resources>;

export async function holdings({ nodes }: Soak): Promise<Holdings> {
  const held: Holdings = new Map();
  for (const node of nodes) if (node.alive) held.set(node, await node.resources());
  return held;
}

/** G: every node has let go of what it took. Returns a line for people. */
export async function wentBack(soak: Soak, start: Holdings, early: Holdings): Promise<string> {
  let now = await holdings(soak);
  const lines = () => soak.nodes.map((node) => describe(node, [start.get(node), early.get(node), now.get(node)]));
  const isBack = async () => {
    now = await holdings(soak);
    return soak.nodes.every((node) => fits(now.get(node), start.get(node), early.get(node))) || undefined;
  };
  await until(isBack, "the nodes let go", GOES_BACK_MS, LOOK_MS).catch(() => assert.fail(`G: ${lines().join("; ")}`));
  return lines().join("; ");
}

function fits(now: Resources | undefined, start: Resources | undefined, early: Resources | undefined): boolean {
  assert.ok(now && start);
  const most = Math.max(start.resident, early?.resident ?? 0) + SPARE_BYTES;
  const isIdle = now.children <= start.children;
  return isIdle && now.descriptors <= start.descriptors + SPARE_DESCRIPTORS && now.resident <= most;
}

function describe({ name }: TestNode, held: (Resources | undefined)[]): string {
  const of = (what: (one: Resources) => number) => held.map((one) => (one === undefined ? "-" : what(one))).join(", ");
  const megabytes = ({ resident }: Resources) => Math.round(resident / 2 ** 20);
  return `${name} ${of(megabytes)} MiB, ${of(({ descriptors }) => descriptors)} descriptors`;
}

/** Seconds of processor time that everything has taken: this process, the nodes, what they ran, and NATS. */
export async function processorSeconds({ nodes }: Soak): Promise<number> {
  const pids = [process.pid, ...nodes.filter(({ alive }) => alive).map(({ pid }) => pid)];
  for (const node of nodes) pids.push(await node.natsPid());
  const stats = await Promise.all([...new Set(pids)].map(processStat));
  return stats.reduce((sum, { withEnded }) => sum + withEnded, 0);
}
