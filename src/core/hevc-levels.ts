/** Levels and tiers of HEVC (ITU-T H.265, A.4.1 and A.4.2, tables A.8 and A.9; Main and Main 10 profile). */
import type { LevelRow } from "./levels.js";
import type { Tier } from "./media.js";

/**
 * Level times ten, luma samples a picture and a second; MaxBR and MaxCPB of the main and of the high tier, in units of
 * 1,000 bits. Below level 4 there is no high tier.
 */
type Limits = [number, number, number, [number, number], [number, number]?];

const LIMITS: Limits[] = [
  [10, 36_864, 552_960, [128, 350]],
  [20, 122_880, 3_686_400, [1_500, 1_500]],
  [21, 245_760, 7_372_800, [3_000, 3_000]],
  [30, 552_960, 16_588_800, [6_000, 6_000]],
  [31, 983_040, 33_177_600, [10_000, 10_000]],
  [40, 2_228_224, 66_846_720, [12_000, 12_000], [30_000, 30_000]],
  [41, 2_228_224, 133_693_440, [20_000, 20_000], [50_000, 50_000]],
  [50, 8_912_896, 267_386_880, [25_000, 25_000], [100_000, 100_000]],
  [51, 8_912_896, 534_773_760, [40_000, 40_000], [160_000, 160_000]],
  [52, 8_912_896, 1_069_547_520, [60_000, 60_000], [240_000, 240_000]],
  [60, 35_651_584, 1_069_547_520, [60_000, 60_000], [240_000, 240_000]],
  [61, 35_651_584, 2_139_095_040, [120_000, 120_000], [480_000, 480_000]],
  [62, 35_651_584, 4_278_190_080, [240_000, 240_000], [800_000, 800_000]],
];

const BITS = 1_000;
/** Pictures are coded in whole blocks of the smallest size. */
const SMALLEST_BLOCK = 8;

export const HEVC_LEVELS: LevelRow[] = (["main", "high"] as const).flatMap((tier) =>
  LIMITS.flatMap((limits) => row(tier, limits)),
);

function row(tier: Tier, [level, picture, perSecond, main, high]: Limits): LevelRow[] {
  const bits = tier === "main" ? main : high;
  if (bits === undefined) return [];
  const [bitrate, buffer] = bits;
  const allows: LevelRow["allows"] = ({ width, height, framesPerSecond, maxBitrate, bufferBits }) => {
    const sides = [width, height].map((side) => SMALLEST_BLOCK * Math.ceil(side / SMALLEST_BLOCK)) as [number, number];
    const samples = sides[0] * sides[1];
    return (
      samples <= picture &&
      Math.max(...sides) <= Math.sqrt(8 * picture) &&
      samples * framesPerSecond <= perSecond &&
      maxBitrate <= bitrate * BITS &&
      bufferBits <= buffer * BITS
    );
  };
  return [{ level, tier, allows }];
}
