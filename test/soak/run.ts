/**
 * `npm run test:soak -- [--only NAME[,NAME...]]`: plays what takes too long for `npm test`, one soak after another, each in
 * a process of its own. The simulator's is ten thousand seeds, the properties' fifty times the usual examples from a
 * random seed; every other one is a file of this folder, NAME.test.ts.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
const soaks = await allSoaks();
const wanted = values.only.split(",").filter(Boolean);
const unknown = wanted.filter((name) => !soaks.has(name));
if (unknown.length > 0) {
  console.error(`test:soak: there is no ${unknown.join(", ")}: give --only some of ${[...soaks.keys()].join(", ")}`);
  process.exit(2);
}

const env = { REELMESH_PROPERTIES: "50", ...process.env };
const failed: string[] = [];
for (const [name, words] of soaks) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`soak ${name}`);
  const began = performance.now();
  const [code] = await once(spawn(process.execPath, words, { stdio: "inherit", env }), "exit");
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(`${code === 0 ? "ok    " : "FAILED"}  ${name} (${seconds} s)\n`);
  if (code !== 0) failed.push(name);
}
if (failed.length > 0) console.log(`failed: ${failed.join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** What node runs, by the soak's name. */
async function allSoaks(): Promise<Map<string, string[]>> {
  const simulator: [string, string[]] = ["simulator", [here("../simulator/simulate.js"), "--count", "10000"]];
  const mocha = here("../../../node_modules/mocha/bin/mocha.js");
  const common = [
    "--no-config",
    "--require",
    here("../support/leaks.js"),
    "--require",
    here("../support/seeds.js"),
    "--reporter",
    here("../support/reporter.js"),
  ];
  const properties: [string, string[]] = ["properties", [mocha, ...common, "--timeout", "0", here("../unit")]];
  const names = (await readdir(here("."))).flatMap((file) => /^(.*)\.test\.js$/.exec(file)?.[1] ?? []);
  const files = names.sort().map((name): [string, string[]] => [name, [mocha, ...common, here(`${name}.test.js`)]]);
  return new Map([simulator, properties, ...files]);
}
