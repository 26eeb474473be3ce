/**
 * `npm run test:chaos -- [--count N] [--row N[,N...]] [--quick] [--lanes N]`: plays the rows of FAULTS.md that need real
 * processes, as often as asked, and says at the end how often each passed and what it measured. `--quick`: with the
 * durations of `npm test`. `--lanes`: so many at once, since rows mostly wait; what they measure is then of a busy machine.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { PROCESSES } from "../support/ports.js";
import { previousProgram } from "../support/previous-build.js";
import { describeMeasure, type Measure, readMeasure, sumUp } from "./measures.js";
import { obstacle, type Row, titleOf } from "./row.js";
import { allRows } from "./rows/all.js";
import { rollingRestart } from "./rows/versions.js";
import { theClip } from "./scene.js";

/** The longest that a row may take, its own limit (test/chaos/all.test.ts) and the check for leaks included. */
const ROW_MS = 660_000;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1" },
    row: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
    lanes: { type: "string", default: "1" },
  },
});
const count = Number(values.count);
const lanes = Number(values.lanes);
const wanted = new Set(values.row.split(",").filter(Boolean).map(Number));
const chosen = allRows.filter(({ number }) => wanted.size === 0 || wanted.has(number));
const rows = chosen.filter((row) => obstacle(row) === "");
if (!(count >= 1) || !(lanes >= 1 && lanes <= PROCESSES) || chosen.length === 0) {
  const numbers = allRows.map((row) => row.number);
  console.error(
    `test:chaos: give --count a number from 1, --lanes one up to ${PROCESSES}, and --row some of ${numbers}`,
  );
  process.exit(2);
}

for (const row of chosen) if (!rows.includes(row)) console.log(`skipped  ${titleOf(row)}: ${obstacle(row)}`);

/** Made once for all of them. */
const clip = await theClip();
const previous = rows.includes(rollingRestart) ? await previousProgram() : undefined;
const passed = new Map<number, number>();
const measures = new Map<Row, Measure[]>(rows.map((row) => [row, []]));
const left = Array.from({ length: count }, () => rows).flat();
await Promise.all(Array.from({ length: lanes }, (_, lane) => playOn(lane)));
console.log("");
for (const row of rows) {
  console.log(`${String(passed.get(row.number) ?? 0).padStart(4)} of ${count}  ${titleOf(row)}`);
  for (const line of sumUp(measures.get(row) ?? [])) console.log(`              ${line}`);
}
const failed = rows.filter(({ number }) => passed.get(number) !== count).length;
console.log(`${rows.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

async function playOn(lane: number): Promise<void> {
  for (let row = left.shift(); row !== undefined; row = left.shift()) {
    if (await play(row, lane)) passed.set(row.number, (passed.get(row.number) ?? 0) + 1);
  }
}

/** A process a row: what one leaves behind is found by its own check for leaks, and cannot disturb the next. */
async function play(row: Row, lane: number): Promise<boolean> {
  const title = titleOf(row);
  const mocha = here("../../../node_modules/mocha/bin/mocha.js");
  const common = ["--no-config", "--require", here("../support/leaks.js"), "--fgrep", `faults ${title}`];
  const own = {
    REELMESH_CHAOS: values.quick ? "quick" : "full",
    REELMESH_CHAOS_CLIP: clip,
    ...(previous !== undefined && { REELMESH_CHAOS_PREVIOUS: previous }),
    MOCHA_WORKER_ID: `${lane}`,
  };
  const env = { ...process.env, ...own };
  const child = spawn(process.execPath, [mocha, ...common, here("./all.test.js")], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
    timeout: ROW_MS,
    killSignal: "SIGKILL",
  });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => said.push(line));
  const started = performance.now();
  const [code] = (await once(child, "close")) as [number | null];
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  console.log(`${code === 0 ? "ok    " : "FAILED"}  ${title} (${seconds} s)`);
  const told = said.map(readMeasure).filter((one) => one !== undefined);
  for (const one of told) console.log(describeMeasure(one));
  measures.get(row)?.push(...told);
  if (code !== 0) console.log(said.join("\n"));
  return code === 0;
}
