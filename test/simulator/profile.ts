/** What a seed's run is like: how large the mesh is, what it is asked to do, what goes wrong. */
import type { JobCommand } from "../../src/coordinator/job-control.js";
import type { Random } from "./random.js";
import { type Fates, NO_FATES } from "./tasks.js";

const FAULTS = [
  "crash",
  "crash leader",
  "die at a write",
  "power cut",
  "stop",
  "freeze",
  "freeze leader",
  "cut off",
  "cut off leader",
  "cut pair",
  "cut from bus",
  "cut from calls",
  "bus outage",
  "storm",
  "wall clock",
  "intruder",
] as const;

/** What may happen beside the loss of the log: the nodes that know what it held go, and come back. */
const BESIDE_A_LOST_LOG = ["crash", "crash leader", "die at a write", "stop", "freeze"] as const;

export type Fault = (typeof FAULTS)[number] | "lost log" | "lost machine";

/** What somebody asks of a job, and when, in milliseconds. */
export interface Wish {
  at: number;
  command: JobCommand;
}

export interface Profile {
  machines: { slots: number; speed: number }[];
  /** How many servers the bus has, and whether they run on the nodes' machines. */
  servers: number;
  serversOnNodes: boolean;
  /** Chunks of each job, when it is submitted, in milliseconds, and what is asked of it afterwards. */
  jobs: { chunks: number; at: number; wishes: Wish[] }[];
  /** Entries between two snapshots. */
  snapshotEntries: number;
  faults: Fault[];
  /** Milliseconds that an encode takes, at most. */
  longest: number;
  /** Milliseconds between two faults, at most. */
  pace: number;
  /** When everything is healed. */
  healAt: number;
  fates: Fates;
}

export function profileOf(random: Random): Profile {
  const machines = Array.from({ length: random.pick([1, 2, 3, 3, 3, 4, 5]) }, () => ({
    slots: random.whole(1, 2),
    speed: random.pick([1, 1, 1, 0.5, 2]),
  }));
  const healAt = random.whole(15_000, 60_000);
  const jobs = Array.from({ length: random.whole(1, 3) }, () => ({
    chunks: random.whole(1, 5),
    at: random.whole(0, healAt * 0.7),
    wishes: wishesOf(random, healAt),
  }));
  const servers = random.pick([1, 3, 3]);
  const share = random.pick([0, 0.15, 0.4, 1]);
  const faults = chooseFaults(random, share, machines.length);
  const shares = () => ({ fails: random.pick([0, 0.1, 0.3]), hangs: random.pick([0, 0.05]) });
  const wrongs = () => ({
    garbage: random.pick([0, 0.1]),
    wrong: random.pick([0, 0.2, 0.5]),
    damaged: random.pick([0, 0.3]),
  });
  const fates = random.chance(0.6) ? NO_FATES : { ...shares(), ...wrongs() };
  const serversOnNodes = machines.length >= servers && random.chance(0.5);
  const pace = random.pick([2_000, 5_000, 15_000]);
  const longest = random.pick([3_000, 9_000, 30_000]);
  const snapshotEntries = random.pick([5, 12, 30, 1_000]);
  return { machines, longest, snapshotEntries, servers, serversOnNodes, jobs, faults, pace, healAt, fates };
}

/** In the order in which they are asked for, one after another. */
function wishesOf(random: Random, healAt: number): Wish[] {
  const wishes: Wish[] = [];
  const ask = (probability: number, command: JobCommand) => {
    if (random.chance(probability)) wishes.push({ at: random.whole(0, healAt), command });
  };
  ask(0.15, { kind: "adjust", priority: random.whole(-5, 5) });
  ask(0.15, { kind: "adjust", paused: true });
  ask(0.2, { kind: "retry" });
  ask(0.1, { kind: "cancel" });
  ask(0.15, { kind: "remove" });
  return wishes;
}

/** Many kinds, or one; a log that is lost is not lost again with the disks of the nodes that know it. */
function chooseFaults(random: Random, share: number, machines: number): Fault[] {
  if (random.chance(0.2)) return ["lost log", ...BESIDE_A_LOST_LOG.filter(() => random.chance(share))];
  if (machines >= 3 && random.chance(0.1)) return ["lost machine", ...FAULTS.filter(() => random.chance(share))];
  return random.chance(0.25) ? [random.pick(FAULTS)] : FAULTS.filter(() => random.chance(share));
}
