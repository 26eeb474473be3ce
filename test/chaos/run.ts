/**
 * `npm run test:chaos -- [--count N] [--row N[,N...]] [--quick]`: plays the rows of FAULTS.md that need real processes,
 * as often as asked, and says at the end how often each passed
 * and what it measured. `--quick`: with the durations of `npm test`.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMeasure, type Measure, readMeasure, sumUp } from "./measures.js";
import { obstacle, type Row, titleOf } from "./row.js";
import { allRows } from "./rows/all.js";
import { theClip } from "./scene.js";

/** The longest that a row may take, its own limit (test/chaos/all.test.ts) and the check for leaks included. */
const ROW_MS = 660_000;

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1" },
    row: { type: "string", default: "" },
    quick: { type: "boolean", default: false },
  },
});
const count = Number(values.count);
const wanted = new Set(values.row.split(",").filter(Boolean).map(Number));
const chosen = allRows.filter(({ number }) => wanted.size === 0 || wanted.has(number));
const rows = chosen.filter((row) => obstacle(row) === "");
if (!(count >= 1) || chosen.length === 0) {
  console.error(`test:chaos: give --count a number from 1, and --row some of ${allRows.map((row) => row.number)}`);
  process.exit(2);
}

for (const row of chosen) if (!rows.includes(row)) console.log(`skipped  ${titleOf(row)}: ${obstacle(row)}`);

/** Made once for all of them. */
const clip = await theClip();
const passed = new Map<number, number>();
const measures = new Map<Row, Measure[]>(rows.map((row) => [row, []]));
for (let round = 1; round <= count; round++) {
  if (count > 1) console.log(`round ${round} of ${count}`);
  for (const row of rows) if (await play(row)) passed.set(row.number, (passed.get(row.number) ?? 0) + 1);
}
console.log("");
for (const row of rows) {
  console.log(`${String(passed.get(row.number) ?? 0).padStart(4)} of ${count}  ${titleOf(row)}`);
  for (const line of sumUp(measures.get(row) ?? [])) console.log(`              ${line}`);
}
const failed = rows.filter(({ number }) => passed.get(number) !== count).length;
console.log(`${rows.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** A process a row: what one leaves behind is found by its own check for leaks, and cannot disturb the next. */
async function play(row: Row): Promise<boolean> {
  const title = titleOf(row);
  const mocha = here("../../../node_modules/mocha/bin/mocha.js");
  const common = ["--no-config", "--require", here("../support/leaks.js"), "--fgrep", `faults ${title}`];
  const env = { ...process.env, REELMESH_CHAOS: values.quick ? "quick" : "full", REELMESH_CHAOS_CLIP: clip };
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
