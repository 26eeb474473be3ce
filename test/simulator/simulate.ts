/**
 * `npm run simulate -- --seed 123 --verbose` replays one seed and prints what happened; `--count 10000 --from 1` runs
 * many, prints those that fail, and exits with 1 when there are any.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { World } from "./world.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    count: { type: "string", default: "300" },
    verbose: { type: "boolean", default: false },
    /** Stop at the first failing seed. */
    first: { type: "boolean", default: false },
  },
});

// Traces of the errors that are part of the game cost a tenth of the time.
if (!values.verbose) Error.stackTraceLimit = 0;

/** Seeds that one process plays. */
const SLICE = 250;

let current: World | undefined;
process.on("unhandledRejection", (error) => {
  current?.checks.fail("A", `a rejection that nobody handles: ${error instanceof Error ? error.stack : error}`);
});

async function simulate(seed: number): Promise<World> {
  const world = new World(seed, values.verbose ? (line) => process.stdout.write(`${line}\n`) : undefined);
  current = world;
  await world.run();
  const { violation } = world.checks;
  if (violation !== undefined) {
    process.stdout.write(`seed ${seed} fails: ${violation}\n  replay: npm run simulate -- --seed ${seed} --verbose\n`);
  }
  return world;
}

const first = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.count) : 1;
const began = performance.now();
const { ran, failures, sums } = count > SLICE ? await inProcesses(first, count) : await here(first, count);
const seconds = (performance.now() - began) / 1000;
process.stdout.write(`${ran} seeds, ${failures} failed, ${seconds.toFixed(1)} s; ${JSON.stringify(sums)}\n`);
process.exitCode = failures > 0 ? 1 : 0;

interface Outcome {
  ran: number;
  failures: number;
  sums: Record<string, number>;
}

async function here(from: number, howMany: number): Promise<Outcome> {
  const outcome: Outcome = { ran: 0, failures: 0, sums: {} };
  for (let seed = from; seed < from + howMany; seed++) {
    const { checks } = await simulate(seed);
    outcome.ran++;
    addUp(outcome.sums, checks.counts);
    for (const state of checks.truth.states()) addUp(outcome.sums, { [state]: 1 });
    if (checks.violation !== undefined) outcome.failures++;
    if (outcome.failures > 0 && values.first) break;
  }
  return outcome;
}

/** Slice after slice, as many at once as there are cores: what a world leaves in memory goes with its process. */
async function inProcesses(from: number, howMany: number): Promise<Outcome> {
  const outcome: Outcome = { ran: 0, failures: 0, sums: {} };
  let next = from;
  const lane = async () => {
    while (next < from + howMany && !(values.first && outcome.failures > 0)) {
      const slice = next;
      next += SLICE;
      const part = await inProcess(slice, Math.min(SLICE, from + howMany - slice));
      outcome.ran += part.ran;
      outcome.failures += part.failures;
      addUp(outcome.sums, part.sums);
      process.stderr.write(`${outcome.ran} of ${howMany} seeds, ${outcome.failures} failed\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  return outcome;
}

async function inProcess(from: number, howMany: number): Promise<Outcome> {
  const words = ["--from", String(from), "--count", String(howMany), ...(values.first ? ["--first"] : [])];
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...words], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let last = "";
  for await (const line of createInterface({ input: child.stdout })) {
    if (last !== "") process.stdout.write(`${last}\n`);
    last = line;
  }
  const told = /^(\d+) seeds, (\d+) failed, [\d.]+ s; (.*)$/.exec(last);
  if (told === null) throw new Error(`the process for seeds ${from} to ${from + howMany - 1} ended with: ${last}`);
  return { ran: Number(told[1]), failures: Number(told[2]), sums: JSON.parse(told[3] as string) };
}

function addUp(sums: Record<string, number>, more: Record<string, number>): void {
  for (const [name, value] of Object.entries(more)) sums[name] = (sums[name] ?? 0) + value;
}
