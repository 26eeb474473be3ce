/** Finds out once how this machine can confine ffmpeg: by trying, not by looking whether a program is installed. */
import { execFile } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { type Confinement, confine } from "../../core/confinement.js";

const execute = promisify(execFile);
const TRY_MS = 10_000;
const NOTHING = { reads: [], writes: [], mostBytes: 1 << 20, niceness: 0 };

let found: Promise<Confinement> | undefined;

/**
 * How ffmpeg is confined here. REELMESH_SANDBOX=off leaves bubblewrap out, for a wrapper of ffmpeg that writes to places
 * of its own.
 */
export async function confinement(): Promise<Confinement> {
  found ??= findConfinement();
  const best = await found;
  const isOff = process.env["REELMESH_SANDBOX"] === "off" && best.kind === "bubblewrap";
  return isOff ? { ...best, kind: best.prlimit ? "limits" : "none", reason: "REELMESH_SANDBOX is off" } : best;
}

async function findConfinement(): Promise<Confinement> {
  const [nice, prlimit] = await Promise.all([
    works(["nice", "-n", "1", "true"]),
    works(["prlimit", "--core=0", "true"]),
  ]);
  const least: Confinement = {
    kind: prlimit === "" ? "limits" : "none",
    reason: "",
    nice: nice === "",
    prlimit: prlimit === "",
  };
  const best: Confinement = { ...least, kind: "bubblewrap" };
  const problem = await works([...confine(best, NOTHING), "true"]);
  return problem === "" ? best : { ...least, reason: problem };
}

/** Why a command does not run; "" when it does. */
async function works([command = "", ...args]: string[]): Promise<string> {
  try {
    await execute(command, args, { timeout: TRY_MS });
    return "";
  } catch (error) {
    const { code, stderr = "" } = error as { code?: unknown; stderr?: string };
    if (code === "ENOENT") return `${command} is not installed`;
    return `it does not run here: ${stderr.trim().split("\n").at(-1) || String(error)}`;
  }
}

/** Whether a program, by path or by name, is there to be run. */
export function isThere(program: string): boolean {
  const folders = program.includes("/") ? [""] : (process.env["PATH"] ?? "").split(delimiter);
  return folders.some((folder) => isExecutable(folder === "" ? program : join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
