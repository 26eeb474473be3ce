/**
 * A plain MP4 made of the same samples as CMAF segments: `ftyp`, `moov`, one `mdat` (ISO/IEC 14496-12, 6.2.3). The boxes
 * that describe a track are those of its init segment; only the tables and the durations are made anew.
 */
import {
  type Box,
  boxAt,
  boxesIn,
  concatenate,
  FieldReader,
  findBox,
  fourCharacters,
  highAndLow,
  makeBox,
  words,
} from "./boxes.js";
import type { SampleTable } from "./sample-table.js";

const MOVIE_TIMESCALE = 1000;
const FILE_TYPE = makeBox("ftyp", [
  fourCharacters("isom"),
  words(0x200),
  ...["isom", "iso2", "mp41"].map(fourCharacters),
]);
/** Size field 1: the length stands behind it in 64 bits. */
const MEDIA_HEADER_BYTES = 16;
const UNITY = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000];

export interface ProgressiveTrack {
  init: Uint8Array;
  table: SampleTable;
}

export interface ProgressiveFile {
  /** Everything in front of the samples. */
  head: Uint8Array;
  /** Of the whole file. */
  bytes: number;
  /** What follows the head: chunk `chunk` of track `track`, from 0, in this order. */
  chunks: { track: number; chunk: number }[];
}

/** The tracks' chunks take turns, the first track's first: one chunk lasts as long as a segment. */
export function layOutProgressive(tracks: ProgressiveTrack[]): ProgressiveFile {
  const chunks: ProgressiveFile["chunks"] = [];
  const most = Math.max(...tracks.map(({ table }) => table.chunks));
  for (let chunk = 0; chunk < most; chunk++) {
    for (const [track, { table }] of tracks.entries()) if (chunk < table.chunks) chunks.push({ track, chunk });
  }
  // positions are as wide whatever they are, so the length of moov is known before them
  const before = FILE_TYPE.length + writeMovie(tracks, positionsOf(tracks, chunks, 0)).length + MEDIA_HEADER_BYTES;
  const movie = writeMovie(tracks, positionsOf(tracks, chunks, before));
  const dataBytes = tracks.reduce((sum, { table }) => sum + table.bytes, 0);
  const media = concatenate([words(1), fourCharacters("mdat"), words(...highAndLow(dataBytes + MEDIA_HEADER_BYTES))]);
  return { head: concatenate([FILE_TYPE, movie, media]), bytes: before + dataBytes, chunks };
}

function positionsOf(tracks: ProgressiveTrack[], chunks: ProgressiveFile["chunks"], from: number): number[][] {
  const positions: number[][] = tracks.map(() => []);
  let at = from;
  for (const { track, chunk } of chunks) {
    positions[track]?.push(at);
    at += (tracks[track] as ProgressiveTrack).table.chunkBytes(chunk);
  }
  return positions;
}

function writeMovie(tracks: ProgressiveTrack[], positions: number[][]): Uint8Array {
  const parts = tracks.map((track, place) => writeTrack(track, place + 1, positions[place] ?? []));
  const duration = Math.max(...parts.map((part) => part.duration));
  const header = makeBox("mvhd", [
    words(0x01000000, 0, 0, 0, 0, MOVIE_TIMESCALE, ...highAndLow(duration), 0x10000, 0x01000000, 0, 0),
    words(...UNITY, 0, 0, 0, 0, 0, 0, tracks.length + 1),
  ]);
  return makeBox("moov", [header, ...parts.map(({ box }) => box)]);
}

/** `duration`: of what is presented, in ticks of the movie. */
function writeTrack({ init, table }: ProgressiveTrack, id: number, positions: number[]) {
  const track = boxAt(init, { body: 0, end: init.length }, "moov", "trak");
  const media = boxAt(init, track, "mdia");
  const { timescale, language } = mediaHeader(init, boxAt(init, media, "mdhd"));
  const skipped = editStart(init, track);
  const duration = Math.round(((table.end - skipped) * MOVIE_TIMESCALE) / timescale);
  const edit = makeBox("edts", [makeBox("elst", [words(0x01000000, 1, ...highAndLow(duration), 0, skipped, 0x10000)])]);
  const mdhd = makeBox("mdhd", [
    words(0x01000000, 0, 0, 0, 0, timescale, ...highAndLow(table.duration), language << 16),
  ]);
  const information = boxAt(init, media, "minf");
  const stsd = whole(init, boxAt(init, information, "stbl", "stsd"));
  const kept = [...boxesIn(init, information)].filter(({ type }) => type !== "stbl").map((box) => whole(init, box));
  const minf = makeBox("minf", [...kept, table.write(stsd, positions)]);
  const mdia = makeBox("mdia", [mdhd, whole(init, boxAt(init, media, "hdlr")), minf]);
  return { box: makeBox("trak", [trackHeader(init, track, id, duration), edit, mdia]), duration };
}

function whole(init: Uint8Array, { start, end }: Box): Uint8Array {
  return init.subarray(start, end);
}

/** Version 1 of the track's own header with another id and the duration; enabled, in the movie. */
function trackHeader(init: Uint8Array, track: Box, id: number, duration: number): Uint8Array {
  const box = boxAt(init, track, "tkhd");
  const rest = init.subarray(box.end - 60, box.end); // layer, group, volume, matrix, width, height
  return makeBox("tkhd", [
    words(0x01000003, 0, 0, 0, 0, id, 0, ...highAndLow(duration)),
    concatenate([words(0, 0), rest.subarray(8)]),
  ]);
}

function mediaHeader(init: Uint8Array, box: Box): { timescale: number; language: number } {
  const reader = new FieldReader(init, box);
  const isLong = reader.versionAndFlags().version === 1;
  reader.skip(isLong ? 16 : 8);
  const timescale = reader.u32();
  reader.skip(isLong ? 8 : 4);
  return { timescale, language: (reader.u8() << 8) | reader.u8() };
}

/** Ticks that the init segment's edit list takes off the start; 0 without one. */
function editStart(init: Uint8Array, track: Box): number {
  const edits = findBox(init, track, "edts");
  const list = edits && findBox(init, edits, "elst");
  if (list === undefined) return 0;
  const reader = new FieldReader(init, list);
  const isLong = reader.versionAndFlags().version === 1;
  if (reader.u32() === 0) return 0;
  reader.skip(isLong ? 8 : 4);
  return isLong ? reader.u64() : reader.u32();
}
