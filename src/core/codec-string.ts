/** Names codecs as manifests and players do (RFC 6381, 3). */

import type { Box } from "./boxes.js";
import { boxAt, FieldReader, unreadable } from "./boxes.js";
import { sampleEntry } from "./init-segment.js";
import { VIDEO_ENTRIES } from "./video-codec-string.js";

/** Fields of a sample entry in front of its boxes (ISO/IEC 14496-12, 12.2.3). */
const AUDIO_ENTRY_BYTES = 28;
/** Opus (Encapsulation of Opus in ISO Base Media File Format, 4.2); AC-3 and E-AC-3 (ETSI TS 102 366, F.2 and F.5). */
const NAMED_BY_ENTRY: Record<string, string> = { Opus: "opus", "ac-3": "ac-3", "ec-3": "ec-3" };

/**
 * The codec of an init segment with one track of H.264 ("avc1.64001f"), HEVC ("hvc1.1.6.L93.90"), AV1 ("av01.0.04M.08"),
 * VP9 ("vp09.00.30.08.00.01.01.01.00"), MPEG-4 audio ("mp4a.40.2"), Opus ("opus"), AC-3 or E-AC-3. MEDIA when it is damaged or holds
 * something else.
 */
export function codecString(init: Uint8Array): string {
  const { entry } = sampleEntry(init);
  const video = VIDEO_ENTRIES[entry.type];
  if (video !== undefined) return video(init, entry);
  if (entry.type === "mp4a") return mpeg4AudioString(init, entry);
  const named = NAMED_BY_ENTRY[entry.type];
  if (named !== undefined) return named;
  throw unreadable(`its codec is "${entry.type}", which has no name here`);
}

/** Object type of the stream, and of the audio in it (ISO/IEC 14496-1, 7.2.6; ISO/IEC 14496-3, 1.6.2.1). */
function mpeg4AudioString(init: Uint8Array, entry: Box): string {
  const box = boxAt(init, { body: entry.body + AUDIO_ENTRY_BYTES, end: entry.end }, "esds");
  const reader = new FieldReader(init, box);
  reader.skip(4);
  enterDescriptor(reader, 3);
  reader.skip(2);
  const flags = reader.u8();
  if (flags & 0x80) reader.skip(2); // depends on another stream
  if (flags & 0x40) reader.skip(reader.u8()); // URL
  if (flags & 0x20) reader.skip(2); // clock of another stream
  enterDescriptor(reader, 4);
  const streamObject = reader.u8();
  reader.skip(12); // stream type, buffer size, bit rates
  enterDescriptor(reader, 5);
  const bits = (reader.u8() << 8) | reader.u8();
  const short = bits >> 11;
  const audioObject = short === 31 ? 32 + ((bits >> 5) & 0x3f) : short;
  return `mp4a.${streamObject.toString(16)}.${audioObject}`;
}

/** Steps over the tag and the length of a descriptor; the length takes one to four bytes. */
function enterDescriptor(reader: FieldReader, tag: number): void {
  const found = reader.u8();
  if (found !== tag) throw unreadable(`box "esds" has descriptor ${found} where ${tag} belongs`);
  for (let byte = 0x80; byte & 0x80; ) byte = reader.u8();
}
