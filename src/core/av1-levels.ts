/** Levels and tiers of AV1 (AV1 Bitstream & Decoding Process Specification, A.3; Main profile). */
import type { LevelRow } from "./levels.js";
import type { Tier } from "./media.js";

/**
 * Level times ten; luma samples a picture, of a row and of a column; shown luma samples a second; frame headers a second;
 * millions of bits a second of the main and of the high tier. Below level 4 there is no high tier.
 */
type Limits = [number, number, number, number, number, number, number, number?];

const LIMITS: Limits[] = [
  [20, 147_456, 2048, 1152, 4_423_680, 150, 1.5],
  [21, 278_784, 2816, 1584, 8_363_520, 150, 3],
  [30, 665_856, 4352, 2448, 19_975_680, 150, 6],
  [31, 1_065_024, 5504, 3096, 31_950_720, 150, 10],
  [40, 2_359_296, 6144, 3456, 70_778_880, 300, 12, 30],
  [41, 2_359_296, 6144, 3456, 141_557_760, 300, 20, 50],
  [50, 8_912_896, 8192, 4352, 267_386_880, 300, 30, 100],
  [51, 8_912_896, 8192, 4352, 534_773_760, 300, 40, 160],
  [52, 8_912_896, 8192, 4352, 1_069_547_520, 300, 60, 240],
  [60, 35_651_584, 16_384, 8704, 1_069_547_520, 300, 60, 240],
  [61, 35_651_584, 16_384, 8704, 2_139_095_040, 300, 100, 480],
  [62, 35_651_584, 16_384, 8704, 4_278_190_080, 300, 160, 800],
];

const MEGABIT = 1_000_000;

export const AV1_LEVELS: LevelRow[] = (["main", "high"] as const).flatMap((tier) =>
  LIMITS.flatMap((limits) => row(tier, limits)),
);

/** The decoder's buffer holds one second of the level's bit rate (A.3, and E.3.1). */
function row(tier: Tier, [level, picture, across, down, perSecond, headers, main, high]: Limits): LevelRow[] {
  const megabits = tier === "main" ? main : high;
  if (megabits === undefined) return [];
  const allows: LevelRow["allows"] = ({ width, height, framesPerSecond, maxBitrate, bufferBits }) =>
    width * height <= picture &&
    width <= across &&
    height <= down &&
    width * height * framesPerSecond <= perSecond &&
    framesPerSecond <= headers &&
    Math.max(maxBitrate, bufferBits) <= megabits * MEGABIT;
  return [{ level, tier, allows }];
}
