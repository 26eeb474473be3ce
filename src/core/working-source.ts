/**
 * The command line that decodes a source from end to end into a lossless file that can be cut exactly: a keyframe a
 * second, and each frame at a time stamp of its own. For what cannot be cut exactly as it is; see exactness.ts.
 */
import { fileUrl, safeInput } from "./ffmpeg-arguments.js";
import type { Rational } from "./media.js";
import { ratio } from "./rational.js";
import type { SourceAudio, SourceSummary, SourceVideo } from "./source.js";
import { isTextCodec } from "./subtitle-plan.js";

/** QuickTime: it keeps any whole clock exactly (Matroska rounds to milliseconds) and holds both codecs and PCM. */
export const WORKING_SOURCE_FORMAT = "mov";
/** Pixel formats that x264 codes without loss at a quantiser of 0: measured bit for bit with build 164. */
const X264_LOSSLESS = /^yuvj?4(20|22|44)p(10le)?$/;
/** The same at a keyframe a second, fast; FFV1 takes every other pixel format, and has nothing but keyframes. */
const X264 = ["libx264", "-preset", "ultrafast", "-qp", "0", "-x264-params", "keyint=infinite:scenecut=0:threads=2"];
const FFV1 = ["ffv1", "-level", "3", "-g", "1", "-threads", "2"];
/** Codecs whose packets the file holds as they are. */
const COPIED_AUDIO = ["aac", "ac3", "alac", "eac3", "mp3", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le"];
/** Time stamps are this fine at least, ticks a second, so that there is room between two frames. */
const LEAST_TIMESCALE = 10_000;
const FALLBACK_RATE: Rational = { num: 25, den: 1 };
/** Bytes of a picture that is kept without loss, a pixel: drawings take less, film with grain five times as much. */
const LEAST_BYTES_A_PIXEL = 0.15;

/** Ticks a second: a whole multiple of the source's, so that its time stamps stay exact. */
export function workingTimescale({ num, den }: Rational): number {
  return num > 0 ? den * Math.max(1, Math.ceil(LEAST_TIMESCALE / den)) : LEAST_TIMESCALE;
}

/**
 * `counted`: frames follow each other at the container's rate, whatever their time stamps. `mostBytes`: where it stops writing, which must be looked for afterwards. `remakeAudio`: sound is decoded too, and silence put where it is missing, since its time stamps are not to be trusted.
 * Fields are joined to frames here, where every frame has its neighbours.
 */
export function decodeArguments(
  summary: SourceSummary,
  source: string,
  target: string,
  { remakeAudio, counted, mostBytes }: { remakeAudio: boolean; counted: boolean; mostBytes: number },
): string[] {
  const { video, audio, demuxer, subtitles } = summary;
  const text = subtitles.filter(({ codec }) => isTextCodec(codec));
  // a picture that changes size on its way goes on in the same filters, and is brought to the first size
  const decoder = ["-noautorotate", "-reinit_filter", "0", "-max_error_rate", "1"];
  return [
    ...[...decoder, ...safeInput(demuxer), "-i", fileUrl(source)],
    ...(video ? ["-map", `0:${video.stream}`, ...videoOutput(video, counted)] : []),
    ...audio.flatMap(({ stream }) => ["-map", `0:${stream}`]),
    ...audio.flatMap((track, place) => audioOutput(track, place, remakeAudio)),
    ...text.flatMap(({ stream }) => ["-map", `0:${stream}`]),
    ...["-c:s", "mov_text"],
    ...["-bitexact", "-fs", String(mostBytes), "-f", WORKING_SOURCE_FORMAT, fileUrl(target)],
  ];
}

function videoOutput(video: SourceVideo, counted: boolean): string[] {
  const scale = workingTimescale(video.timeBase);
  const isLosslessH264 = X264_LOSSLESS.test(video.pixelFormat);
  const filters = [
    ...(video.interlaced ? ["bwdif=mode=send_frame:deint=interlaced"] : []),
    `settb=1/${scale}`,
    `setpts='${counted ? countedStamps(video, scale) : risingStamps(video, scale)}'`,
    `scale=${video.width}:${video.height}:flags=bicubic`,
    ...(isLosslessH264 ? [`format=${video.pixelFormat}`] : []),
  ];
  return [
    ...["-filter:v", filters.join(","), "-fps_mode", "passthrough", "-enc_time_base", `1/${scale}`],
    ...["-video_track_timescale", String(scale), "-force_key_frames", "expr:gte(t,n_forced)"],
    ...["-c:v", ...(isLosslessH264 ? X264 : FFV1)],
  ];
}

/**
 * Each frame keeps its time stamp where that is later than the one before; otherwise it comes half a frame after that,
 * so that it pushes no other along; a frame without a time stamp comes a whole frame after.
 */
function risingStamps(video: SourceVideo, scale: number): string {
  const ticks = Math.max(2, Math.floor(scale / usualRate(video)));
  const later = `PREV_OUTPTS+if(isnan(PTS),${ticks},${Math.floor(ticks / 2)})`;
  return `if(isnan(PREV_OUTPTS),if(isnan(PTS),0,PTS),if(gt(PTS,PREV_OUTPTS),PTS,${later}))`;
}

/** For containers that tell no more of time than the frame rate. */
function countedStamps({ frameRates }: SourceVideo, scale: number): string {
  const { num, den } = frameRates[0] ?? FALLBACK_RATE;
  return `round(N*${scale}*${den}/${num})`;
}

function audioOutput({ codec }: SourceAudio, place: number, remakeAudio: boolean): string[] {
  if (!remakeAudio && COPIED_AUDIO.includes(codec)) return [`-c:a:${place}`, "copy"];
  return [`-c:a:${place}`, "pcm_s24le", `-filter:a:${place}`, "aresample=async=1:first_pts=0"];
}

/** Bytes that the file takes at least, but for drawings; 0 when the source does not say how long it is. */
export function workingSourceBytes({ video, seconds }: SourceSummary): number {
  if (video === null) return 0;
  return Math.round(video.width * video.height * LEAST_BYTES_A_PIXEL * seconds * usualRate(video));
}

/** What a container says first may be the finest step of its clock; the average comes last. */
function usualRate({ frameRates }: SourceVideo): number {
  return ratio(frameRates.at(-1) ?? FALLBACK_RATE);
}
