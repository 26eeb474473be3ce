/** Boxes of the ISO base media file format (ISO/IEC 14496-12, 4.2): walking over them, reading and writing fields. */
import { ReelmeshError } from "./errors.js";

/** Where a box lies in its file, in bytes: the header from `start`, the body from `body`, up to `end`. */
export interface Box {
  type: string;
  start: number;
  body: number;
  end: number;
}

/** The error for bytes that are not the MP4 that they should be. */
export function unreadable(reason: string): ReelmeshError {
  return new ReelmeshError("MEDIA", `the encoder's MP4 cannot be read: ${reason}; encode it again`);
}

/** The boxes that lie side by side in a range of a file. MEDIA when one is cut off or says an impossible size. */
export function* boxesIn(file: Uint8Array, range: { body: number; end: number }): Generator<Box> {
  let start = range.body;
  while (start < range.end) {
    const box = readBox(file, start, range.end);
    yield box;
    start = box.end; // always further on: readBox refuses a box shorter than its header
  }
}

/** The boxes of a whole file. */
export function topBoxes(file: Uint8Array): Generator<Box> {
  return boxesIn(file, { body: 0, end: file.length });
}

/** The first box of a type in a range, or undefined. */
export function findBox(file: Uint8Array, range: { body: number; end: number }, type: string): Box | undefined {
  for (const box of boxesIn(file, range)) if (box.type === type) return box;
  return undefined;
}

/** The box at the end of a path, each step the first of its type. MEDIA when a step is not there. */
export function boxAt(file: Uint8Array, range: { body: number; end: number }, ...path: string[]): Box {
  let at = range;
  let found: Box | undefined;
  for (const type of path) {
    found = findBox(file, at, type);
    if (!found) throw unreadable(`it has no "${path.join("/")}" box`);
    at = found;
  }
  return found as Box;
}

function readBox(file: Uint8Array, start: number, limit: number): Box {
  const header = new FieldReader(file, { type: "????", start, body: start, end: limit }); // not known yet
  let size = header.u32();
  const type = String.fromCharCode(header.u8(), header.u8(), header.u8(), header.u8());
  if (size === 1) size = header.u64();
  const end = size === 0 ? limit : start + size; // 0: to the end
  if (end < header.at || end > limit) {
    throw unreadable(`box "${type}" at byte ${start} says ${size} bytes and ${limit - start} are there`);
  }
  return { type, start, body: header.at, end };
}

/** Reads big-endian fields one after another, never beyond its box. */
export class FieldReader {
  /** The next byte of the file to be read. */
  at: number;
  private readonly box: Box;
  private readonly view: DataView;

  constructor(file: Uint8Array, box: Box) {
    this.box = box;
    this.at = box.body;
    this.view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  }

  get left(): number {
    return this.box.end - this.at;
  }

  /** Steps over bytes and returns where they began. */
  skip(bytes: number): number {
    if (bytes > this.left) throw unreadable(`box "${this.box.type}" at byte ${this.box.start} is cut off`);
    const from = this.at;
    this.at += bytes;
    return from;
  }

  u8(): number {
    return this.view.getUint8(this.skip(1));
  }

  u32(): number {
    return this.view.getUint32(this.skip(4));
  }

  i32(): number {
    return this.view.getInt32(this.skip(4));
  }

  u64(): number {
    const value = this.view.getBigUint64(this.skip(8));
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw unreadable(`${value} in box "${this.box.type}" is too large`);
    return Number(value);
  }

  /** Version and flags of a full box (ISO/IEC 14496-12, 4.2). */
  versionAndFlags(): { version: number; flags: number } {
    const word = this.u32();
    return { version: word >>> 24, flags: word & 0xffffff };
  }
}

/** Big-endian fields of 32 bits, from -2^31 up to 2^32 - 1. A RangeError is a bug of the caller. */
export function words(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    if (!Number.isInteger(value) || value < -(2 ** 31) || value >= 2 ** 32)
      throw new RangeError(`not 32 bits: ${value}`);
    view.setUint32(index * 4, value); // two's complement where it is negative
  }
  return bytes;
}

/** An unsigned field of 64 bits as two words. */
export function highAndLow(value: number): [number, number] {
  return [Math.floor(value / 2 ** 32), value % 2 ** 32];
}

/** Four characters as bytes: a box's type or a brand. */
export function fourCharacters(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function concatenate(parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The header of a box around a body of so many bytes. */
export function boxHeader(type: string, bodyBytes: number): Uint8Array {
  return concatenate([words(bodyBytes + 8), fourCharacters(type)]);
}

/** A box around parts of a body. */
export function makeBox(type: string, body: Uint8Array[]): Uint8Array {
  const bytes = body.reduce((sum, part) => sum + part.length, 0);
  return concatenate([boxHeader(type, bytes), ...body]);
}
