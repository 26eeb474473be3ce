import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { rescale, secondsText } from "../../src/core/rational.js";
import { cutSegments } from "../../src/core/segments.js";
import { frameTicks, layOutFrames } from "../../src/core/timeline.js";

const milliseconds = { num: 1, den: 1000 };

function stamps(frames: number, at: (frame: number) => number): number[] {
  return Array.from({ length: frames }, (_, frame) => Math.round(at(frame)));
}

describe("rationals", () => {
  it("rounds to the nearest tick, halves away from zero", () => {
    const to = { num: 1, den: 10 };
    assert.deepEqual(
      [149, 150, 250, -150, -149].map((value) => rescale(value, milliseconds, to)),
      [1, 2, 3, -2, -1],
    );
  });

  it("stays exact where doubles are not", () => {
    assert.equal(rescale(2 ** 52, { num: 1, den: 90_000 }, { num: 1, den: 30_000 }), 1_501_199_875_790_165);
  });

  it("writes seconds with six decimals, never above the exact value", () => {
    assert.equal(secondsText(2, { num: 1, den: 3 }), "0.666666");
    assert.equal(secondsText(-2, { num: 1, den: 3 }), "-0.666667");
    assert.equal(secondsText(1001, { num: 1, den: 30_000 }), "0.033366");
    assert.equal(secondsText(146_000, { num: 1, den: 12_288 }), "11.881510");
  });
});

describe("laying out frames", () => {
  it("counts the frames of a constant rate", () => {
    const film = layOutFrames(
      stamps(720, (n) => n * 512),
      { num: 1, den: 12_288 },
      [{ num: 24, den: 1 }],
      512,
    );
    assert.deepEqual(film.timeline, { timescale: 24_000, steps: [[1000, 720]] });
    const car = layOutFrames(
      stamps(377, (n) => n * 2000),
      { num: 1, den: 25_000 },
      [{ num: 25, den: 2 }],
      2000,
    );
    assert.deepEqual(car.timeline, { timescale: 25_000, steps: [[2000, 377]] });
  });

  it("finds NTSC rates behind whole milliseconds, and behind what Matroska makes of them", () => {
    const pts = stamps(9000, (n) => (n * 1001) / 30);
    for (const told of [
      { num: 30_000, den: 1001 },
      { num: 2997, den: 100 },
      { num: 19_001, den: 634 },
    ]) {
      const { constantRate, frameRate, timeline } = layOutFrames(pts, milliseconds, [told], 33);
      assert.ok(constantRate);
      assert.deepEqual(frameRate, { num: 30_000, den: 1001 });
      assert.deepEqual(timeline, { timescale: 30_000, steps: [[1001, 9000]] });
    }
  });

  it("keeps time stamps where a frame is missing", () => {
    const pts = stamps(10, (n) => (n < 5 ? n * 40 : (n + 1) * 40) + 7);
    const { constantRate, timeline } = layOutFrames(pts, milliseconds, [{ num: 25, den: 1 }], 40);
    assert.ok(!constantRate);
    assert.deepEqual(timeline, {
      timescale: 1000,
      steps: [
        [40, 4],
        [80, 1],
        [40, 5],
      ],
    });
  });

  it("keeps time stamps when the rate is told wrong, and counts them in 90 kHz where they are no whole ticks", () => {
    const pts = stamps(100, (n) => n * 3);
    const { timeline, frameRate } = layOutFrames(pts, { num: 1001, den: 90_000 }, [{ num: 25, den: 1 }], 3);
    assert.deepEqual(timeline, { timescale: 90_000, steps: [[3003, 100]] });
    assert.deepEqual(frameRate, { num: 2997, den: 100 });
  });

  it("gives each frame its time stamp, less the first, whatever the steps", () => {
    const steps = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(steps, fc.integer({ min: -5000, max: 5000 }), (durations, first) => {
        const pts = durations.map((_, n) => first + durations.slice(0, n).reduce((sum, step) => sum + step, 0));
        const { timeline } = layOutFrames(pts, milliseconds, [], durations.at(-1) ?? 1);
        const tick = frameTicks(timeline);
        for (const [frame, time] of pts.entries()) assert.equal(tick(frame), time - first);
        assert.equal(
          tick(pts.length),
          durations.reduce((sum, step) => sum + step, 0),
        );
      }),
    );
  });
});

describe("cutting segments", () => {
  function grid(frames: number, fps: number, segmentSeconds: number) {
    const layout = layOutFrames(
      stamps(frames, (n) => n),
      { num: 1, den: fps },
      [{ num: fps, den: 1 }],
      1,
    );
    return cutSegments(layout, frames, segmentSeconds);
  }

  it("makes groups of at most two seconds and segments of whole groups", () => {
    const { gops, segments } = grid(250, 25, 4);
    assert.deepEqual(gops, [0, 50, 100, 150, 200]);
    assert.deepEqual(
      segments.map(({ firstFrame, frames }) => [firstFrame, frames]),
      [
        [0, 100],
        [100, 100],
        [200, 50],
      ],
    );
    assert.deepEqual(grid(250, 25, 5).gops, [0, 42, 84, 126, 168, 210]);
    assert.deepEqual(grid(10, 1, 1).gops.length, 10);
  });

  it("gives a short rest to the last segment, as a group of its own", () => {
    const { gops, segments } = grid(224, 25, 4);
    assert.deepEqual(gops, [0, 50, 100, 150, 200]);
    assert.equal(segments.length, 2);
    assert.equal(segments[1]?.frames, 124);
    assert.equal(grid(225, 25, 4).segments.length, 3);
    assert.equal(grid(3, 25, 4).segments.length, 1);
  });

  it("starts a group at the first frame at or after its place when the rate varies", () => {
    const pts = [0, 40, 80, 2010, 2050, 4000, 4040, 9000, 9040];
    const layout = layOutFrames(pts, milliseconds, [], 1500);
    const { gops, segments } = cutSegments(layout, pts.length, 4);
    assert.deepEqual(gops, [0, 3, 5, 7]);
    assert.deepEqual(
      segments.map(({ start, duration }) => [start, duration]),
      [
        [0, 4000],
        [4000, 5000],
        [9000, 1540],
      ],
    );
  });
});
