/** Levels of VP9 (VP9 Levels, webmproject.org/vp9/levels; the last four buffers as in libvpx, the page has none). */
import type { LevelRow } from "./levels.js";

/** Level times ten; luma samples a second and a picture; the longer side; bit rate and buffer in 1,000 bits. */
const LIMITS: [number, number, number, number, number, number][] = [
  [10, 829_440, 36_864, 512, 200, 400],
  [11, 2_764_800, 73_728, 768, 800, 1_000],
  [20, 4_608_000, 122_880, 960, 1_800, 1_500],
  [21, 9_216_000, 245_760, 1344, 3_600, 2_800],
  [30, 20_736_000, 552_960, 2048, 7_200, 6_000],
  [31, 36_864_000, 983_040, 2752, 12_000, 10_000],
  [40, 83_558_400, 2_228_224, 4160, 18_000, 16_000],
  [41, 160_432_128, 2_228_224, 4160, 30_000, 18_000],
  [50, 311_951_360, 8_912_896, 8384, 60_000, 36_000],
  [51, 588_251_136, 8_912_896, 8384, 120_000, 46_000],
  [52, 1_176_502_272, 8_912_896, 8384, 180_000, 90_000],
  [60, 1_176_502_272, 35_651_584, 16_832, 180_000, 90_000],
  [61, 2_353_004_544, 35_651_584, 16_832, 240_000, 180_000],
  [62, 4_706_009_088, 35_651_584, 16_832, 480_000, 360_000],
];

const BITS = 1_000;

export const VP9_LEVELS: LevelRow[] = LIMITS.map(([level, perSecond, picture, side, bitrate, buffer]) => ({
  level,
  tier: "main",
  allows: ({ width, height, framesPerSecond, maxBitrate, bufferBits }) =>
    width * height <= picture &&
    Math.max(width, height) <= side &&
    width * height * framesPerSecond <= perSecond &&
    maxBitrate <= bitrate * BITS &&
    bufferBits <= buffer * BITS,
}));
