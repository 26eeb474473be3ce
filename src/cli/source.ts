import { createHash } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { access, stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { ReelmeshError } from "../core/errors.js";
import { sniff } from "../core/source-check.js";
import { fileProblem } from "../node/file-problems.js";
import { readHead } from "../node/read-head.js";

/**
 * Length in bytes of a file that can be submitted. INVALID_INPUT says why another cannot: here, before it is sent, when
 * its first bytes are those of no video. The node looks again.
 */
export async function checkSource(file: string): Promise<number> {
  try {
    const { size, ...kind } = await describe(file);
    if (kind.folder) throw refused(`${file} is a folder; name one video file`);
    if (!kind.regular) throw refused(`${file} is not a regular file; copy it into one first`);
    if (size === 0) throw refused(`${file} is empty; was it copied to the end?`);
    await access(file, constants.R_OK);
    sniff(await readHead(file), file);
    return size;
  } catch (error) {
    if (error instanceof ReelmeshError) throw error;
    throw refused(`cannot read ${file}: ${fileProblem(error)}`);
  }
}

/** The name of its bytes, as a node would find it. */
export async function hashSource(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  try {
    await pipeline(createReadStream(file), hash, { signal });
  } catch (error) {
    throw refused(`cannot read ${file}: ${fileProblem(error)}`);
  }
  return hash.digest("hex");
}

async function describe(file: string): Promise<{ size: number; folder: boolean; regular: boolean }> {
  const stats = await stat(file);
  return { size: stats.size, folder: stats.isDirectory(), regular: stats.isFile() };
}

function refused(message: string): ReelmeshError {
  return new ReelmeshError("INVALID_INPUT", message);
}
