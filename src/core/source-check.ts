/** Tells a container by its first bytes, so that no demuxer is ever chosen by a file's name or by guessing. */
import { ReelmeshError } from "./errors.js";

interface Magic {
  demuxer: string;
  matches(head: Uint8Array): boolean;
}

/** First bytes that tell every kind that is known. */
export const SNIFF_BYTES = 4096;

const MPEG_TS_SYNC = 0x47;
/** Boxes that a QuickTime or MP4 file begins with (ISO/IEC 14496-12, 4.3; QuickTime File Format, "Movie files"). */
const MOV_BOXES = ["ftyp", "styp", "moov", "mdat", "free", "skip", "wide", "pnot"];

const MAGIC: Magic[] = [
  { demuxer: "mov", matches: (head) => MOV_BOXES.includes(text(head, 4, 4)) },
  { demuxer: "matroska", matches: (head) => bytes(head, 0x1a, 0x45, 0xdf, 0xa3) },
  { demuxer: "mpegts", matches: (head) => isTransportStream(head, 0, 188) || isTransportStream(head, 4, 192) },
  { demuxer: "mpeg", matches: (head) => bytes(head, 0, 0, 1, 0xba) },
  { demuxer: "avi", matches: (head) => text(head, 0, 4) === "RIFF" && text(head, 8, 4) === "AVI " },
  { demuxer: "wav", matches: (head) => /^(RIFF|RF64)$/.test(text(head, 0, 4)) && text(head, 8, 4) === "WAVE" },
  { demuxer: "flv", matches: (head) => text(head, 0, 3) === "FLV" },
  { demuxer: "ogg", matches: (head) => text(head, 0, 4) === "OggS" },
  { demuxer: "flac", matches: (head) => text(head, 0, 4) === "fLaC" },
  { demuxer: "mxf", matches: (head) => bytes(head, 0x06, 0x0e, 0x2b, 0x34, 0x02, 0x05, 0x01, 0x01, 0x0d, 0x01, 0x02) },
  { demuxer: "mp3", matches: (head) => text(head, 0, 3) === "ID3" || isMpegAudio(head, [1, 2, 3]) },
  { demuxer: "aac", matches: (head) => isMpegAudio(head, [0]) },
];

const KINDS = "MP4, MOV, MKV, WebM, MPEG-TS, MPEG-PS, AVI, FLV, Ogg, MXF, WAV, FLAC, MP3 or AAC";

/**
 * ffmpeg's name of the demuxer for a file with these first bytes (SNIFF_BYTES of them, or all that it has).
 * INVALID_INPUT when the file is empty, text (a playlist or a list of files in disguise among them) or unknown.
 */
export function sniff(head: Uint8Array, fileName = "the source"): string {
  if (head.length === 0) throw refusal(fileName, "is empty: its upload or its recording did not finish");
  const magic = MAGIC.find(({ matches }) => matches(head));
  if (magic) return magic.demuxer;
  throw refusal(fileName, `${otherKind(head)}: give ${KINDS}`);
}

function refusal(fileName: string, reason: string): ReelmeshError {
  return new ReelmeshError("INVALID_INPUT", `${fileName} ${reason}`);
}

function otherKind(head: Uint8Array): string {
  const start = text(head, 0, 64).trimStart();
  if (start.startsWith("#EXTM3U") || start.startsWith("<MPD")) return "is a playlist, not a video";
  if (start.startsWith("ffconcat") || /^file\s/.test(start)) return "is a list of other files, not a video";
  if (bytes(head, 0x89, 0x50, 0x4e, 0x47) || bytes(head, 0xff, 0xd8, 0xff) || start.startsWith("GIF8")) {
    return "is an image, not a video";
  }
  if (bytes(head, 0x50, 0x4b, 3, 4)) return "is a ZIP archive, not a video";
  if (head.every(isTextByte)) return "is text, not a video";
  return "is of a kind that reelmesh does not know";
}

function isTextByte(byte: number): boolean {
  return byte >= 0x20 ? byte !== 0x7f : byte === 9 || byte === 10 || byte === 13;
}

/** Sync bytes of the first packets; 192-byte packets carry a time stamp of four bytes in front (BDAV). */
function isTransportStream(head: Uint8Array, first: number, packet: number): boolean {
  return [0, 1, 2].every((count) => head[first + count * packet] === MPEG_TS_SYNC);
}

/** An MPEG audio frame's header: eleven or twelve bits of sync, and the layer; 0 is ADTS (ISO/IEC 13818-7, 6.2). */
function isMpegAudio(head: Uint8Array, layers: number[]): boolean {
  const second = head[1] ?? 0;
  const sync = head[0] === 0xff && (second & 0xe0) === 0xe0;
  const versionIsReserved = (second & 0x18) === 0x08;
  return sync && !versionIsReserved && layers.includes((second >> 1) & 3);
}

function bytes(head: Uint8Array, ...expected: number[]): boolean {
  return expected.every((byte, index) => head[index] === byte);
}

function text(head: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...head.subarray(from, from + length));
}
