/**
 * Command lines for ffmpeg that touch a source: reading it safely, cutting chunk files from it, making it cuttable.
 * Whoever runs them adds the options for logging and progress.
 */
import type { Chunk, Plan, Rational, VideoPlan } from "./media.js";
import { rescale } from "./rational.js";
import type { SourceSummary } from "./source.js";

/** Largest block that ffmpeg may allocate: an 8K frame with 16 bits a sample fits four times. */
const LARGEST_BLOCK = 1 << 30;
/** Larger pictures are refused by ffmpeg itself, also when a stream changes size on its way. */
const MOST_PIXELS = 16_384 * 16_384;

/** Format of the files that are cut: it keeps time bases exactly, and knows nearly every codec. */
export const CUT_FORMAT = "nut";
/** Seconds that a cut file's time stamps are ahead of the source's: the muxers would shift negative ones themselves. */
export const CUT_OFFSET_SECONDS = 1000;

/** A path as ffmpeg takes it without reading a protocol or an option into it. Must be absolute. */
export function fileUrl(path: string): string {
  return `file:${path}`;
}

/**
 * Options in front of `-i` that keep a hostile file in its place: nothing is opened but the file itself, by the demuxer
 * that its first bytes asked for.
 */
export function safeInput(demuxer: string): string[] {
  const limits = ["-max_alloc", String(LARGEST_BLOCK), "-max_pixels", String(MOST_PIXELS)];
  return [...limits, "-protocol_whitelist", "file,pipe", "-format_whitelist", demuxer, "-f", demuxer];
}

/** The offset in ticks, rounded as ffmpeg's -output_ts_offset is. */
export function cutOffsetTicks(timeBase: Rational): number {
  return rescale(CUT_OFFSET_SECONDS, { num: 1, den: 1 }, timeBase);
}

/**
 * Copies one chunk's packets to a NUT file, which keeps time bases exactly. The seek may land on an earlier keyframe;
 * `-copypriorss 0` then drops what comes before the one that was asked for, so that the count starts there.
 */
export function cutVideoArguments(plan: Plan, chunk: Chunk, source: string, target: string): string[] {
  const { seekSeconds, packets } = chunk.cut;
  const seek = seekSeconds === undefined ? [] : ["-seek_timestamp", "1", "-ss", seekSeconds];
  const start = seekSeconds === undefined ? ["-copyinkf"] : ["-copypriorss", "0"];
  const count = ["-frames:v", String(packets)];
  return cutArguments(plan, plan.video?.stream ?? 0, source, seek, [
    ...start,
    ...count,
    "-f",
    CUT_FORMAT,
    fileUrl(target),
  ]);
}

/** Lossless, and it keeps which frames are interlaced; it would bring full-range 8-bit pictures to another range. */
const FFV1 = ["ffv1", "-level", "3", "-g", "1"];
const X264_LOSSLESS = ["libx264", "-preset", "ultrafast", "-qp", "0", "-g", "25"];

/**
 * Decodes the source from its first packet on and writes a chunk's frames, with its lead and tail, without loss: to be
 * read like what cutVideoArguments makes. With one thread, since what ffmpeg puts in place of a damaged picture depends on
 * how far another thread has got.
 */
export function cutLinearArguments(
  plan: Plan,
  video: VideoPlan,
  chunk: Chunk,
  source: string,
  target: string,
): string[] {
  const { num, den } = video.timeBase;
  const kept = `settb=${num}/${den},trim=start_pts=${chunk.startPts}:end_pts=${chunk.endPts}`;
  const codec = video.pixelFormat?.startsWith("yuvj") ? X264_LOSSLESS : FFV1;
  return [
    ...[
      "-copyts",
      "-noautorotate",
      "-reinit_filter",
      "0",
      "-threads",
      "1",
      ...safeInput(plan.demuxer),
      "-i",
      fileUrl(source),
    ],
    ...["-map", `0:${video.stream}`, "-vf", kept, "-fps_mode", "passthrough", "-enc_time_base", `${num}/${den}`],
    ...["-map_metadata", "-1", "-c:v", ...codec, "-output_ts_offset", String(CUT_OFFSET_SECONDS)],
    ...["-f", CUT_FORMAT, fileUrl(target)],
  ];
}

/** Copies one stream of the source to a file, later by CUT_OFFSET_SECONDS. */
export function cutArguments(plan: Plan, stream: number, source: string, seek: string[], output: string[]): string[] {
  const input = [...safeInput(plan.demuxer), ...seek, "-i", fileUrl(source)];
  const offset = ["-output_ts_offset", String(CUT_OFFSET_SECONDS)];
  return ["-copyts", ...input, "-map", `0:${stream}`, "-map_metadata", "-1", "-c", "copy", ...offset, ...output];
}

/** What a source is remuxed to when it cannot be cut exactly as it is. */
export type WorkingFormat = "mp4" | "matroska";

/**
 * Remuxes the streams that count. MP4 keeps the 90 kHz clock of MPEG systems exactly; Matroska rounds to milliseconds,
 * and is for the codecs that MP4 does not hold.
 */
export function remuxArguments(
  summary: SourceSummary,
  format: WorkingFormat,
  source: string,
  target: string,
): string[] {
  const { video, audio, demuxer } = summary;
  const streams = [...(video ? [video.stream] : []), ...audio.map((track) => track.stream)];
  const isMpeg = demuxer === "mpegts" || demuxer === "mpeg";
  const clock = format === "mp4" && isMpeg ? ["-video_track_timescale", "90000"] : [];
  const unpack = demuxer === "avi" && video?.codec === "mpeg4" ? ["-bsf:v", "mpeg4_unpack_bframes"] : [];
  return [
    // damage and breaks are warned of
    ...["-loglevel", "warning", "-fflags", "+genpts", ...safeInput(demuxer), "-i", fileUrl(source)],
    ...streams.flatMap((stream) => ["-map", `0:${stream}`]),
    ...["-c", "copy", ...unpack, "-bitexact", ...clock],
    ...["-f", format, fileUrl(target)],
  ];
}
