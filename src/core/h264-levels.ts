/** Levels of H.264 (ITU-T H.264, A.3.1, tables; High profile). */
import type { LevelRow } from "./levels.js";

/** Level times ten, macroblocks a second, macroblocks; MaxBR and MaxCPB in units of 1,250 bits, those of High. */
const ROWS: [number, number, number, number, number][] = [
  [10, 1_485, 99, 64, 175],
  [11, 3_000, 396, 192, 500],
  [12, 6_000, 396, 384, 1_000],
  [13, 11_880, 396, 768, 2_000],
  [20, 11_880, 396, 2_000, 2_000],
  [21, 19_800, 792, 4_000, 4_000],
  [22, 20_250, 1_620, 4_000, 4_000],
  [30, 40_500, 1_620, 10_000, 10_000],
  [31, 108_000, 3_600, 14_000, 14_000],
  [32, 216_000, 5_120, 20_000, 20_000],
  [40, 245_760, 8_192, 20_000, 25_000],
  [41, 245_760, 8_192, 50_000, 62_500],
  [42, 522_240, 8_704, 50_000, 62_500],
  [50, 589_824, 22_080, 135_000, 135_000],
  [51, 983_040, 36_864, 240_000, 240_000],
  [52, 2_073_600, 36_864, 240_000, 240_000],
  [60, 4_177_920, 139_264, 240_000, 240_000],
  [61, 8_355_840, 139_264, 480_000, 480_000],
  [62, 16_711_680, 139_264, 800_000, 800_000],
];

const HIGH_PROFILE_BITS = 1_250;

export const H264_LEVELS: LevelRow[] = ROWS.map(([level, perSecond, macroblocks, bitrate, buffer]) => ({
  level,
  tier: "main",
  allows({ width, height, framesPerSecond, maxBitrate, bufferBits }) {
    const [columns, rows] = [Math.ceil(width / 16), Math.ceil(height / 16)];
    return (
      columns * rows <= macroblocks &&
      Math.max(columns, rows) <= Math.sqrt(8 * macroblocks) &&
      columns * rows * framesPerSecond <= perSecond &&
      maxBitrate <= bitrate * HIGH_PROFILE_BITS &&
      bufferBits <= buffer * HIGH_PROFILE_BITS
    );
  },
}));
