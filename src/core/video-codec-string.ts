/** Names of video codecs with their profile, tier and level, as they stand in the configuration box (RFC 6381, 3). */
import { type Box, boxAt, FieldReader, findBox } from "./boxes.js";
import { entryBoxes } from "./init-segment.js";

/** How the name of a sample entry's codec is read from it; an entry that is not here is none of video that we know. */
export const VIDEO_ENTRIES: Record<string, (init: Uint8Array, entry: Box) => string> = {
  avc1: avc,
  avc3: avc,
  hvc1: hevc,
  hev1: hevc,
  av01: av1,
  vp09: vp9,
};

/** Profile, constraints and level as they stand in `avcC` (ISO/IEC 14496-15, 5.3.3.1). */
function avc(init: Uint8Array, entry: Box): string {
  const reader = configuration(init, entry, "avcC");
  reader.skip(1);
  return `${entry.type}.${[reader.u8(), reader.u8(), reader.u8()].map(hexByte).join("")}`;
}

/** ISO/IEC 14496-15, E.3: the compatibility flags are written from the last bit to the first. */
function hevc(init: Uint8Array, entry: Box): string {
  const reader = configuration(init, entry, "hvcC");
  reader.skip(1);
  const profile = reader.u8();
  const compatibility = reversedBits(reader.u32()).toString(16);
  const constraints = Array.from({ length: 6 }, () => reader.u8());
  while (constraints.at(-1) === 0) constraints.pop();
  const space = ["", "A", "B", "C"][profile >> 6];
  const tier = profile & 0x20 ? "H" : "L";
  const parts = [`${space}${profile & 0x1f}`, compatibility, `${tier}${reader.u8()}`];
  return [entry.type, ...parts, ...constraints.map((byte) => byte.toString(16))].join(".");
}

/** AV1-ISOBMFF, 5: what follows the bit depth may be left out where the picture is 4:2:0 and BT.709. */
function av1(init: Uint8Array, entry: Box): string {
  const reader = configuration(init, entry, "av1C");
  reader.skip(1);
  const profileAndLevel = reader.u8();
  const flags = reader.u8();
  const level = `${twoDigits(profileAndLevel & 0x1f)}${flags & 0x80 ? "H" : "M"}`;
  const depth = flags & 0x40 ? (flags & 0x20 ? 12 : 10) : 8;
  const short = [entry.type, profileAndLevel >> 5, level, twoDigits(depth)];
  const colour = colourOf(init, entry);
  const isPlain = colour === undefined || colour.slice(0, 3).every((value) => value <= 2);
  if (isPlain) return short.join(".");
  const subsampling = `${(flags >> 3) & 1}${(flags >> 2) & 1}${flags & 3}`;
  return [...short, (flags >> 4) & 1, subsampling, ...colour.slice(0, 3).map(twoDigits), colour[3]].join(".");
}

/** VP9-ISOBMFF, codecs parameter: without what follows the bit depth it would say BT.709, and where chroma is. */
function vp9(init: Uint8Array, entry: Box): string {
  const reader = configuration(init, entry, "vpcC");
  reader.skip(4);
  const [profile, level, format] = [reader.u8(), reader.u8(), reader.u8()];
  const colour = [reader.u8(), reader.u8(), reader.u8()];
  const short = [entry.type, ...[profile, level, format >> 4].map(twoDigits)];
  const chroma = (format >> 1) & 7;
  return [...short, ...[chroma, ...colour, format & 1].map(twoDigits)].join(".");
}

function configuration(init: Uint8Array, entry: Box, type: string): FieldReader {
  return new FieldReader(init, boxAt(init, entryBoxes(entry), type));
}

/** Primaries, transfer, matrix and full range of `colr` (ISO/IEC 14496-12, 12.1.5); undefined: it does not say. */
function colourOf(init: Uint8Array, entry: Box): number[] | undefined {
  const box = findBox(init, entryBoxes(entry), "colr");
  if (box === undefined) return undefined;
  const reader = new FieldReader(init, box);
  reader.skip(4); // "nclx"
  const fields = Array.from({ length: 3 }, () => reader.u8() * 256 + reader.u8());
  return [...fields, reader.u8() >> 7];
}

function reversedBits(word: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) if ((word >>> bit) & 1) reversed += 2 ** (31 - bit);
  return reversed;
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
