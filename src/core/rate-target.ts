/** From a bit rate or a size that was asked for to one quality for the whole film, by what samples of it take. */
import { levelOf } from "./levels.js";
import type { Plan, VideoPlan, VideoRendition } from "./media.js";
import { ratio } from "./rational.js";
import { secondsOfFrames } from "./timeline.js";
import { crfOf } from "./video-encoders.js";

/** The cap above the average that was asked for: films have busy and quiet parts. */
const PEAK = 1.5;
/** x264's quality: a step of six takes about half of the bits (its quantiser doubles). */
const STEPS_A_HALVING = 6;
const QUALITY = { least: 1, most: 51 };
/** A next guess goes no further from what was measured. */
const LONGEST_STEP = 12;

/** What samples took at a quality: x264's crf, bits a second. */
export interface Measured {
  crf: number;
  rate: number;
}

/** Bits a second that the tallest rendition of the first codec should take; undefined where nothing was asked for. */
export function targetBitrate({ options, video, audio }: Plan): number | undefined {
  if (video === null) return undefined;
  if (options.bitrate > 0) return options.bitrate;
  if (options.size === 0) return undefined;
  const seconds = secondsOfFrames(video.timeline, 0, video.frames);
  return Math.max(1, (options.size * 8) / seconds - (audio[0]?.bitrate ?? 0));
}

/** The plan with caps that let the tallest rendition have the rate, and the others as much more or less. */
export function withCapsFor(plan: Plan, target: number): Plan {
  const tallest = plan.video?.renditions[0];
  if (plan.video === null || tallest === undefined) return plan;
  const factor = (PEAK * target) / tallest.maxBitrate;
  return withRenditions(plan, (rendition) => capped(plan.video as VideoPlan, rendition, factor));
}

function capped({ frameRate }: VideoPlan, rendition: VideoRendition, factor: number): VideoRendition {
  const maxBitrate = 1000 * Math.ceil((rendition.maxBitrate * factor) / 1000);
  const bits = { maxBitrate, bufferBits: 2 * maxBitrate };
  const { codec, width, height } = rendition;
  const level = levelOf(codec, { width, height, framesPerSecond: ratio(frameRate), ...bits });
  return { ...rendition, ...bits, ...level };
}

/** The plan with every rendition at what looks like x264's `crf`. */
export function withQuality(plan: Plan, crf: number): Plan {
  return withRenditions(plan, (rendition) => ({ ...rendition, crf: crfOf(rendition.codec, crf) }));
}

function withRenditions(plan: Plan, change: (rendition: VideoRendition) => VideoRendition): Plan {
  if (plan.video === null) return plan;
  return { ...plan, video: { ...plan.video, renditions: plan.video.renditions.map(change) } };
}

/**
 * The quality to measure next, to a tenth: from one measurement by the usual slope, from more by the line through the two
 * nearest to the target, rates taken as logarithms.
 */
export function nextQuality(measured: Measured[], target: number): number {
  const distance = ({ rate }: Measured) => Math.abs(Math.log2(rate / target));
  const [nearest, other] = measured.toSorted((a, b) => distance(a) - distance(b));
  if (nearest === undefined) throw new RangeError("nothing was measured");
  const step = Math.log2(nearest.rate / target) * slope(nearest, other);
  const crf = nearest.crf + Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, step));
  return Math.round(10 * Math.max(QUALITY.least, Math.min(QUALITY.most, crf))) / 10;
}

/** Steps of quality that halve the rate; the usual ones where two measurements say nothing of it. */
function slope(one: Measured, other: Measured | undefined): number {
  if (other === undefined) return STEPS_A_HALVING;
  const halvings = Math.log2(one.rate / other.rate);
  const steps = (other.crf - one.crf) / halvings;
  return Number.isFinite(steps) && steps > 0.5 ? steps : STEPS_A_HALVING;
}
