/** Command lines for ffmpeg that encode what `cutVideoArguments` and `cutAudioArguments` cut. */
import { pictureFilters } from "./colour.js";
import { encoderArguments } from "./encoder-arguments.js";
import { CUT_FORMAT, CUT_OFFSET_SECONDS, cutOffsetTicks, fileUrl, safeInput } from "./ffmpeg-arguments.js";
import { deviceArguments } from "./hardware.js";
import type { AudioTrackPlan, Chunk, Plan, VideoPlan, VideoRendition } from "./media.js";
import { frameTicks } from "./timeline.js";
import type { VideoTask } from "./video-tasks.js";

/** A file of the output, by the rendition that it holds. */
export type OutputFiles = Record<string, string>;

const DECODER_THREADS = 2;

/** Fragments with absolute decode times and signed composition offsets, no edit list (ISO/IEC 23000-19, 7.3). */
const CMAF = ["-movflags", "+cmaf+frag_keyframe+frag_discont"];
const CLEAN = ["-map_metadata", "-1", "-map_chapters", "-1", "-bitexact"];

/**
 * Encodes one chunk, its lead and its tail with a codec's whole ladder: one decoding, one process, one fragmented MP4 a
 * rendition, with the plan's time stamps. `frames`: no more than so many.
 */
export function encodeVideoArguments(
  plan: Plan,
  video: VideoPlan,
  { chunk, renditions }: VideoTask,
  cut: string,
  files: OutputFiles,
  frames?: number,
): string[] {
  const bounded = frames === undefined ? [] : ["-frames:v", String(frames)];
  // a picture that changes size on its way goes on in the same filters, whose count of frames would start anew
  const decoder = ["-noautorotate", "-reinit_filter", "0", "-threads", String(DECODER_THREADS)];
  const input = [...decoder, ...safeInput(CUT_FORMAT), "-i", fileUrl(cut)];
  const outputs = renditions.flatMap((rendition) => [
    ...[
      "-map",
      `[${rendition.name}]`,
      ...encoderArguments(plan, video, rendition, chunk),
      "-force_key_frames",
      idrTimes(video, chunk),
    ],
    ...["-video_track_timescale", String(video.timeline.timescale), ...CMAF, ...CLEAN],
    ...[...bounded, "-f", "mp4", fileUrl(files[rendition.name] as string)],
  ]);
  const device = deviceArguments(renditions[0]?.encoder ?? "");
  return ["-copyts", ...device, ...input, "-filter_complex", filterGraph(video, chunk, renditions), ...outputs];
}

/**
 * Keeps the chunk's frames by time stamp, puts them on the timeline, and scales them to every rung. The NUT muxer refines
 * a coarse time base by a whole factor: the source's is set back before time stamps are compared.
 */
function filterGraph(video: VideoPlan, chunk: Chunk, renditions: VideoRendition[]): string {
  const { timeBase } = video;
  const offset = cutOffsetTicks(timeBase);
  const sourceTime = `settb=${timeBase.num}/${timeBase.den}`;
  const trim = `trim=start_pts=${chunk.startPts + offset}:end_pts=${chunk.endPts + offset}`;
  const common = [sourceTime, trim, ...onTimeline(video, chunk, offset), `split=${renditions.length}`].join(",");
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
 * Times of the chunk's IDR pictures in seconds: its first frame and the start of each group of pictures. Each lies half
 * way between its frame and the one before, so that rounding cannot move it to another.
 */
function idrTimes({ gops, timeline }: VideoPlan, chunk: Chunk): string {
  const tick = frameTicks(timeline);
  const from = chunk.firstFrame - chunk.leadFrames;
  const to = chunk.firstFrame + chunk.frames + chunk.tailFrames;
  const inside = gops.filter((frame) => frame > from && frame < to);
  const times = inside.map((frame) => (tick(frame) + tick(frame - 1)) / 2 / timeline.timescale);
  return [0, ...times].map((time) => time.toFixed(6)).join(",");
}

/**
 * Encodes one audio track from end to end: silence where it starts after the output's zero, cut where it starts before,
 * filled up with silence to the end of the video.
 *
 * The AAC encoder's frame of priming, which `+cmaf` would not signal, is dropped, so that the sound stands where it
 * stood.
 */
export function encodeAudioArguments(plan: Plan, track: AudioTrackPlan, cut: string, target: string): string[] {
  const { num, den } = plan.zero.timeBase;
  const zero = `${CUT_OFFSET_SECONDS}+${plan.zero.pts}*${num}/${den}`;
  const layout = track.channels === 1 ? "mono" : "stereo";
  const filters = [
    `asetpts=PTS-round((${zero})/TB)`,
    `aresample=${track.sampleRate}:async=1:first_pts=0`,
    `aformat=sample_fmts=fltp:sample_rates=${track.sampleRate}:channel_layouts=${layout}`,
    ...(plan.video ? [`apad=whole_dur=${videoEnd(plan.video)}`] : []),
  ];
  const dropPriming = ["-bsf:a", "noise=drop=lt(n\\,1)"];
  return [
    ...[
      "-copyts",
      ...safeInput(track.cutFormat ?? CUT_FORMAT),
      "-i",
      fileUrl(cut),
      "-map",
      "0:0",
      "-af",
      filters.join(","),
    ],
    ...["-c:a", "aac", "-b:a", String(track.bitrate), ...dropPriming],
    ...["-frag_duration", "2000000", ...CMAF, ...CLEAN, "-f", "mp4", fileUrl(target)],
  ];
}

/** Seconds with six decimals. */
function videoEnd({ timeline, frames }: VideoPlan): string {
  return (frameTicks(timeline)(frames) / timeline.timescale).toFixed(6);
}
