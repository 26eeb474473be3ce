/** Reads a fragmented MP4 with one track, as ffmpeg's `-movflags +cmaf` writes it (ISO/IEC 14496-12, 8.8). */

import type { Box } from "./boxes.js";
import { boxAt, boxesIn, FieldReader, findBox, topBoxes, unreadable } from "./boxes.js";

/** What a fragment says of a coded frame. Times are ticks of the track's timescale. */
export interface SampleRow {
  dts: number;
  /** Presentation time less decode time; may be negative. */
  compositionOffset: number;
  duration: number;
  /** True for a sync sample: decoding can start here. */
  keyframe: boolean;
  /** Where its bytes lie in the file. */
  position: number;
  size: number;
}

/** A coded frame. */
export interface Sample extends Omit<SampleRow, "position" | "size"> {
  data: Uint8Array;
}

interface Defaults {
  duration: number;
  size: number;
  flags: number;
}

interface Track extends Defaults {
  id: number;
  timescale: number;
}

/** A track fragment while its runs are read. */
interface FragmentState {
  file: Uint8Array;
  /** Bytes of the whole file, of which `file` may be the beginning. */
  bytes: number;
  defaults: Defaults;
  /** What the runs' data offsets count from. */
  base: number;
  /** Byte after the last sample's data. */
  position: number;
  dts: number;
}

const NON_SYNC = 0x10000;
/** "moof" and "mdat" */
const MOOF = 0x6d6f6f66;
const MDAT = 0x6d646174;

/**
 * Splits a fragmented MP4 into its init segment (everything up to the end of `moov`: `ftyp` and `moov`, unchanged) and
 * the fragments after it. Both are views of the file. MEDIA when there is no `moov` in front of the fragments.
 */
export function splitInit(file: Uint8Array): { init: Uint8Array; rest: Uint8Array } {
  for (const box of topBoxes(file)) {
    if (box.type === "moov") return { init: file.subarray(0, box.end), rest: file.subarray(box.end) };
    if (box.type === "moof" || box.type === "mdat") break;
  }
  throw unreadable("it does not begin with ftyp and moov");
}

/**
 * The beginning of a file that is still being written, up to the end of the last fragment that is there as a whole;
 * undefined while there is none.
 */
export function wholeFragments(file: Uint8Array): Uint8Array | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let end = 0;
  for (let at = 0; at + 8 <= file.length; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > file.length) break;
    const type = view.getUint32(at + 4);
    at += size;
    if (type === MDAT) end = at;
  }
  return end === 0 ? undefined : file.subarray(0, end);
}

/**
 * All samples in decode order, whatever fragments and runs they are in; `data` are views of the file. Boxes beside
 * `moov` and `moof` (sidx, styp, prft, mfra) are passed over. MEDIA when the file is cut off, contradicts itself, has
 * another number of tracks than one, or keeps samples outside of fragments.
 */
export function readSamples(file: Uint8Array): { timescale: number; samples: Sample[] } {
  const track = readTrack(file);
  const rows: SampleRow[] = [];
  for (const box of topBoxes(file)) if (box.type === "moof") readFragment(file, file.length, box, track, rows);
  const samples = rows.map(({ position, size, ...row }) => ({
    ...row,
    data: file.subarray(position, position + size),
  }));
  return { timescale: track.timescale, samples };
}

/**
 * The samples of a segment with one fragment, of which only the first bytes need be there, the whole fragment header
 * among them; undefined when it is not. `bytes`: of the whole segment; `init`: the track's init segment. MEDIA as
 * readSamples.
 */
export function readSegmentRows(init: Uint8Array, head: Uint8Array, bytes: number): SampleRow[] | undefined {
  const track = readTrack(init);
  const rows: SampleRow[] = [];
  const moof = firstFragment(head, bytes);
  if (moof === undefined) return undefined;
  readFragment(head, bytes, moof, track, rows);
  return rows;
}

/** Undefined when it ends behind the bytes that are there. */
function firstFragment(head: Uint8Array, bytes: number): Box | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  for (let at = 0; at + 8 <= head.length; ) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > bytes) throw unreadable(`box at byte ${at} of a segment says ${size} bytes`);
    if (view.getUint32(at + 4) === MOOF) {
      return at + size > head.length ? undefined : findBox(head, { body: at, end: at + size }, "moof");
    }
    at += size;
  }
  return undefined;
}

function readTrack(file: Uint8Array): Track {
  const movie = boxAt(file, { body: 0, end: file.length }, "moov");
  const tracks = [...boxesIn(file, movie)].filter((box) => box.type === "trak");
  const [track] = tracks;
  if (!track || tracks.length > 1) throw unreadable(`it has ${tracks.length} tracks where one is expected`);
  refuseUnfragmented(file, track);
  const header = openTimedHeader(file, boxAt(file, track, "tkhd"));
  const id = header.u32();
  const timescale = openTimedHeader(file, boxAt(file, track, "mdia", "mdhd")).u32();
  if (timescale === 0) throw unreadable("its timescale is 0");
  return { id, timescale, ...readTrackDefaults(file, movie, id) };
}

/** The reader of a box that begins with a creation and a modification time, set behind them. */
function openTimedHeader(file: Uint8Array, box: Box): FieldReader {
  const reader = new FieldReader(file, box);
  reader.skip(reader.versionAndFlags().version === 1 ? 16 : 8);
  return reader;
}

function refuseUnfragmented(file: Uint8Array, track: Box): void {
  const sizes = new FieldReader(file, boxAt(file, track, "mdia", "minf", "stbl", "stsz"));
  sizes.skip(8); // version and flags, common size
  if (sizes.u32() > 0) throw unreadable("it has samples outside of fragments");
}

/** `trex` (ISO/IEC 14496-12, 8.8.3). */
function readTrackDefaults(file: Uint8Array, movie: Box, id: number): Defaults {
  for (const box of boxesIn(file, boxAt(file, movie, "mvex"))) {
    if (box.type !== "trex") continue;
    const reader = new FieldReader(file, box);
    reader.skip(4);
    if (reader.u32() !== id) continue;
    reader.skip(4); // sample description index
    return { duration: reader.u32(), size: reader.u32(), flags: reader.u32() };
  }
  throw unreadable(`it has no "trex" box for track ${id}`);
}

function readFragment(file: Uint8Array, bytes: number, moof: Box, track: Track, rows: SampleRow[]): void {
  let dataEnd = moof.start;
  for (const box of boxesIn(file, moof)) {
    if (box.type !== "traf") continue;
    const state = openTrackFragment(file, bytes, box, track, { moofStart: moof.start, dataEnd });
    const last = rows.at(-1);
    state.dts = readDecodeTime(file, box) ?? (last ? last.dts + last.duration : 0);
    for (const run of boxesIn(file, box)) if (run.type === "trun") readRun(state, run, rows);
    dataEnd = state.position;
  }
}

/** `tfhd` (ISO/IEC 14496-12, 8.8.7). */
function openTrackFragment(
  file: Uint8Array,
  bytes: number,
  traf: Box,
  track: Track,
  origin: { moofStart: number; dataEnd: number },
): FragmentState {
  const reader = new FieldReader(file, boxAt(file, traf, "tfhd"));
  const { flags } = reader.versionAndFlags();
  const id = reader.u32();
  if (id !== track.id) throw unreadable(`a fragment belongs to track ${id} and the only track is ${track.id}`);
  const explicitBase = flags & 0x1 ? reader.u64() : undefined;
  if (flags & 0x2) reader.skip(4); // sample description index
  const defaults = {
    duration: flags & 0x8 ? reader.u32() : track.duration,
    size: flags & 0x10 ? reader.u32() : track.size,
    flags: flags & 0x20 ? reader.u32() : track.flags,
  };
  // default-base-is-moof counts from the moof; without it only the first traf of a moof does
  const base = explicitBase ?? (flags & 0x20000 ? origin.moofStart : origin.dataEnd);
  return { file, bytes, defaults, base, position: base, dts: 0 };
}

/** `tfdt` (ISO/IEC 14496-12, 8.8.12), when there is one. */
function readDecodeTime(file: Uint8Array, traf: Box): number | undefined {
  const box = findBox(file, traf, "tfdt");
  if (!box) return undefined;
  const reader = new FieldReader(file, box);
  return reader.versionAndFlags().version === 1 ? reader.u64() : reader.u32();
}

/** `trun` (ISO/IEC 14496-12, 8.8.8). */
function readRun(state: FragmentState, box: Box, rows: SampleRow[]): void {
  const reader = new FieldReader(state.file, box);
  const { version, flags } = reader.versionAndFlags();
  const count = reader.u32();
  if (flags & 0x1) state.position = state.base + reader.i32();
  const firstFlags = flags & 0x4 ? reader.u32() : undefined;
  for (let index = 0; index < count; index++) {
    const duration = flags & 0x100 ? reader.u32() : state.defaults.duration;
    const size = flags & 0x200 ? reader.u32() : state.defaults.size;
    const ownFlags = flags & 0x400 ? reader.u32() : state.defaults.flags;
    const compositionOffset = flags & 0x800 ? (version === 0 ? reader.u32() : reader.i32()) : 0;
    const sampleFlags = index === 0 && firstFlags !== undefined ? firstFlags : ownFlags;
    const keyframe = (sampleFlags & NON_SYNC) === 0;
    const position = takeData(state, box, size);
    rows.push({ dts: state.dts, compositionOffset, duration, keyframe, position, size });
    state.dts += duration;
  }
}

/** Empty samples are refused, so that a run cannot be longer than its file, whatever count it claims. */
function takeData(state: FragmentState, run: Box, size: number): number {
  const from = state.position;
  const to = from + size;
  if (size === 0 || from < 0 || to > state.bytes) {
    throw unreadable(`the run at byte ${run.start} has a sample of ${size} bytes at byte ${from}, outside of the file`);
  }
  state.position = to;
  return from;
}
