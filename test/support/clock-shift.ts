/** Wall clocks of nodes that jump while they run. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryFolder } from "./temporary.js";

export interface ClockShift {
  /** What a node is given for its clock to jump at SIGUSR2. */
  env: Record<string, string>;
  /** By how much, in milliseconds, it stands beside the machine's after the next SIGUSR2. */
  set(ms: number): Promise<void>;
}

/** A module that shifts a process's wall clock by the milliseconds that a file holds, from SIGUSR2 on. */
export async function clockShift(): Promise<ClockShift> {
  const folder = await temporaryFolder("run");
  const [code, file] = [join(folder, "shift.cjs"), join(folder, "shift")];
  const lines = [
    "const { readFileSync } = require('node:fs');",
    "const now = Date.now;",
    "let shift = 0;",
    `process.on("SIGUSR2", () => { shift = Number(readFileSync(${JSON.stringify(file)}, "utf8")); });`,
    "globalThis.Date = class extends Date {",
    "  constructor(...given) { if (given.length === 0) super(now() + shift); else super(...given); }",
    "  static now() { return now() + shift; }",
    "};",
  ];
  await writeFile(code, lines.join("\n"));
  return { env: { NODE_OPTIONS: `--require ${code}` }, set: (ms) => writeFile(file, String(ms)) };
}
