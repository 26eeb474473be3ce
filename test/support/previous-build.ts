/** The product one version back, built from the history of the working copy. */
import { execFile } from "node:child_process";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { packageRoot } from "../../src/node/paths.js";
import { temporaryFolder } from "./temporary.js";

const run = promisify(execFile);

/** What a node runs. */
const PRODUCT = ["src", "proto"];

/**
 * The main file of what stood before the newest change to the product, or of what REELMESH_PREVIOUS names. Undefined where
 * there is no history: an unpacked archive, or a copy with the newest commit only. Whoever starts a process for each row
 * builds it once, and gives it in REELMESH_CHAOS_PREVIOUS.
 */
export async function previousProgram(): Promise<string | undefined> {
  const given = process.env["REELMESH_CHAOS_PREVIOUS"];
  if (given !== undefined) return given;
  const commit = process.env["REELMESH_PREVIOUS"] ?? (await previousCommit());
  if (commit === undefined) return undefined;
  const folder = await temporaryFolder("run");
  const archive = join(folder, "previous.tar");
  await git("archive", "--output", archive, commit);
  await run("tar", ["-xf", archive, "-C", folder]);
  for (const tools of ["node_modules", ".tools"]) await symlink(join(packageRoot, tools), join(folder, tools));
  await run(process.execPath, [join(packageRoot, "node_modules/typescript/bin/tsc"), "-p", folder]);
  return join(folder, "dist/src/cli/main.js");
}

async function previousCommit(): Promise<string | undefined> {
  try {
    const newest = await git("rev-list", "--first-parent", "-n", "1", "HEAD", "--", ...PRODUCT);
    return await git("rev-parse", "--verify", `${newest}^`);
  } catch {
    return undefined;
  }
}

async function git(...words: string[]): Promise<string> {
  const { stdout } = await run("git", ["-C", packageRoot, ...words]);
  return stdout.trim();
}
