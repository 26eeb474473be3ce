/** The nats-server that a node can run. */
import { execFile } from "node:child_process";
import { access, constants } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { ReelmeshError } from "../../core/errors.js";
import { packageRoot } from "../paths.js";
import { refuseVersion } from "./server-version.js";

const VERSION_MS = 5_000;

/**
 * The program to run: REELMESH_NATS_SERVER, else what set-up put into .tools, else the one on PATH. ENVIRONMENT when
 * there is none, or when it is too old.
 */
export async function natsServerProgram(): Promise<string> {
  const program = await findProgram();
  const refusal = refuseVersion(`the nats-server at ${program}`, await versionOf(program));
  if (refusal !== undefined) throw new ReelmeshError("ENVIRONMENT", refusal);
  return program;
}

async function findProgram(): Promise<string> {
  const named = process.env["REELMESH_NATS_SERVER"];
  if (named !== undefined && named !== "") {
    if (await isExecutable(named)) return named;
    throw new ReelmeshError("ENVIRONMENT", `REELMESH_NATS_SERVER names ${named}, which is not a program that can run`);
  }
  const folders = [join(packageRoot, ".tools"), ...(process.env["PATH"] ?? "").split(delimiter)];
  for (const folder of [...folders, "/usr/sbin"]) {
    const candidate = join(folder, "nats-server");
    if (await isExecutable(candidate)) return candidate;
  }
  throw new ReelmeshError(
    "ENVIRONMENT",
    "nats-server was not found: run scripts/setup.sh, or name one of version 2.10 or newer in REELMESH_NATS_SERVER",
  );
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** "2.10.27" of "nats-server: v2.10.27". */
async function versionOf(program: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, ["--version"], { timeout: VERSION_MS });
    return /v(\d+\.\d+\.\d+)/.exec(stdout)?.[1] ?? "0";
  } catch (cause) {
    throw new ReelmeshError("ENVIRONMENT", `nats-server could not be started from ${program}`, { cause });
  }
}
