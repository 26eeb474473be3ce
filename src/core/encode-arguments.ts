/** Command lines for ffmpeg that encode what `cutVideoArguments` cuts. */
import { CUT_FORMAT, cutOffsetTicks, fileUrl, safeInput } from "./ffmpeg-arguments.js";
import type { Chunk, Colour, Plan, VideoPlan, VideoRendition } from "./media.js";
import { frameTicks } from "./timeline.js";
import type { VideoTask } from "./video-tasks.js";

/** A file of the output, by the rendition that it holds. */
export type OutputFiles = Record<string, string>;

/** x264's output depends on the number from four on, so it is the same on every machine. */
const ENCODER_THREADS = 2;
const DECODER_THREADS = 2;

/** Fragments with absolute decode times and signed composition offsets, no edit list (ISO/IEC 23000-19, 7.3). */
export const CMAF = ["-movflags", "+cmaf+frag_keyframe+frag_discont"];
export const CLEAN = ["-map_metadata", "-1", "-map_chapters", "-1", "-bitexact"];

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
    ...["-map", `[${rendition.name}]`, ...encoder(plan, video, rendition), "-force_key_frames", idrTimes(video, chunk)],
    ...["-video_track_timescale", String(video.timeline.timescale), ...CMAF, ...CLEAN],
    ...[...bounded, "-f", "mp4", fileUrl(files[rendition.name] as string)],
  ]);
  return ["-copyts", ...input, "-filter_complex", filterGraph(video, chunk, renditions), ...outputs];
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
  const rungs = renditions.map(({ name, width, height }, rung) => {
    const scale = `scale=${width}:${height}:flags=bicubic`;
    return `[in${rung}]${scale},setsar=1,format=yuv420p,${colourTags(video.colour)}[${name}]`;
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

/** What is unknown is said to be unknown, so that the parameter sets follow from the plan alone. */
function colourTags({ primaries, transfer, matrix, range }: Colour): string {
  const tags = [
    `range=${range ?? "unknown"}`,
    `color_primaries=${primaries ?? "unknown"}`,
    `color_trc=${transfer ?? "unknown"}`,
    `colorspace=${matrix ?? "unknown"}`,
  ];
  return `setparams=${tags.join(":")}`;
}

function encoder({ options }: Plan, video: VideoPlan, rendition: VideoRendition): string[] {
  const { timeline, frameRate, constantRate } = video;
  const parameters = [
    // IDR pictures come where they are forced, on every rung alike, and nowhere else
    "keyint=infinite:min-keyint=1:scenecut=0:open-gop=0",
    // parameter sets that do not depend on the chunk, and output that does not depend on the processor
    `stitchable=1:cpu-independent=1:threads=${ENCODER_THREADS}`,
    `fps=${frameRate.num}/${frameRate.den}${constantRate ? ":force-cfr=1" : ""}`,
  ];
  return [
    ...["-c:v", "libx264", "-preset", options.preset, "-crf", String(options.crf), "-forced-idr", "1"],
    ...["-maxrate:v", String(rendition.maxBitrate), "-bufsize:v", String(rendition.bufferBits)],
    ...["-profile:v", "high", "-level:v", (rendition.level / 10).toFixed(1)],
    ...["-x264-params", parameters.join(":"), "-fps_mode", "passthrough", "-enc_time_base", `1/${timeline.timescale}`],
  ];
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
