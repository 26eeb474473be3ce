/** Which renditions a source gets. */
import { videoRange } from "./colour.js";
import { ReelmeshError } from "./errors.js";
import { levelOf } from "./levels.js";
import type { Rational, VideoCodec, VideoRendition } from "./media.js";
import { ratio } from "./rational.js";
import type { SourceVideo } from "./source.js";
import { bitsOf, crfOf, encoderOf } from "./video-encoders.js";
import type { JobOptions } from "./work.js";

const STANDARD_HEIGHTS = [1080, 720, 480, 360, 240];
/** The source's own height is a rung of its own unless a standard one reaches this much of it. */
const NEAR_ENOUGH = 0.9;
const SMALLEST_SIDE = 16;
/** SVT-AV1 takes no smaller ones. */
const SMALLEST_AV1_SIDE = 64;
const MOST_RUNGS = 10;

/** The cap of a 1920x1080 rendition at up to 30 frames a second; others follow from their pixels and their rate. */
const FULL_HD = { pixels: 1920 * 1080, bitrate: 6_000_000, framesPerSecond: 30 };
/** Small pictures need more bits a pixel: the cap grows with this power of the pixels. */
const PIXELS_POWER = 0.75;
/** Twice the frames need less than twice the bits. */
const RATE_POWER = 0.5;

/** Size in square pixels as a player shows it, rotation applied; not rounded. */
export function displaySize({ width, height, sampleAspect, rotation }: SourceVideo): { width: number; height: number } {
  const shown = { width: width * ratio(sampleAspect), height };
  return rotation === 90 || rotation === 270 ? { width: shown.height, height: shown.width } : shown;
}

/**
 * Heights of the renditions, tallest first: the standard heights up to the source's, and the source's own where no
 * standard one comes near it. Nothing is ever larger than the source.
 */
export function defaultLadder(sourceHeight: number): number[] {
  const standard = STANDARD_HEIGHTS.filter((height) => height <= sourceHeight);
  const hasNear = (standard[0] ?? 0) >= sourceHeight * NEAR_ENOUGH;
  return hasNear ? standard : [Math.max(SMALLEST_SIDE, evenFloor(sourceHeight)), ...standard];
}

/** INVALID_INPUT when heights that were asked for are odd, too small, twice there, too many or above the source's. */
export function checkLadder(heights: number[], sourceHeight = Number.POSITIVE_INFINITY): void {
  const refuse = (wrong: number[], reason: string) => {
    if (wrong.length > 0) throw new ReelmeshError("INVALID_INPUT", `ladder ${heights.join(",")}: ${reason}`);
  };
  const list = (wrong: number[]) => wrong.join(" and ");
  const odd = heights.filter((height) => !Number.isInteger(height) || height % 2 !== 0 || height < SMALLEST_SIDE);
  refuse(odd, `${list(odd)} will not do, use even heights from ${SMALLEST_SIDE} pixels`);
  const repeated = heights.filter((height, index) => heights.indexOf(height) !== index);
  refuse(repeated, `${list(repeated)} is there twice, give each height once`);
  refuse(heights.slice(MOST_RUNGS), `${heights.length} heights are too many, give at most ${MOST_RUNGS}`);
  const above = heights.filter((height) => height > sourceHeight);
  const highest = Math.floor(sourceHeight);
  refuse(above, `${list(above)} would enlarge the source, which is ${highest} pixels high; leave out what is above`);
}

/**
 * The renditions for the heights asked for, or the default ones where none were, in each of the codecs. INVALID_INPUT as
 * checkLadder, and where a codec does not hold a picture.
 */
export function buildLadder(
  source: SourceVideo,
  options: Pick<JobOptions, "ladder" | "codecs" | "crf" | "hardware">,
  frameRate: Rational,
): VideoRendition[] {
  const { ladder, codecs } = options;
  const shown = displaySize(source);
  checkLadder(ladder, shown.height);
  const heights = ladder.length > 0 ? ladder.toSorted((a, b) => b - a) : defaultLadder(shown.height);
  const chosen = codecs.length > 0 ? (codecs as VideoCodec[]) : (["h264"] as const);
  const sizes = heights.map((height) => ({ ...sizeOf(shown, height), framesPerSecond: ratio(frameRate) }));
  return chosen.flatMap((codec, place) =>
    sizes.map((size) => {
      const name = place === 0 ? `${size.height}p` : `${size.height}p-${codec}`;
      return { name, ...rendition(codec, size, source, options) };
    }),
  );
}

function sizeOf(shown: { width: number; height: number }, height: number): { width: number; height: number } {
  const scaled = 2 * Math.round((shown.width * height) / shown.height / 2);
  return { width: Math.max(SMALLEST_SIDE, Math.min(scaled, evenFloor(shown.width))), height };
}

/** H.264 is what every player decodes, so it has 8 bits and SDR, whatever the source has. */
function rendition(
  codec: VideoCodec,
  size: { width: number; height: number; framesPerSecond: number },
  source: SourceVideo,
  { crf, hardware }: Pick<JobOptions, "crf" | "hardware">,
): Omit<VideoRendition, "name"> {
  const { width, height, framesPerSecond } = size;
  const side = Math.min(width, height);
  if (codec === "av1" && side < SMALLEST_AV1_SIDE) {
    const advice = `AV1 begins at ${SMALLEST_AV1_SIDE} pixels a side, choose another ladder or codec`;
    throw new ReelmeshError("INVALID_INPUT", `a rung would have ${width}x${height} pixels: ${advice}`);
  }
  const range = codec === "h264" ? "SDR" : videoRange(source.colour);
  const maxBitrate = bitrateCap(width * height, framesPerSecond, bitsOf(codec));
  const bits = { maxBitrate, bufferBits: 2 * maxBitrate };
  return {
    codec,
    width,
    height,
    encoder: encoderOf(codec, hardware),
    ...levelOf(codec, { ...size, ...bits }),
    bitDepth: range === "SDR" ? 8 : 10,
    range,
    crf: crfOf(codec, crf),
    ...bits,
  };
}

/** Bits a second, to the next whole 1,000. */
function bitrateCap(pixels: number, framesPerSecond: number, share: number): number {
  const forPixels = FULL_HD.bitrate * (pixels / FULL_HD.pixels) ** PIXELS_POWER;
  const forRate = Math.max(1, framesPerSecond / FULL_HD.framesPerSecond) ** RATE_POWER;
  return 1000 * Math.ceil((forPixels * forRate * share) / 1000);
}

function evenFloor(pixels: number): number {
  return 2 * Math.floor(pixels / 2);
}
