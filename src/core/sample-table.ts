/** Sample tables: what a progressive MP4 says of a track's samples, put together from its fragments (14496-12, 8.6). */
import { concatenate, highAndLow, makeBox, words } from "./boxes.js";
import type { SampleRow } from "./fragment-reader.js";

/** Grows by doubling: two hours at 60 frames a second are half a million samples. */
class Column {
  length = 0;
  #values: Float64Array | Int32Array;

  constructor(values: Float64Array | Int32Array) {
    this.#values = values;
  }

  push(value: number): void {
    if (this.length === this.#values.length) {
      const larger =
        this.#values instanceof Int32Array ? new Int32Array(2 * this.length) : new Float64Array(2 * this.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.length++] = value;
  }

  at(place: number): number {
    return this.#values[place] as number;
  }
}

/** The samples of one track, a few bytes each, and its chunks: one a segment. */
export class SampleTable {
  /** Ticks of all samples together. */
  duration = 0;
  /** Composition time, ticks, at which the sample that is shown last ends. */
  end = 0;
  /** Bytes of all samples together. */
  bytes = 0;
  readonly #sizes = new Column(new Int32Array(1024));
  readonly #durations = new Column(new Int32Array(1024));
  readonly #offsets = new Column(new Int32Array(1024));
  readonly #syncs = new Column(new Int32Array(64));
  readonly #samplesPerChunk = new Column(new Int32Array(64));
  #bytesPerChunk = new Column(new Float64Array(64));

  get chunks(): number {
    return this.#samplesPerChunk.length;
  }

  chunkBytes(chunk: number): number {
    return this.#bytesPerChunk.at(chunk);
  }

  /** Takes the samples of the next segment, which lie one after another. */
  addChunk(rows: SampleRow[]): void {
    let bytes = 0;
    for (const { size, duration, compositionOffset, keyframe } of rows) {
      this.#sizes.push(size);
      this.#durations.push(duration);
      this.#offsets.push(compositionOffset);
      if (keyframe) this.#syncs.push(this.#sizes.length);
      bytes += size;
      this.end = Math.max(this.end, this.duration + compositionOffset + duration);
      this.duration += duration;
    }
    this.#samplesPerChunk.push(rows.length);
    this.#bytesPerChunk.push(bytes);
    this.bytes += bytes;
  }

  /** `stbl` without the description of the samples: `stsd` is given. `positions`: of each chunk in the file. */
  write(stsd: Uint8Array, positions: number[]): Uint8Array {
    const isAllSync = this.#syncs.length === this.#sizes.length;
    return makeBox("stbl", [
      stsd,
      makeBox("stts", [counted(runs(this.#durations))]),
      ...(this.#hasOffsets() ? [this.#compositionOffsets()] : []),
      ...(isAllSync ? [] : [makeBox("stss", [words(0, this.#syncs.length), column(this.#syncs)])]),
      makeBox("stsc", [counted(chunkRuns(this.#samplesPerChunk))]),
      makeBox("stsz", [words(0, 0, this.#sizes.length), column(this.#sizes)]),
      makeBox("co64", [words(0, positions.length), wide(positions)]),
    ]);
  }

  #hasOffsets(): boolean {
    for (let place = 0; place < this.#offsets.length; place++) if (this.#offsets.at(place) !== 0) return true;
    return false;
  }

  /** Version 1 where an offset is negative (8.6.1.3). */
  #compositionOffsets(): Uint8Array {
    const found = runs(this.#offsets);
    const version = found.some(([, offset]) => offset < 0) ? 1 : 0;
    return makeBox("ctts", [counted(found, version)]);
  }
}

/** `[how many, value]` of equal values in a row. */
function runs(values: Column): [number, number][] {
  const found: [number, number][] = [];
  for (let place = 0; place < values.length; place++) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === values.at(place)) last[0]++;
    else found.push([1, values.at(place)]);
  }
  return found;
}

/** `[first chunk, samples a chunk, description]` (8.7.4). */
function chunkRuns(samples: Column): [number, number, number][] {
  const found: [number, number, number][] = [];
  for (let chunk = 0; chunk < samples.length; chunk++) {
    if (found.at(-1)?.[1] !== samples.at(chunk)) found.push([chunk + 1, samples.at(chunk), 1]);
  }
  return found;
}

function counted(rows: number[][], version = 0): Uint8Array {
  return concatenate([words(version << 24, rows.length), ...rows.map((row) => words(...row))]);
}

function column(values: Column): Uint8Array {
  const bytes = new Uint8Array(values.length * 4);
  const view = new DataView(bytes.buffer);
  for (let place = 0; place < values.length; place++) view.setUint32(place * 4, values.at(place));
  return bytes;
}

function wide(values: number[]): Uint8Array {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [place, value] of values.entries()) {
    const [high, low] = highAndLow(value);
    view.setUint32(place * 8, high);
    view.setUint32(place * 8 + 4, low);
  }
  return bytes;
}
