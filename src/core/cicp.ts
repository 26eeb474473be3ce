/** Colour and channels as numbers (ISO/IEC 23091-2 and 23091-3: coding-independent code points). */
import type { Colour } from "./media.js";

/** By ffmpeg's names. */
const PRIMARIES: Record<string, number> = {
  bt709: 1,
  bt470m: 4,
  bt470bg: 5,
  smpte170m: 6,
  smpte240m: 7,
  film: 8,
  bt2020: 9,
  smpte428: 10,
  smpte431: 11,
  smpte432: 12,
};

const TRANSFER: Record<string, number> = {
  bt709: 1,
  gamma22: 4,
  bt470m: 4,
  gamma28: 5,
  bt470bg: 5,
  smpte170m: 6,
  smpte240m: 7,
  linear: 8,
  "iec61966-2-4": 11,
  "iec61966-2-1": 13,
  "bt2020-10": 14,
  "bt2020-12": 15,
  smpte2084: 16,
  smpte428: 17,
  "arib-std-b67": 18,
};

const MATRIX: Record<string, number> = {
  gbr: 0,
  bt709: 1,
  fcc: 4,
  bt470bg: 5,
  smpte170m: 6,
  smpte240m: 7,
  ycgco: 8,
  bt2020nc: 9,
  bt2020c: 10,
};

/** What is unknown is absent. */
export interface ColourPoints {
  primaries?: number;
  transfer?: number;
  matrix?: number;
}

/** `colour`: by ffmpeg's names. */
export function colourPoints({ primaries = "", transfer = "", matrix = "" }: Colour): ColourPoints {
  const points = { primaries: PRIMARIES[primaries], transfer: TRANSFER[transfer], matrix: MATRIX[matrix] };
  return Object.fromEntries(Object.entries(points).filter(([, value]) => value !== undefined));
}

/** ISO/IEC 23091-3, table 8: up to six channels the number itself, seven of them 11, eight 12. */
export function channelConfiguration(channels: number): number {
  if (channels === 7) return 11;
  return channels === 8 ? 12 : channels;
}
