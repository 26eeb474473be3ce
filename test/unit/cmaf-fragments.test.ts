import assert from "node:assert/strict";
import fc from "fast-check";
import { boxesIn, concatenate, fourCharacters, makeBox, topBoxes, words } from "../../src/core/boxes.js";
import { codecString } from "../../src/core/codec-string.js";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Sample } from "../../src/core/fragment-reader.js";
import { readSamples, splitInit, wholeFragments } from "../../src/core/fragment-reader.js";
import { writeSegment } from "../../src/core/fragment-writer.js";
import { audioClip, frameHashes, packetRows, videoClip } from "../support/clips.js";
import { examples } from "../support/seeds.js";

/** Writes the samples again, so many in each segment, behind their init segment. */
function regroup(file: Uint8Array, sizes: number[]): Uint8Array {
  const { samples } = readSamples(file);
  const segments: Uint8Array[] = [];
  for (let from = 0; from < samples.length; ) {
    const count = sizes[segments.length % sizes.length] as number;
    segments.push(writeSegment({ sequence: segments.length + 1, samples: samples.slice(from, from + count) }));
    from += count;
  }
  return concatenate([splitInit(file).init, ...segments]);
}

function mediaErrorOnly(action: () => unknown): string {
  try {
    action();
    return "";
  } catch (error) {
    assert.ok(error instanceof ReelmeshError, String(error));
    assert.equal(error.code, "MEDIA");
    return error.message;
  }
}

describe("fragmented MP4", function () {
  this.timeout(60_000);
  let video: Uint8Array;
  let audio: Uint8Array;

  before(async () => {
    [video, audio] = await Promise.all([videoClip({ seconds: 5 }), audioClip(3)]);
  });

  it("decodes to the same frames at the same times when video is regrouped by two GOPs", async () => {
    const joined = regroup(video, [50]);
    const [before, after] = await Promise.all([frameHashes(video), frameHashes(joined)]);
    assert.equal(after.complaints, "");
    assert.equal(after.hashes, before.hashes);
    assert.equal(after.hashes.split("\n").filter((line) => line && !line.startsWith("#")).length, 125);
    assert.deepEqual(await packetRows(joined), await packetRows(video));
  });

  it("decodes to the same sound at the same times when audio is regrouped at will", async () => {
    const joined = regroup(audio, [1, 17, 40]);
    const [before, after] = await Promise.all([frameHashes(audio), frameHashes(joined)]);
    assert.equal(after.complaints, "");
    assert.equal(after.hashes, before.hashes);
    assert.deepEqual(await packetRows(joined), await packetRows(audio));
  });

  it("is read up to its last whole fragment, wherever it is cut off", () => {
    const file = regroup(audio, [20]);
    const all = readSamples(file).samples;
    const { init } = splitInit(file);
    assert.equal(wholeFragments(init), undefined);
    fc.assert(
      fc.property(fc.nat(file.length), (end) => {
        const whole = wholeFragments(file.subarray(0, end));
        const samples = whole === undefined ? [] : readSamples(whole).samples;
        assert.deepEqual(samples, all.slice(0, samples.length));
        const next = samples.length < all.length ? wholeFragments(file.subarray(0, end + 20_000)) : undefined;
        assert.ok(samples.length % 20 === 0 || samples.length === all.length);
        assert.ok(next === undefined || readSamples(next).samples.length > samples.length);
      }),
    );
    assert.equal(wholeFragments(file)?.length, file.length);
  });

  it("reads the decode times that ffprobe reads, and frames shown before their decode time", async () => {
    const { timescale, samples } = readSamples(video);
    assert.equal(timescale, 25_000);
    const rows = (await packetRows(video)).map((row) => row.split(","));
    const decodeTimes = samples.map(({ dts }) => String(dts));
    assert.deepEqual(
      decodeTimes,
      rows.map(([, dts]) => dts),
    );
    // ffprobe shifts presentation times by the most negative offset
    const shown = samples.map(({ dts, compositionOffset }) => dts + compositionOffset).sort((a, b) => a - b);
    assert.deepEqual(
      shown,
      samples.map((_, index) => index * 1000),
    );
    const keyframes = samples.flatMap(({ keyframe }, index) => (keyframe ? [index] : []));
    assert.deepEqual(keyframes, [0, 25, 50, 75, 100]);
  });

  it("gives the same init segment for the same settings, whatever frames they encode", async () => {
    const other = await videoClip({ seconds: 5, frames: [50, 100] });
    assert.deepEqual(splitInit(other).init, splitInit(video).init);
    const { init, rest } = splitInit(video);
    assert.deepEqual(concatenate([init, rest]), video);
    assert.equal(readSamples(other).samples[0]?.dts, 50_000);
  });

  it("reads ffmpeg's other styles: data offsets from the file's start, unsigned composition offsets", async () => {
    for (const movflags of ["frag_keyframe+empty_moov", "frag_keyframe+empty_moov+omit_tfhd_offset"]) {
      const { samples } = readSamples(await videoClip({ seconds: 5, movflags }));
      const bytes = (all: Sample[]) => all.map(({ data, keyframe }) => ({ data, keyframe }));
      assert.deepEqual(bytes(samples), bytes(readSamples(video).samples));
      assert.ok(samples.every(({ compositionOffset }) => compositionOffset >= 0));
    }
  });

  it("names the codecs as ffmpeg encoded them", () => {
    assert.match(codecString(video), /^avc1\.64[0-9a-f]{4}$/); // High profile
    assert.equal(codecString(splitInit(audio).init), "mp4a.40.2"); // AAC-LC
  });

  it("writes what it reads back, for any samples", () => {
    const { init } = splitInit(video);
    const sample = fc.record({
      compositionOffset: fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      duration: fc.oneof(fc.constant(1000), fc.nat(2 ** 32 - 1)),
      keyframe: fc.boolean(),
      data: fc.uint8Array({ minLength: 1, maxLength: 40 }),
    });
    const start = fc.nat(2 ** 52);
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), start, fc.array(sample, { minLength: 1 }), (sequence, first, rows) => {
        let dts = first;
        const samples = rows.map((row): Sample => {
          const timed = { ...row, dts };
          dts += row.duration;
          return timed;
        });
        const segment = writeSegment({ sequence, samples });
        assert.deepEqual(readSamples(concatenate([init, segment])).samples, samples);
        assert.deepEqual(
          [...topBoxes(segment)].map(({ type }) => type),
          ["styp", "moof", "mdat"],
        );
      }),
    );
  });

  it("honours defaults of trex, several runs, and runs without a data offset", () => {
    const track = [
      makeBox("tkhd", [words(0, 0, 0, 7)]),
      makeBox("mdia", [
        makeBox("mdhd", [words(0x01000000, 0, 0, 0, 0, 90_000)]), // version 1
        makeBox("minf", [makeBox("stbl", [makeBox("stsz", [words(0, 0, 0)])])]),
      ]),
    ];
    const extends_ = makeBox("mvex", [makeBox("trex", [words(0, 7, 1, 3000, 2, 0x10000)])]);
    const movie = makeBox("moov", [makeBox("trak", track), extends_]);
    const fragment = (offset: number) =>
      makeBox("moof", [
        makeBox("traf", [
          makeBox("tfhd", [words(0x20000, 7)]),
          makeBox("tfdt", [words(0, 500)]), // version 0
          makeBox("trun", [words(0x5, 2, offset, 0)]), // first sample's flags: sync
          makeBox("trun", [words(0, 1)]),
        ]),
        // a second track fragment without tfdt goes on where the first ended, in time and in bytes
        makeBox("traf", [makeBox("tfhd", [words(0, 7)]), makeBox("trun", [words(0x200, 1, 1)])]),
      ]);
    const data = makeBox("mdat", [fourCharacters("aabbccd")]);
    const file = concatenate([makeBox("sidx", []), movie, fragment(fragment(0).length + 8), data, makeBox("mfra", [])]);
    const { timescale, samples } = readSamples(file);
    assert.equal(timescale, 90_000);
    const rows = samples.map((one) => [one.dts, one.keyframe, String.fromCharCode(...one.data)]);
    assert.deepEqual(rows, [
      [500, true, "aa"],
      [3500, false, "bb"],
      [6500, false, "cc"],
      [9500, false, "d"],
    ]);
  });

  it("refuses a file that is cut off at any byte", () => {
    const { init } = splitInit(audio);
    const file = concatenate([init, writeSegment({ sequence: 1, samples: readSamples(audio).samples.slice(0, 3) })]);
    const starts = new Set([...topBoxes(file)].map(({ start }) => start));
    for (let length = 0; length < file.length; length++) {
      const message = mediaErrorOnly(() => readSamples(file.subarray(0, length)));
      // cut between two boxes, it is a shorter file
      if (length < init.length || !starts.has(length)) assert.match(message, /cannot be read: .*; encode it again$/);
    }
  });

  it("ends with samples or a MEDIA error, whatever the bytes", () => {
    const file = regroup(audio, [40]).subarray(0, 4000);
    const damage = fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = file.slice();
        for (const [at, value] of changes) bytes[at] = value;
        mediaErrorOnly(() => readSamples(bytes));
        mediaErrorOnly(() => codecString(bytes));
        mediaErrorOnly(() => splitInit(bytes));
      }),
      examples(500),
    );
  });

  it("refuses a run that claims more samples than the file has bytes", () => {
    const file = regroup(video, [50]).slice();
    const moof = [...topBoxes(file)].find(({ type }) => type === "moof");
    assert.ok(moof);
    const traf = [...boxesIn(file, moof)].find(({ type }) => type === "traf");
    assert.ok(traf);
    const run = [...boxesIn(file, traf)].find(({ type }) => type === "trun");
    assert.ok(run);
    new DataView(file.buffer).setUint32(run.body + 4, 2 ** 32 - 1);
    assert.match(
      mediaErrorOnly(() => readSamples(file)),
      /"trun" at byte \d+ is cut off/,
    );
  });

  it("refuses files that are not one fragmented track", async () => {
    const plain = await videoClip({ seconds: 1, movflags: "+faststart" });
    assert.match(
      mediaErrorOnly(() => readSamples(plain)),
      /samples outside of fragments/,
    );
    assert.match(
      mediaErrorOnly(() => splitInit(splitInit(video).rest)),
      /does not begin with ftyp and moov/,
    );
    assert.match(
      mediaErrorOnly(() => writeSegment({ sequence: 4, samples: [] })),
      /segment 4 has no samples/,
    );
    assert.match(
      mediaErrorOnly(() => codecString(new Uint8Array(0))),
      /no "moov" box/,
    );
  });
});
