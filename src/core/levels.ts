/** The lowest level, and the tier, that a stream of each codec fits in. */
import { AV1_LEVELS } from "./av1-levels.js";
import { ReelmeshError } from "./errors.js";
import { H264_LEVELS } from "./h264-levels.js";
import { HEVC_LEVELS } from "./hevc-levels.js";
import type { Tier, VideoCodec } from "./media.js";
import { VP9_LEVELS } from "./vp9-levels.js";

export interface StreamSize {
  width: number;
  height: number;
  framesPerSecond: number;
  /** Bits a second and bits. */
  maxBitrate: number;
  bufferBits: number;
}

/** A row of a codec's table: its level times ten, and whether a stream keeps within its limits. */
export interface LevelRow {
  level: number;
  tier: Tier;
  allows(stream: StreamSize): boolean;
}

const TABLES: Record<VideoCodec, { name: string; rows: LevelRow[] }> = {
  h264: { name: "H.264", rows: H264_LEVELS },
  hevc: { name: "HEVC", rows: HEVC_LEVELS },
  av1: { name: "AV1", rows: AV1_LEVELS },
  vp9: { name: "VP9", rows: VP9_LEVELS },
};

/**
 * Level times ten. The high tier, which few players decode, only where no level of the main one has room for the bits.
 * INVALID_INPUT when no level allows the size.
 */
export function levelOf(codec: VideoCodec, stream: StreamSize): { level: number; tier: Tier } {
  const { name, rows } = TABLES[codec];
  const fits = rows.find((row) => row.allows(stream));
  if (fits) return { level: fits.level, tier: fits.tier };
  const { width, height, framesPerSecond, maxBitrate } = stream;
  const rate = Math.round(framesPerSecond * 100) / 100;
  const asked = `${width}x${height} at ${rate} frames and up to ${maxBitrate} bits a second`;
  throw new ReelmeshError("INVALID_INPUT", `no ${name} level allows ${asked}: choose a lower ladder`);
}
