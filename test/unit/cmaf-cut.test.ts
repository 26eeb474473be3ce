import assert from "node:assert/strict";
import fc from "fast-check";
import { concatenate } from "../../src/core/boxes.js";
import type { CutSegment } from "../../src/core/cmaf.js";
import { cutAudio, cutVideo } from "../../src/core/cmaf.js";
import { delayPresentation, reorderDelay } from "../../src/core/edit-list.js";
import type { Sample } from "../../src/core/fragment-reader.js";
import { readSamples, splitInit } from "../../src/core/fragment-reader.js";
import type { PlannedSegment } from "../../src/core/media.js";
import { audioClip, frameHashes, packetRows, videoClip } from "../support/clips.js";

const TICKS = 1001;
const TIMESCALE = 30_000;
const expectedPts = (frame: number) => frame * TICKS;

/** Segments of two GOPs of 25 frames; the last has what is left. */
function plannedSegments(frames: number): PlannedSegment[] {
  const segments: PlannedSegment[] = [];
  for (let first = 0; first < frames; first += 50) {
    const count = Math.min(50, frames - first);
    const times = { start: first * TICKS, duration: count * TICKS };
    segments.push({ number: segments.length + 1, firstFrame: first, frames: count, ...times });
  }
  return segments;
}

function samplesOf(init: Uint8Array, segments: CutSegment[]): Sample[] {
  return segments.flatMap(({ bytes }) => readSamples(concatenate([init, bytes])).samples);
}

describe("cutting video", function () {
  this.timeout(60_000);
  const frames = 225;
  const segments = plannedSegments(frames);
  const clip = { seconds: 7.5075, rate: "30000/1001", timescale: TIMESCALE };
  let init: Uint8Array;
  let chunk: Sample[];

  before(async () => {
    const file = await videoClip(clip);
    init = splitInit(file).init;
    chunk = readSamples(file).samples;
  });

  const cut = (samples: Sample[], which = segments) => cutVideo(samples, which, expectedPts);

  it("joins chunks with leads and tails into one stream, exact at every seam", async () => {
    // frames 0-100 with a tail of a GOP, 100-225 with a lead of a GOP
    const [first, second] = await Promise.all([
      videoClip({ ...clip, frames: [0, 125] }),
      videoClip({ ...clip, frames: [75, frames] }),
    ]);
    assert.deepEqual(splitInit(first).init, splitInit(second).init);
    const parts = [
      ...cut(readSamples(first).samples, segments.slice(0, 2)),
      ...cut(readSamples(second).samples, segments.slice(2)),
    ];
    const times = parts.map(({ number, start, duration }) => ({ number, start, duration }));
    assert.deepEqual(
      times,
      segments.map(({ number, start, duration }) => ({ number, start, duration })),
    );
    const samples = samplesOf(init, parts);
    const decodeTimes = samples.map(({ dts }) => dts);
    const everyFrame = Array.from({ length: frames }, (_, frame) => expectedPts(frame));
    assert.deepEqual(decodeTimes, everyFrame);
    const shown = samples.map(({ dts, compositionOffset }) => dts + compositionOffset);
    assert.deepEqual(
      shown.sort((a, b) => a - b),
      everyFrame,
    );
    assert.ok(samples.every(({ duration }) => duration === TICKS));
    const { complaints, hashes } = await frameHashes(concatenate([init, ...parts.map(({ bytes }) => bytes)]));
    assert.equal(complaints, "");
    const rows = hashes.split("\n").filter((line) => line && !line.startsWith("#"));
    assert.deepEqual(
      rows.map((row) => Number(row.split(",")[2])),
      Array.from({ length: frames }, (_, frame) => frame),
    );
  });

  it("makes segments that do not depend on the encoder's decode times", () => {
    const delayed = chunk.map((sample) => ({
      ...sample,
      dts: sample.dts - 2 * TICKS,
      compositionOffset: sample.compositionOffset + 2 * TICKS,
    }));
    assert.deepEqual(cut(delayed), cut(chunk));
  });

  it("has no negative offsets beside an edit list, and is shown at the same times", async () => {
    const delay = reorderDelay({ timescale: TIMESCALE, steps: [[TICKS, frames]] }, "h264");
    assert.equal(delay, 2 * TICKS);
    const delayed = cutVideo(chunk, segments, expectedPts, delay);
    const offsets = (all: Sample[]) => all.map(({ compositionOffset }) => compositionOffset);
    const plain = offsets(samplesOf(init, cut(chunk)));
    assert.deepEqual(
      offsets(samplesOf(init, delayed)),
      plain.map((offset) => offset + delay),
    );
    assert.equal(Math.min(...plain), -delay); // x264 needs all of it
    const edited = delayPresentation(init, delay);
    const rows = await packetRows(concatenate([edited, ...delayed.map(({ bytes }) => bytes)]));
    const shown = rows.map((row) => Number(row.split(",")[0])).sort((a, b) => a - b);
    assert.deepEqual(
      shown,
      Array.from({ length: frames }, (_, frame) => expectedPts(frame)),
    );
    assert.throws(() => delayPresentation(edited, delay), /has an edit list already/);
  });

  it("decodes in time whatever the delay, in strictly rising order", () => {
    for (const short of [1, Math.floor(TICKS / 2), TICKS]) {
      const samples = cutVideo(chunk, segments, expectedPts, short).flatMap(
        ({ bytes }) => readSamples(concatenate([init, bytes])).samples,
      );
      assert.equal(samples.length, frames);
      const shown = samples.map(({ dts, compositionOffset }) => dts + compositionOffset - short);
      assert.deepEqual(
        shown.sort((a, b) => a - b),
        Array.from({ length: frames }, (_, frame) => expectedPts(frame)),
      );
      for (const [index, { dts, duration, compositionOffset }] of samples.entries()) {
        assert.ok(compositionOffset >= 0);
        assert.ok(duration > 0);
        const next = samples[index + 1];
        if (next !== undefined) assert.equal(next.dts, dts + duration);
      }
    }
  });

  it("delays by the longest pair of neighbours, and by 80 ms at most where frames last differently", () => {
    const delay = (...steps: [number, number][]) => reorderDelay({ timescale: 1000, steps }, "h264");
    assert.equal(delay([100, 9]), 200);
    assert.equal(delay([30, 10], [40, 1]), 70);
    assert.equal(delay([40, 1], [100, 1], [40, 5]), 80);
  });

  it("starts every segment at its own time, decodable alone", async () => {
    for (const segment of cut(chunk)) {
      const [sample] = samplesOf(init, [segment]);
      assert.equal(sample?.dts, segment.start);
      assert.equal(sample?.compositionOffset, 0);
      const { complaints } = await frameHashes(concatenate([init, segment.bytes]));
      assert.equal(complaints, "");
    }
  });

  it("refuses lost and repeated frames", () => {
    const lost = chunk.toSpliced(60, 1);
    assert.throws(() => cut(lost), {
      code: "MEDIA",
      message: "segment 2 has 49 frames where 50 are planned; encode its chunk again",
    });
    const repeated = chunk.toSpliced(60, 0, chunk[60] as Sample);
    assert.throws(() => cut(repeated), /^ReelmeshError: segment 2 has 51 frames where 50 are planned/);
  });

  it("refuses a segment that does not begin with a sync sample", () => {
    const unsynced = chunk.with(50, { ...(chunk[50] as Sample), keyframe: false });
    assert.throws(() => cut(unsynced), /segment 2 does not begin with a sync sample; encode its chunk again/);
  });

  it("refuses frames that are shown at other times than planned", () => {
    const moved = chunk.with(60, { ...(chunk[60] as Sample), compositionOffset: 3 });
    assert.throws(() => cut(moved), /segment 2 shows frame \d+ at \d+, planned at \d+; encode/);
    const late = chunk.with(50, { ...(chunk[50] as Sample), compositionOffset: 1 });
    assert.throws(() => cut(late), /segment 2 shows its first frame at 50051, planned at 50050/);
  });

  it("refuses open GOPs", async () => {
    const { samples } = readSamples(await videoClip({ ...clip, openGop: true }));
    assert.throws(() => cut(samples), { code: "MEDIA" });
    // an open GOP's sync sample comes before frames that are shown ahead of it
    const open = chunk.map((sample) => ({ ...sample }));
    const [sync, next] = [open[50] as Sample, open[51] as Sample];
    const swapped = { sync: sync.compositionOffset + sync.dts, next: next.compositionOffset + next.dts };
    sync.compositionOffset = swapped.next - sync.dts;
    next.compositionOffset = swapped.sync - next.dts;
    assert.throws(() => cut(open), /segment 2 begins with the frame of \d+, though the frame of 50050 is shown first/);
    const mixed = chunk.toSpliced(52, 0, chunk[102] as Sample).toSpliced(103, 1);
    assert.throws(() => cut(mixed), /segment 2 has frames of another segment between its own/);
  });
});

describe("cutting audio", () => {
  function frames(count: number, timescale = 48_000): { samples: Sample[]; timescale: number } {
    const samples = Array.from({ length: count }, (_, index) => ({
      dts: index * 1024,
      compositionOffset: 0,
      duration: 1024,
      keyframe: true,
      data: Uint8Array.of(index & 255),
    }));
    return { samples, timescale };
  }
  const starts = (segments: CutSegment[]) => segments.map(({ start }) => start);

  it("keeps every frame of a real track, and decodes as before", async function () {
    this.timeout(60_000);
    const file = await audioClip(7);
    const { samples, timescale } = readSamples(file);
    const segments = cutAudio(samples, timescale, [2, 4, 6, 7]);
    assert.deepEqual(starts(segments), [0, 96256, 192512, 287744]); // 94, 188 and 281 frames
    const joined = concatenate([splitInit(file).init, ...segments.map(({ bytes }) => bytes)]);
    assert.deepEqual(readSamples(joined).samples, samples);
    const [before, after] = await Promise.all([frameHashes(file), frameHashes(joined)]);
    assert.equal(after.complaints, "");
    assert.equal(after.hashes, before.hashes);
  });

  it("ends each segment at the nearest frame edge and never makes an empty one", () => {
    const boundaries = fc.array(fc.double({ min: 0.001, max: 3, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), boundaries, (count, steps) => {
        let at = 0;
        const seconds = steps.map((step) => (at += step));
        const { samples, timescale } = frames(count);
        const segments = cutAudio(samples, timescale, seconds);
        let expected = 0;
        for (const [index, { number, start, duration }] of segments.entries()) {
          assert.equal(number, index + 1);
          assert.equal(start, expected);
          assert.ok(duration > 0);
          expected += duration;
        }
        assert.equal(expected, count * 1024);
        for (const boundary of seconds.slice(0, -1)) {
          const nearest = Math.round((boundary * timescale) / 1024) * 1024;
          const inside = nearest > 0 && nearest < count * 1024 && ((boundary * timescale) / 1024) % 1 !== 0.5;
          if (inside) assert.ok(starts(segments).includes(nearest), `${nearest}`);
        }
      }),
    );
  });

  it("gives what follows the last boundary to the last segment, or goes on by the longest step", () => {
    const { samples, timescale } = frames(469); // 10.005 s
    assert.deepEqual(starts(cutAudio(samples, timescale, [4, 8, 9.9])), [0, 192512, 384000]);
    assert.equal(cutAudio(samples, timescale, [4, 8]).length, 3);
    assert.deepEqual(starts(cutAudio(samples, timescale, [2])), [0, 96256, 192512, 287744, 384000]);
    assert.equal(cutAudio(samples, timescale, []).length, 1);
    assert.equal(cutAudio(frames(3).samples, timescale, [4, 8, 9.9]).length, 1);
  });

  it("refuses a track with gaps, without frames, or that begins late", () => {
    const { samples, timescale } = frames(10);
    const message = "the audio track has a frame at 6144 where one at 5120 belongs; encode it again";
    assert.throws(() => cutAudio(samples.toSpliced(5, 1), timescale, [1]), { code: "MEDIA", message });
    assert.throws(() => cutAudio(samples.slice(1), timescale, [1]), /at 1024 where one at 0 belongs/);
    assert.throws(() => cutAudio([], timescale, [1]), /has no frames/);
  });
});
