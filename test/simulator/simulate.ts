/**
 * `npm run simulate -- --seed 123 --verbose` replays one seed and prints what happened; `--count 10000 --from 1` runs
 * many, prints those that fail, and exits with 1 when there are any.
 */
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
const sums: Record<string, number> = {};
const began = performance.now();
let failures = 0;
let ran = 0;
for (let seed = first; seed < first + count; seed++) {
  const { checks } = await simulate(seed);
  ran++;
  for (const [name, value] of Object.entries(checks.counts)) sums[name] = (sums[name] ?? 0) + value;
  for (const state of checks.truth.states()) sums[state] = (sums[state] ?? 0) + 1;
  if (checks.violation !== undefined) failures++;
  if (failures > 0 && values.first) break;
}
const seconds = (performance.now() - began) / 1000;
process.stdout.write(`${ran} seeds, ${failures} failed, ${seconds.toFixed(1)} s; ${JSON.stringify(sums)}\n`);
process.exitCode = failures > 0 ? 1 : 0;
