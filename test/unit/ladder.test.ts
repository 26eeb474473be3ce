import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { buildLadder, checkLadder, defaultLadder, displaySize } from "../../src/core/ladder.js";
import { checkOptions, DEFAULT_OPTIONS } from "../../src/core/options.js";
import type { SourceVideo } from "../../src/core/source.js";

function source(width: number, height: number, changes: Partial<SourceVideo> = {}): SourceVideo {
  return {
    stream: 0,
    codec: "h264",
    width,
    height,
    sampleAspect: { num: 1, den: 1 },
    rotation: 0,
    interlaced: false,
    pixelFormat: "yuv420p",
    colour: {},
    frameRates: [],
    timeBase: { num: 1, den: 90_000 },
    ...changes,
  };
}

const rate25 = { num: 25, den: 1 };

describe("the ladder", () => {
  const ladders: [number, number[]][] = [
    [2160, [2160, 1080, 720, 480, 360, 240]],
    [1080, [1080, 720, 480, 360, 240]],
    [1088, [1080, 720, 480, 360, 240]],
    [486, [480, 360, 240]],
    [432, [432, 360, 240]],
    [270, [270, 240]],
    [171, [170]],
  ];
  for (const [height, expected] of ladders) {
    it(`is ${expected} for a source of ${height} lines`, () => assert.deepEqual(defaultLadder(height), expected));
  }

  it("applies the pixels' shape and the rotation", () => {
    const anamorphic = source(720, 576, { sampleAspect: { num: 64, den: 45 } });
    assert.deepEqual(displaySize(anamorphic), { width: 1024, height: 576 });
    const upright = source(1920, 1080, { rotation: 90 });
    assert.deepEqual(displaySize(upright), { width: 1080, height: 1920 });
    assert.deepEqual(
      buildLadder(upright, { ...DEFAULT_OPTIONS, ladder: [720] }, rate25).map(({ name, width, height }) => [
        name,
        width,
        height,
      ]),
      [["720p", 406, 720]],
    );
  });

  it("never enlarges, keeps the shape to a pixel, and gives even sizes and rising caps", () => {
    const side = fc.integer({ min: 16, max: 4096 });
    fc.assert(
      fc.property(side, side, fc.constantFrom(0, 90, 180, 270), (width, height, rotation) => {
        const video = source(width, height, { rotation: rotation as SourceVideo["rotation"] });
        const shown = displaySize(video);
        const rungs = buildLadder(video, DEFAULT_OPTIONS, rate25);
        assert.ok(rungs.length > 0);
        for (const [place, rung] of rungs.entries()) {
          assert.ok(rung.width <= Math.max(16, shown.width) && rung.height <= Math.max(16, shown.height));
          assert.ok(rung.width % 2 === 0 && rung.height % 2 === 0);
          const exact = (shown.width * rung.height) / shown.height;
          assert.ok(Math.abs(rung.width - exact) <= 2 || rung.width === 16, `${rung.width} for ${exact}`);
          assert.equal(rung.bufferBits, 2 * rung.maxBitrate);
          assert.ok(place === 0 || rung.maxBitrate < (rungs[place - 1]?.maxBitrate ?? 0) || rung.width === 16);
        }
      }),
    );
  });

  it("refuses heights that are above the source, odd, too small, repeated or too many", () => {
    assert.throws(() => checkLadder([720, 480], 480), /720 would enlarge the source, which is 480 pixels high/);
    assert.throws(() => checkLadder([481]), /481 will not do/);
    assert.throws(() => checkLadder([8]), /8 will not do/);
    assert.throws(() => checkLadder([480, 480]), /480 is there twice/);
    assert.throws(() => checkLadder(Array.from({ length: 11 }, (_, place) => 100 + 2 * place)), /11 heights/);
    assert.doesNotThrow(() => checkLadder([480, 240], 480));
  });
});

describe("options", () => {
  const good = { ...DEFAULT_OPTIONS, ladder: [], segmentSeconds: 4, preset: "veryfast", crf: 23 };
  const summary = {
    fileName: "film.mp4",
    demuxer: "mov",
    seconds: 10,
    video: source(854, 480),
    audio: [],
    subtitles: [],
    captions: false,
    chapters: [],
  };

  it("accepts what x264 accepts", () => {
    assert.doesNotThrow(() => checkOptions(good));
    assert.doesNotThrow(() => checkOptions({ ...good, crf: 51, segmentSeconds: 30, ladder: [480] }, summary));
  });

  it("refuses the rest, with what would do", () => {
    assert.throws(() => checkOptions({ ...good, preset: "warp" }), /"warp" is no preset of x264: use one of ultrafast/);
    assert.throws(() => checkOptions({ ...good, crf: 52 }), /crf 52: give 1 to 51/);
    assert.throws(() => checkOptions({ ...good, crf: 0 }), /crf 0: give 1 to 51/);
    assert.throws(() => checkOptions({ ...good, crf: 20.5 }), /no whole number/);
    assert.throws(() => checkOptions({ ...good, segmentSeconds: 0.5 }), /0.5: give 1 to 30/);
    assert.throws(() => checkOptions({ ...good, segmentSeconds: Number.NaN }), /give 1 to 30/);
    assert.throws(() => checkOptions({ ...good, ladder: [720] }, summary), /720 would enlarge/);
    assert.throws(() => checkOptions({ ...good, ladder: [240] }, { ...summary, video: null }), /has no video/);
  });
});
