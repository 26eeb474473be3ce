/** Colour and channels as numbers (ISO/IEC 23091-2 and 23091-3: coding-independent code points). */
import type { Colour, VideoRange } from "./media.js";

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

const HDR: Colour = { primaries: "bt2020", matrix: "bt2020nc" };
const BY_RANGE: Record<Exclude<VideoRange, "SDR">, Colour> = {
  PQ: { ...HDR, transfer: "smpte2084" },
  HLG: { ...HDR, transfer: "arib-std-b67" },
};
const BT709: Colour = { primaries: "bt709", transfer: "bt709", matrix: "bt709" };
const HDR_TRANSFERS = ["smpte2084", "arib-std-b67"];

/** Code points of a rendition; those that are unknown are absent. `colour`: the plan's, by ffmpeg's names. */
export function colourPoints(
  range: VideoRange,
  colour: Colour,
): { primaries?: number; transfer?: number; matrix?: number } {
  const { primaries = "", transfer = "", matrix = "" } = colourOf(range, colour);
  return Object.fromEntries(
    Object.entries({
      primaries: PRIMARIES[primaries],
      transfer: TRANSFER[transfer],
      matrix: MATRIX[matrix],
    }).filter(([, value]) => value !== undefined),
  );
}

/** Ordinary pictures that were made of an HDR source are BT.709. */
function colourOf(range: VideoRange, colour: Colour): Colour {
  if (range !== "SDR") return { ...colour, ...BY_RANGE[range] };
  return HDR_TRANSFERS.includes(colour.transfer ?? "") ? BT709 : colour;
}

/** ISO/IEC 23091-3, table 8: up to six channels the number itself, seven of them 11, eight 12. */
export function channelConfiguration(channels: number): number {
  if (channels === 7) return 11;
  return channels === 8 ? 12 : channels;
}
