/** Remuxes sources that cannot be cut exactly as they are. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ReelmeshError } from "../../core/errors.js";
import { remuxArguments, type WorkingFormat } from "../../core/ffmpeg-arguments.js";
import type { SourceSummary } from "../../core/source.js";
import { run } from "./process.js";
import { PROGRESS_ARGUMENTS, progressReader } from "./progress.js";

/** Containers whose seeking is not exact, or whose packets may lack time stamps, or whose length is only guessed. */
const NEVER_AS_THEY_ARE = ["mpegts", "mpeg", "avi", "flv", "aac"];
/** Ogg is exact as long as all of it is read, which is how audio is cut. */
const NOT_WITH_VIDEO = ["ogg"];
const FORMATS: WorkingFormat[] = ["mp4", "matroska"];

/**
 * The file itself, or its remux in the folder: MP4 where that holds the codecs, otherwise Matroska. INVALID_INPUT when the streams cannot be copied.
 */
export async function normaliseSource(
  file: string,
  summary: SourceSummary,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  if (!mustRemux(summary)) return file;
  let refusal: unknown;
  for (const format of FORMATS) {
    const target = join(folder, `working-source.${format}`);
    try {
      await run("ffmpeg", [...PROGRESS_ARGUMENTS, ...remuxArguments(summary, format, file, target)], {
        signal,
        purpose: `making ${summary.fileName} cuttable`,
        blame: "INVALID_INPUT",
        onLine: progressReader(() => {}),
      });
      return target;
    } catch (error) {
      await rm(target, { force: true });
      if (!(error instanceof ReelmeshError && error.code === "INVALID_INPUT")) throw error;
      refusal ??= error;
    }
  }
  throw refusal;
}

function mustRemux({ demuxer, video }: SourceSummary): boolean {
  return NEVER_AS_THEY_ARE.includes(demuxer) || (video !== null && NOT_WITH_VIDEO.includes(demuxer));
}
