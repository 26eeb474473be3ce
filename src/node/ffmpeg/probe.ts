/** Reads a source's streams with ffprobe. */
import { videoRange } from "../../core/colour.js";
import { ReelmeshError } from "../../core/errors.js";
import { fileUrl, safeInput } from "../../core/ffmpeg-arguments.js";
import type { SourceSummary } from "../../core/source.js";
import { readLight } from "./light.js";
import { run } from "./process.js";
import { type ProbedFile, summarise } from "./summary.js";

/** MPEG-TS and MPEG-PS have no list of their streams: look this far for them (bytes and microseconds). */
const LOOK_AHEAD = ["-probesize", "20000000", "-analyzeduration", "20000000"];

export interface Probed {
  file: string;
  demuxer: string;
  /** Name of the file for people. */
  fileName: string;
  /** Codecs that can be decoded. */
  decodable: ReadonlySet<string>;
}

/** INVALID_INPUT when the file cannot be read, has nothing to decode, or is too large in some way. */
export async function probe(
  { file, demuxer, fileName, decodable }: Probed,
  signal: AbortSignal,
): Promise<SourceSummary> {
  const lines: string[] = [];
  const args = [
    ...safeInput(demuxer),
    ...LOOK_AHEAD,
    "-show_format",
    "-show_streams",
    "-show_chapters",
    "-of",
    "json",
    fileUrl(file),
  ];
  await run("ffprobe", args, {
    signal,
    purpose: `reading ${fileName}`,
    blame: "INVALID_INPUT",
    onLine: (line) => lines.push(line) > 0,
  });
  const summary = summarise(JSON.parse(lines.join("\n")) as ProbedFile, { demuxer, fileName, decodable });
  if (summary.video === null && summary.audio.length === 0) {
    throw new ReelmeshError("INVALID_INPUT", `${fileName} has neither video nor audio that this ffmpeg can decode`);
  }
  if (summary.video === null && summary.audio.every(({ seconds }) => seconds === 0)) {
    throw new ReelmeshError(
      "INVALID_INPUT",
      `${fileName} has sound that lasts 0 seconds: its recording did not finish`,
    );
  }
  const { video } = summary;
  if (video === null || videoRange(video.colour) === "SDR") return summary;
  return { ...summary, video: { ...video, light: await readLight(file, demuxer, video, signal) } };
}
