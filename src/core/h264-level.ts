/** The lowest H.264 level that a stream fits in (ITU-T H.264, A.3.1, tables; High profile). */
import { ReelmeshError } from "./errors.js";

interface Limits {
  level: number;
  macroblocksPerSecond: number;
  macroblocks: number;
  /** MaxBR and MaxCPB in units of 1,250 bits, which is what the High profile counts in. */
  bitrate: number;
  buffer: number;
}

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

const LEVELS: Limits[] = ROWS.map(([level, macroblocksPerSecond, macroblocks, bitrate, buffer]) => {
  return { level, macroblocksPerSecond, macroblocks, bitrate, buffer };
});

const HIGH_PROFILE_BITS = 1_250;

export interface StreamSize {
  width: number;
  height: number;
  framesPerSecond: number;
  /** Bits a second and bits. */
  maxBitrate: number;
  bufferBits: number;
}

/** Level times ten. INVALID_INPUT when no level allows the size. */
export function h264Level({ width, height, framesPerSecond, maxBitrate, bufferBits }: StreamSize): number {
  const columns = Math.ceil(width / 16);
  const rows = Math.ceil(height / 16);
  const macroblocks = columns * rows;
  const fits = LEVELS.find(
    (limits) =>
      macroblocks <= limits.macroblocks &&
      Math.max(columns, rows) <= Math.sqrt(8 * limits.macroblocks) &&
      macroblocks * framesPerSecond <= limits.macroblocksPerSecond &&
      maxBitrate <= limits.bitrate * HIGH_PROFILE_BITS &&
      bufferBits <= limits.buffer * HIGH_PROFILE_BITS,
  );
  if (fits) return fits.level;
  const rate = Math.round(framesPerSecond * 100) / 100;
  const message = `no H.264 level allows ${width}x${height} at ${rate} frames a second: choose a lower ladder`;
  throw new ReelmeshError("INVALID_INPUT", message);
}
