import { readFile } from "node:fs/promises";
import { ReelmeshError } from "../core/errors.js";
import { fileProblem } from "./file-problems.js";

/** So that nobody guesses it: 16 characters of an alphabet of 64 are 96 bits. */
const LEAST = 16;
const NEXT = "make one with: openssl rand -hex 24";

/** What an upload from outside must show: the file's first line. ENVIRONMENT when it cannot be read or is short. */
export async function readToken(file: string): Promise<string> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const message = `--upload-token-file ${file} cannot be read: ${fileProblem(cause)}; ${NEXT} > ${file}`;
    throw new ReelmeshError("ENVIRONMENT", message, { cause });
  });
  const token = text.split("\n", 1)[0]?.trim() ?? "";
  if (/^\S+$/.test(token) && token.length >= LEAST) return token;
  throw new ReelmeshError(
    "ENVIRONMENT",
    `the first line of --upload-token-file ${file} should be a token of ${LEAST} characters or more; ${NEXT}`,
  );
}
