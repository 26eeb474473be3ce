import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { ReelmeshError } from "../core/errors.js";
import { MOST_SUBTITLE_BYTES, readSubtitles } from "../core/read-subtitles.js";
import type { BlobReference, SubtitleFile } from "../core/work.js";
import { fileProblem } from "../node/file-problems.js";
import type { SubtitleFlag } from "./submit-options.js";

/** A file of subtitles that can be sent. */
export interface LocalSubtitles extends SubtitleFile {
  file: BlobReference;
  path: string;
}

/** Looks at them before anything is sent: INVALID_INPUT when one is none, is huge, or cannot be read. */
export function readSubtitleFiles(flags: SubtitleFlag[]): Promise<LocalSubtitles[]> {
  return Promise.all(
    flags.map(async ({ language, path }) => {
      const content = await read(path);
      readSubtitles(content, path);
      const sha256 = createHash("sha256").update(content).digest("hex");
      return { file: { sha256, bytes: content.length }, fileName: basename(path), language, path };
    }),
  );
}

async function read(path: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(path);
    if (size <= MOST_SUBTITLE_BYTES) return await readFile(path);
  } catch (error) {
    throw new ReelmeshError("INVALID_INPUT", `cannot read ${path}: ${fileProblem(error)}`, { cause: error });
  }
  throw new ReelmeshError("INVALID_INPUT", `${path} is larger than any subtitles are: ${MOST_SUBTITLE_BYTES} bytes`);
}
