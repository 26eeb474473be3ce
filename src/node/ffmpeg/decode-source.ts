/** Decodes a source from end to end into a lossless file that can be cut exactly. */
import { stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { roomForOneFile } from "../../core/disk-room.js";
import { ReelmeshError } from "../../core/errors.js";
import type { SourceSummary } from "../../core/source.js";
import { decodeArguments, WORKING_SOURCE_FORMAT, workingSourceBytes } from "../../core/working-source.js";
import { explain } from "./complaints.js";
import { run } from "./process.js";
import { PROGRESS_ARGUMENTS, progressReader } from "./progress.js";

/** The muxer stops behind the limit, not at it, and writes its index after that. */
const MUXER_BYTES = 1 << 30;
const DAMAGED_FRAME = /corrupt decoded frame|Error while decoding stream|Error submitting packet to decoder/;

/**
 * `counted`: its time stamps say nothing, frames follow each other at its rate. Returns the file and how many of its frames ffmpeg calls damaged. INVALID_INPUT with ffmpeg's reason when nothing could
 * be decoded; ENVIRONMENT when the disk has too little room.
 */
export async function decodeSource(
  file: string,
  summary: SourceSummary,
  counted: boolean,
  folder: string,
  signal: AbortSignal,
): Promise<{ working: string; damaged: number }> {
  const working = join(folder, `decoded-source.${WORKING_SOURCE_FORMAT}`);
  const mostBytes = await roomFor(summary, folder);
  let [frames, damaged] = [0, 0];
  // sound in a container whose packets lie about their time is decoded as well
  const remakeAudio = !["mov", "matroska"].includes(summary.demuxer);
  const args = decodeArguments(summary, file, working, { remakeAudio, counted, mostBytes });
  const complaints = await run("ffmpeg", [...PROGRESS_ARGUMENTS, "-loglevel", "warning", ...args], {
    signal,
    mostBytes: mostBytes + MUXER_BYTES,
    purpose: `decoding ${summary.fileName} in one piece`,
    blame: "INVALID_INPUT",
    onLine: progressReader((progress) => {
      frames = progress.frames;
    }),
    onComplaint: (line) => {
      if (DAMAGED_FRAME.test(line)) damaged++;
    },
  });
  if ((await stat(working)).size >= mostBytes) throw noRoom(summary);
  if (summary.video !== null && frames === 0) {
    throw new ReelmeshError(
      "INVALID_INPUT",
      `${summary.fileName} has a video that cannot be decoded: ${explain(complaints)}`,
    );
  }
  return { working, damaged };
}

/** Bytes that the file may take. */
async function roomFor(summary: SourceSummary, folder: string): Promise<number> {
  const { bavail, blocks, bsize } = await statfs(folder);
  const room = roomForOneFile(bavail * bsize, blocks * bsize);
  if (room <= workingSourceBytes(summary)) throw noRoom(summary);
  return room;
}

function noRoom({ fileName }: SourceSummary): ReelmeshError {
  const message = `${fileName} cannot be cut exactly as it is, and this disk has no room for a lossless copy of it`;
  const cause = Object.assign(new Error("no room for a lossless copy"), { code: "ENOSPC" });
  return new ReelmeshError("ENVIRONMENT", `${message}: make room and try again`, { cause });
}
