import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { encoderArguments } from "../../src/core/encoder-arguments.js";
import type { Chunk, Plan, VideoPlan, VideoRendition } from "../../src/core/media.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { buildPlan, plannedTasks } from "../../src/core/plan.js";
import type { SourceAudio, SourceIndex, SourceSummary } from "../../src/core/source.js";
import { frameTicks } from "../../src/core/timeline.js";

const TICKS = 1000;
const options = { ...DEFAULT_OPTIONS, ladder: [], segmentSeconds: 4, preset: "veryfast", crf: 23 };

interface Shape {
  frames: number;
  rate: number;
  /** Frames from one keyframe to the next. */
  gop: number;
  /** Frames between two references that are decoded after the second. */
  reordered: number;
  /** True: frames shown before a keyframe are decoded after it. */
  open: boolean;
  /** Time stamp of the first frame. */
  start: number;
}

/** The packets of an encoder: every group of reordered frames follows the reference that it leads up to. */
function indexOf({ frames, gop, reordered, open, start }: Shape): SourceIndex {
  const index: SourceIndex = { pts: [], keyframes: [], shown: [], lastDuration: TICKS };
  const add = (frame: number, keyframe: boolean) => {
    index.pts.push(start + frame * TICKS);
    index.keyframes.push(keyframe);
    index.shown.push(true);
  };
  let next = 0;
  while (next < frames) {
    const isKeyframe = next % gop === 0;
    if (isKeyframe && (!open || next === 0)) {
      add(next++, true);
      continue;
    }
    const nextKeyframe = Math.ceil((next + 1) / gop) * gop;
    const limit = Math.min(frames - 1, open ? nextKeyframe : nextKeyframe - 1);
    const reference = Math.min(next + reordered, limit);
    add(reference, reference % gop === 0);
    for (let frame = next; frame < reference; frame++) add(frame, false);
    next = reference + 1;
  }
  return index;
}

function summaryOf(rate: number, audio: SourceAudio[] = []): SourceSummary {
  const video: SourceSummary["video"] = {
    stream: 0,
    codec: "h264",
    width: 320,
    height: 240,
    sampleAspect: { num: 1, den: 1 },
    rotation: 0,
    interlaced: false,
    pixelFormat: "yuv420p",
    colour: {},
    frameRates: [{ num: rate, den: 1 }],
    timeBase: { num: 1, den: rate * TICKS },
  };
  return {
    fileName: "film.mp4",
    demuxer: "mov",
    seconds: 60,
    video,
    audio,
    subtitles: [],
    captions: false,
    chapters: [],
  };
}

function planOf(shape: Shape, index = indexOf(shape), audio: SourceAudio[] = [], codecs: string[] = []): Plan {
  const source = { sha256: "0".repeat(64), bytes: 1 };
  return buildPlan({
    job: "job-1",
    source,
    summary: summaryOf(shape.rate, audio),
    index,
    options: { ...options, codecs },
  });
}

const audioTrack: SourceAudio = {
  stream: 1,
  codec: "aac",
  sampleRate: 22_050,
  channels: 2,
  language: "en",
  title: "",
  default: true,
  timeBase: { num: 1, den: 90_000 },
  startPts: 90_000,
  seconds: 70,
  late: 0,
};

const shapes: fc.Arbitrary<Shape> = fc.record({
  frames: fc.integer({ min: 1, max: 3000 }),
  rate: fc.constantFrom(10, 24, 25, 30, 60),
  gop: fc.integer({ min: 1, max: 900 }),
  reordered: fc.integer({ min: 0, max: 4 }),
  open: fc.boolean(),
  start: fc.constantFrom(0, -TICKS, 900_000, 123_457),
});

describe("a plan", () => {
  it("has every frame in exactly one segment and one chunk, and starts segments at groups of pictures", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const { video } = planOf(shape) as Plan & { video: VideoPlan };
        assert.equal(video.frames, shape.frames);
        let frame = 0;
        let segment = 0;
        for (const chunk of video.chunks) {
          assert.equal(chunk.firstFrame, frame);
          assert.equal(chunk.firstSegment, segment + 1);
          for (const own of video.segments.slice(segment, segment + chunk.segments)) {
            assert.equal(own.firstFrame, frame);
            assert.ok(video.gops.includes(own.firstFrame));
            frame += own.frames;
          }
          segment += chunk.segments;
        }
        assert.equal(frame, shape.frames);
        assert.equal(segment, video.segments.length);
      }),
    );
  });

  it("cuts for each chunk every packet that its frames need, from a keyframe on that they can be decoded from", () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const index = indexOf(shape);
        const { video } = planOf(shape, index) as Plan & { video: VideoPlan };
        for (const chunk of video.chunks) checkCut(shape, index, video, chunk);
      }),
    );
  });

  it("gives chunks a group of pictures before and a second after, where there is one", () => {
    const { video } = planOf({ frames: 1500, rate: 25, gop: 50, reordered: 2, open: true, start: 0 });
    assert.deepEqual(
      video?.chunks.map(({ firstFrame, frames, leadFrames, tailFrames }) => [
        firstFrame,
        frames,
        leadFrames,
        tailFrames,
      ]),
      [
        [0, 500, 0, 25],
        [500, 500, 50, 25],
        [1000, 500, 50, 0],
      ],
    );
  });

  it("gives chunks of VP9 a lead that begins where libvpx counts as one process would", () => {
    const shape = { frames: 1500, rate: 25, gop: 50, reordered: 2, open: true, start: 0 };
    const { video } = planOf(shape, indexOf(shape), [], ["h264", "vp9"]);
    for (const { firstFrame, leadFrames } of video?.chunks.slice(1) ?? []) {
      assert.ok(leadFrames >= 50 && leadFrames < 58, `${leadFrames}`);
      assert.equal((firstFrame - leadFrames) % 8, 0);
    }
  });

  it("tells libvpx how long groups of pictures are, also where the last one is short, and only where all are alike", () => {
    const told = (frames: number, vary: boolean) => {
      const shape = { frames, rate: 25, gop: 50, reordered: 0, open: false, start: 0 };
      const index = indexOf(shape);
      if (vary) index.pts = index.pts.map((pts, frame) => pts + (frame < 120 ? 0 : 10 * TICKS));
      const plan = planOf(shape, index, [], ["vp9"]) as Plan & { video: VideoPlan };
      const words = encoderArguments(plan, plan.video, plan.video.renditions[0] as VideoRendition);
      return Number(words[words.indexOf("-g") + 1]);
    };
    assert.deepEqual([told(500, false), told(510, false), told(30, false)], [50, 50, 30]);
    assert.ok(told(500, true) > 1_000_000);
  });

  it("makes chunks longer where keyframes are far apart, and one of a source with a single keyframe", () => {
    const shape = { frames: 3000, rate: 25, reordered: 0, open: false, start: 0 };
    assert.equal(planOf({ ...shape, gop: 50 }).video?.chunks.length, 5);
    assert.equal(planOf({ ...shape, gop: 750 }).video?.chunks.length, 2);
    assert.equal(planOf({ ...shape, gop: 3000 }).video?.chunks.length, 1);
  });

  it("makes a long film's chunks a minute long, and short ones of the last two", () => {
    const shape = { rate: 10, gop: 20, reordered: 0, open: false, start: 0 };
    const seconds = (film: Partial<Shape> & { frames: number }) =>
      planOf({ ...shape, ...film }).video?.chunks.map(({ frames }) => frames / shape.rate);
    assert.deepEqual(seconds({ frames: 14_400 }), [...Array(22).fill(60), ...Array(5).fill(24)]);
    assert.deepEqual(seconds({ frames: 4_800 }), Array(20).fill(24));
    assert.deepEqual(seconds({ frames: 14_400, gop: 200 }), [...Array(22).fill(60), 40, 40, 40]);
  });

  it("gives no chunk less than a segment, however long segments are", () => {
    const index = indexOf({ frames: 14_400, rate: 10, gop: 20, reordered: 0, open: false, start: 0 });
    const source = { sha256: "0".repeat(64), bytes: 1 };
    const plan = buildPlan({ job: "job-1", source, summary: summaryOf(10), index, options, chunkSeconds: 1 });
    assert.deepEqual(
      plan.video?.chunks.map(({ segments }) => segments),
      plan.video?.segments.map(() => 1),
    );
  });

  it("leaves out what stands before the first keyframe, and what an edit list discards", () => {
    const index = indexOf({ frames: 100, rate: 25, gop: 50, reordered: 2, open: true, start: 0 });
    index.keyframes[0] = false;
    const late = planOf({ frames: 100, rate: 25, gop: 50, reordered: 2, open: true, start: 0 }, index);
    assert.equal(late.video?.frames, 50);
    assert.equal(late.zero.pts, 50 * TICKS);
    const edited = indexOf({ frames: 100, rate: 25, gop: 50, reordered: 2, open: true, start: 0 });
    for (const [packet, pts] of edited.pts.entries()) edited.shown[packet] = pts >= 20 * TICKS;
    const plan = planOf({ frames: 100, rate: 25, gop: 50, reordered: 2, open: true, start: 0 }, edited);
    assert.equal(plan.video?.frames, 80);
    assert.equal(plan.zero.pts, 20 * TICKS);
    assert.equal(plan.video?.chunks[0]?.cut.seekSeconds, undefined);
  });

  it("plans audio from zero to the end of the track or of the video, and first chunk first", () => {
    const shape = { frames: 1000, rate: 25, gop: 50, reordered: 0, open: false, start: 0 };
    const plan = planOf(shape, indexOf(shape), [audioTrack, { ...audioTrack, stream: 2, codec: "alac", seconds: 1 }]);
    const [first, second] = plan.audio;
    assert.deepEqual([first?.name, first?.sampleRate, first?.channels, first?.seconds], ["audio-1", 44_100, 2, 71]);
    assert.deepEqual([second?.seconds, second?.cutFormat, second?.title], [40, "matroska", "English"]);
    assert.equal(plan.seconds, 71);
    assert.equal(plan.boundaries.at(-1), 40);
    assert.deepEqual(
      plannedTasks(plan).map(({ name, seconds }) => [name, seconds]),
      [
        ["chunk-000001", 20],
        ["audio-1", 71],
        ["audio-2", 40],
        ["chunk-000002", 20],
        ["images", 71],
      ],
    );
  });

  it("starts at the earliest track where there is no video", () => {
    const summary = { ...summaryOf(25, [audioTrack, { ...audioTrack, startPts: 45_000 }]), video: null };
    const plan = buildPlan({ job: "job-1", source: { sha256: "", bytes: 1 }, summary, index: null, options });
    assert.deepEqual(plan.zero, { pts: 45_000, timeBase: { num: 1, den: 90_000 } });
    assert.equal(plan.seconds, 70.5);
    assert.deepEqual(plan.boundaries.slice(-2), [68, 70.5]);
    assert.deepEqual(
      plannedTasks(plan).map(({ name }) => name),
      ["audio-1", "audio-2"],
    );
  });
});

function checkCut(shape: Shape, index: SourceIndex, video: VideoPlan, chunk: Chunk): void {
  const { seekSeconds, packets } = chunk.cut;
  const seconds = (packet: number) => (index.pts[packet] as number) / (shape.rate * TICKS);
  const start =
    seekSeconds === undefined
      ? 0
      : index.pts.findIndex((_, packet) => {
          const late = seconds(packet) - Number(seekSeconds);
          return index.keyframes[packet] === true && late >= -1e-9 && late < 1e-6;
        });
  assert.ok(start >= 0, `no keyframe at ${seekSeconds}`);
  assert.ok(start + packets <= index.pts.length);
  const first = chunk.firstFrame - chunk.leadFrames;
  const frames = chunk.leadFrames + chunk.frames + chunk.tailFrames;
  const copied = index.pts.slice(start, start + packets);
  const kept = copied.filter((pts) => pts >= chunk.startPts && pts < chunk.endPts);
  assert.equal(kept.length, frames);
  assert.equal(Math.min(...kept), shape.start + first * TICKS);
  // What is decoded from the keyframe on and shown from it on depends on nothing that comes before it.
  assert.ok((index.pts[start] as number) <= chunk.startPts);
  const tick = frameTicks(video.timeline);
  assert.ok(tick(chunk.firstFrame) - tick(first) <= 2 * video.timeline.timescale);
}
