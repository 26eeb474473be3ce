/**
 * Arguments of each video encoder that make chunks join: IDR pictures where they are forced and nowhere else, parameter
 * sets that follow from the plan alone, and output that depends neither on the machine's cores nor on its load.
 */
import { hardwareArguments, hardwareOf } from "./hardware.js";
import { FULL_AT_START } from "./leaky-bucket.js";
import type { Light, Plan, VideoCodec, VideoPlan, VideoRendition } from "./media.js";
import { type Preset, SPEEDS } from "./video-encoders.js";

/** The output of x264 depends on the number from four on, that of x265 always: so it is the same on every machine. */
const ENCODER_THREADS = 2;
/** VP9's tiles are at least 256 pixels wide; libvpx takes as many as fit. */
const TILE_COLUMNS_LOG2 = 1;
/** No GOP ends by its length. */
const ENDLESS = 100_000_000;

const ENCODERS: Record<VideoCodec, (plan: Plan, video: VideoPlan, rendition: VideoRendition) => string[]> = {
  h264,
  hevc,
  av1,
  vp9,
};

export function encoderArguments(plan: Plan, video: VideoPlan, rendition: VideoRendition): string[] {
  const { encoder, codec } = rendition;
  const timing = ["-fps_mode", "passthrough", "-enc_time_base", encoderTimeBase(video, codec)];
  const isSoftware = hardwareOf(encoder) === undefined;
  const own = isSoftware ? ENCODERS[codec](plan, video, rendition) : hardwareArguments(rendition);
  return ["-c:v", encoder, ...own, ...timing];
}

/** libvpx takes a tick for the length of the first frame, so a tick is a frame where frames are alike. */
function encoderTimeBase({ timeline, constantRate }: VideoPlan, codec: VideoCodec): string {
  const ticks = codec === "vp9" && constantRate ? (timeline.steps[0]?.[0] ?? 1) : 1;
  return `${ticks}/${timeline.timescale}`;
}

/**
 * The share of the cap that the encoder is told. A chunk that needs all of the cap would leave the buffer emptier than it
 * found it, and the next one as well; and the last two hold a cap only on average. Measured on 30 s of film (bbb,
 * 426x240, a cap of about half of what it takes): so chunks of 12 s of x264 and x265 took 92 to 98% of the cap and left
 * the buffer fuller than half; chunks of 6 s took 43 to 96% with SVT-AV1 and 76 to 105% with libvpx.
 */
const HELD: Record<VideoCodec, number> = { h264: 0.95, hevc: 0.95, av1: 0.9, vp9: 0.8 };

function heldRate({ codec, maxBitrate }: VideoRendition): string {
  return String(Math.round(maxBitrate * HELD[codec]));
}

function cap(rendition: VideoRendition): string[] {
  return ["-maxrate:v", heldRate(rendition), "-bufsize:v", String(rendition.bufferBits)];
}

/**
 * How full the encoder's model of the buffer is at the start. Told the least that a chunk may find, x264 was 0.6 dB worse
 * beside a seam where the cap bound for a moment (bbb, 426x240, crf 20); told that it is nearly full, 0.04 dB at most. So
 * the least is for chunks that went beyond the limits when they were told the other.
 */
function bufferAtStart({ fullness = FULL_AT_START }: VideoRendition): string {
  return `vbv-init=${fullness}`;
}

function h264({ options }: Plan, { frameRate, constantRate }: VideoPlan, rendition: VideoRendition): string[] {
  const parameters = [
    "keyint=infinite:min-keyint=1:scenecut=0:open-gop=0",
    // parameter sets that do not depend on the chunk, and output that does not depend on the processor
    `stitchable=1:cpu-independent=1:threads=${ENCODER_THREADS}`,
    `fps=${frameRate.num}/${frameRate.den}${constantRate ? ":force-cfr=1" : ""}`,
    bufferAtStart(rendition),
  ];
  return [
    ...["-preset", options.preset, "-crf", String(rendition.crf), ...cap(rendition), "-forced-idr", "1"],
    ...["-profile:v", "high", "-level:v", (rendition.level / 10).toFixed(1), "-x264-params", parameters.join(":")],
    ...["-a53cc", "0"], // captions are subtitles of their own, and manifests say that there are none in the picture
  ];
}

/** Parameter sets stand in the init segment alone (hvc1); frames are reordered by two at most, as x264's are. */
function hevc({ options }: Plan, { frameRate, light }: VideoPlan, rendition: VideoRendition): string[] {
  const { level, tier, bitDepth } = rendition;
  const parameters = [
    "keyint=-1:min-keyint=1:scenecut=0:open-gop=0",
    "repeat-headers=0:info=0:log-level=error",
    `pools=${ENCODER_THREADS}:frame-threads=${ENCODER_THREADS}`,
    `level-idc=${level}:high-tier=${tier === "high" ? 1 : 0}`,
    `fps=${frameRate.num}/${frameRate.den}`,
    bufferAtStart(rendition),
    ...(rendition.range === "SDR" || light === undefined ? [] : x265Light(light)),
  ];
  return [
    ...["-preset", options.preset, "-crf", String(rendition.crf), ...cap(rendition), "-forced-idr", "1"],
    ...["-profile:v", bitDepth === 10 ? "main10" : "main", "-tag:v", "hvc1", "-x265-params", parameters.join(":")],
  ];
}

/** Supplemental enhancement information (ITU-T H.265, D.2.28 and D.2.35), in the steps that it counts in. */
function x265Light({ mastering, content }: Light): string[] {
  const said: string[] = [];
  if (mastering !== undefined) {
    const { red, green, blue, white, minLuminance, maxLuminance } = mastering;
    const point = ([x, y]: [number, number]) => `(${Math.round(x * 50_000)},${Math.round(y * 50_000)})`;
    const luminance = `(${Math.round(maxLuminance * 10_000)},${Math.round(minLuminance * 10_000)})`;
    said.push(`master-display=G${point(green)}B${point(blue)}R${point(red)}WP${point(white)}L${luminance}`);
  }
  if (content !== undefined) said.push(`max-cll=${content.max},${content.average}`);
  return said;
}

/**
 * SVT-AV1 1.4.1 forces key frames only where it is told to heed them, and only below a length of the GOP. It is told of
 * the cap only when a chunk went beyond it: what it makes of a cap depends on all that came before (2.2 dB at a seam,
 * bbb at crf 20, 426x240), and without one chunks are those of a single process to the bit.
 */
function av1({ options }: Plan, { frameRate }: VideoPlan, rendition: VideoRendition): string[] {
  const parameters = [
    `enable-force-key-frames=1:scd=0:lp=${ENCODER_THREADS}:level=${rendition.level}`,
    `fps-num=${frameRate.num}:fps-denom=${frameRate.den}`,
  ];
  return [
    ...["-preset", String(SPEEDS[options.preset as Preset].svtAv1), "-crf", String(Math.round(rendition.crf))],
    ...(rendition.fullness === undefined ? [] : cap(rendition)),
    ...["-g", String(ENDLESS), "-svtav1-params", parameters.join(":")],
  ];
}

/**
 * Frames of a GOP where all are alike. libvpx makes its golden frames come out even with a key frame that it can foresee
 * (adjust_gfint_frame_constraint in vp9_ratectrl.c), so that each GOP has them in the same places wherever the process
 * began; of forced ones it does not know beforehand. Measured: see VP9_LEAD in chunks.ts.
 */
function evenGop({ gops, frames }: VideoPlan): number | undefined {
  const lengths = gops.map((frame, place) => (gops[place + 1] ?? frames) - frame);
  const last = lengths.pop() ?? 0;
  const [first = last] = lengths;
  return last <= first && lengths.every((length) => length === first) ? first : undefined;
}

/** Percent of the rate: of what a stream may go above and below it, and of a key frame. */
const VP9_RATE = ["-overshoot-pct", "0", "-undershoot-pct", "100", "-max-intra-rate", "300"];

/**
 * libvpx is told of the cap only when a chunk went beyond it, as SVT-AV1: its rate depends on all that came before. Where
 * durations vary it would spend next to nothing on the first frame under a cap (see encoderTimeBase): there it has none.
 */
function vp9({ options }: Plan, video: VideoPlan, rendition: VideoRendition): string[] {
  const { deadline, cpuUsed } = SPEEDS[options.preset as Preset].vp9;
  const capped = video.constantRate && rendition.fullness !== undefined;
  const rate = capped ? ["-b:v", heldRate(rendition), ...VP9_RATE, ...cap(rendition)] : ["-b:v", "0"];
  return [
    ...["-deadline", deadline, "-cpu-used", String(cpuUsed), "-crf", String(Math.round(rendition.crf)), ...rate],
    ...["-g", String(evenGop(video) ?? ENDLESS), "-profile:v", rendition.bitDepth === 10 ? "2" : "0"],
    ...["-threads:v", String(ENCODER_THREADS), "-tile-columns", String(TILE_COLUMNS_LOG2)],
  ];
}
