/** Command lines for ffmpeg that encode what `cutVideoArguments` cuts. */
import { pictureFilters } from "./colour.js";
import { encoderArguments } from "./encoder-arguments.js";
import { CUT_FORMAT, cutOffsetTicks, fileUrl, safeInput } from "./ffmpeg-arguments.js";
import { deviceArguments } from "./hardware.js";
import type { Chunk, Plan, VideoPlan, VideoRendition } from "./media.js";
import { frameTicks } from "./timeline.js";
import type { VideoTask } from "./video-tasks.js";

/** A file of the output, by the rendition that it holds. */
export type OutputFiles = Record<string, string>;

const DECODER_THREADS = 2;

/** Fragments with absolute decode times and signed composition offsets, no edit list (ISO/IEC 23000-19, 7.3). */
export const CMAF = ["-movflags", "+cmaf+frag_keyframe+frag_discont"];
export const CLEAN = ["-map_metadata", "-1", "-map_chapters", "-1", "-bitexact"];

/**
 * Encodes one chunk, its lead and its tail with a codec's whole ladder: one decoding, one process, one fragmented MP4 a
 * rendition, with the plan's time stamps. `frames`: no more than so many. `hashes`: a file for the hash and the time stamp
 * of each source frame that was kept (frame-proof.ts).
 *
 * Murmur3 over every sample cost 0.2 ms a frame of 1280x720, where three rungs at preset fast took 55 ms of CPU; CRC-32
 * took 1 ms and MD5 2 ms (ffmpeg 5.1.9).
 */
export function encodeVideoArguments(
  plan: Plan,
  video: VideoPlan,
  { chunk, renditions }: VideoTask,
  cut: string,
  files: OutputFiles,
  { frames, hashes }: { frames?: number; hashes?: string },
): string[] {
  const bounded = frames === undefined ? [] : ["-frames:v", String(frames)];
  // a picture that changes size on its way goes on in the same filters, whose count of frames would start anew
  const decoder = ["-noautorotate", "-reinit_filter", "0", "-threads", String(DECODER_THREADS)];
  const input = [...decoder, ...safeInput(CUT_FORMAT), "-i", fileUrl(cut)];
  const outputs = renditions.flatMap((rendition) => [
    ...[
      "-map",
      `[${rendition.name}]`,
      ...encoderArguments(plan, video, rendition),
      "-force_key_frames",
      idrTimes(video, chunk),
    ],
    ...["-video_track_timescale", String(video.timeline.timescale), ...CMAF, ...CLEAN],
    ...[...bounded, "-f", "mp4", fileUrl(files[rendition.name] as string)],
  ]);
  const device = deviceArguments(renditions[0]?.encoder ?? "");
  const graph = filterGraph(video, chunk, renditions, hashes !== undefined);
  // behind the renditions: progress counts the frames of the first output
  const proof = hashes === undefined ? [] : hashOutput(video, hashes);
  return ["-copyts", ...device, ...input, "-filter_complex", graph, ...outputs, ...proof];
}

function hashOutput({ timeBase: { num, den } }: VideoPlan, target: string): string[] {
  const sourceTime = ["-fps_mode", "passthrough", "-enc_time_base", `${num}/${den}`];
  return ["-map", "[kept]", ...sourceTime, "-c:v", "rawvideo", "-f", "framehash", "-hash", "murmur3", fileUrl(target)];
}

/**
 * Keeps the chunk's frames by time stamp, puts them on the timeline, and scales them to every rung. The NUT muxer refines
 * a coarse time base by a whole factor: the source's is set back before time stamps are compared.
 */
function filterGraph(video: VideoPlan, chunk: Chunk, renditions: VideoRendition[], isProven: boolean): string {
  const { timeBase } = video;
  const offset = cutOffsetTicks(timeBase);
  const sourceTime = `settb=${timeBase.num}/${timeBase.den}`;
  const trim = `trim=start_pts=${chunk.startPts + offset}:end_pts=${chunk.endPts + offset}`;
  const proof = isProven ? ["split=2[kept][pictures];[pictures]null"] : [];
  const common = [sourceTime, trim, ...proof, ...onTimeline(video, chunk, offset), `split=${renditions.length}`].join();
  const rungs = renditions.map((rendition, rung) => {
    return `[in${rung}]${pictureFilters(video, rendition).join(",")}[${rendition.name}]`;
  });
  const inputs = renditions.map((_, rung) => `[in${rung}]`).join("");
  return [`[0:0]${common}${inputs}`, ...rungs].join(";");
}

/** At a constant rate frames are counted; otherwise the first frame of the film becomes zero and the others follow. */
function onTimeline(video: VideoPlan, chunk: Chunk, offset: number): string[] {
  const { timeline, filters, chunks } = video;
  const timeBase = `settb=1/${timeline.timescale}`;
  if (video.constantRate) {
    const ticks = timeline.steps[0]?.[0] ?? 0;
    return [...filters, timeBase, `setpts=(N+${chunk.firstFrame - chunk.leadFrames})*${ticks}`];
  }
  const zero = (chunks[0]?.startPts ?? 0) + offset;
  return [`setpts=PTS-${zero}`, ...filters, timeBase];
}

/**
 * Times of the chunk's IDR pictures in seconds: its first frame and the start of each group of pictures. Each lies a
 * quarter of the way from its frame to the one before, so that rounding, be it to whole frames, cannot move it to another.
 */
function idrTimes({ gops, timeline }: VideoPlan, chunk: Chunk): string {
  const tick = frameTicks(timeline);
  const from = chunk.firstFrame - chunk.leadFrames;
  const to = chunk.firstFrame + chunk.frames + chunk.tailFrames;
  const inside = gops.filter((frame) => frame > from && frame < to);
  const times = inside.map((frame) => (3 * tick(frame) + tick(frame - 1)) / 4 / timeline.timescale);
  return [0, ...times].map((time) => time.toFixed(6)).join(",");
}
