import assert from "node:assert/strict";
import fc from "fast-check";
import { type BucketFrame, bucketRun, firstUnderflow, joinRuns, keepsLimits } from "../../src/core/leaky-bucket.js";

const limits = { maxBitrate: 1_000, bufferBits: 2_000 };
const frame = fc.record({ bits: fc.integer({ min: 1, max: 900 }), seconds: fc.constantFrom(0.1, 0.25, 0.5, 1) });

/** Frame by frame; the fullness at the end, or undefined where one is not there in time. */
function simulate(frames: BucketFrame[], start: number): number | undefined {
  let fullness = start;
  for (const { bits, seconds } of frames) {
    if (bits > fullness + 1e-6) return undefined;
    fullness = Math.min(limits.bufferBits, fullness - bits + seconds * limits.maxBitrate);
  }
  return fullness;
}

describe("the leaky bucket", () => {
  it("says of a run what its frames do one by one, whatever was in the buffer", () => {
    const start = fc.integer({ min: 0, max: limits.bufferBits });
    fc.assert(
      fc.property(fc.array(frame, { minLength: 1, maxLength: 40 }), start, (frames, fullness) => {
        const { need, gain, most } = bucketRun(frames, limits);
        const end = simulate(frames, fullness);
        if (end === undefined) assert.ok(fullness < need);
        // need is rounded up by less than a bit
        else if (fullness >= need) assert.ok(Math.abs(Math.min(most, fullness + gain) - end) <= 2);
        else assert.ok(need - fullness <= 1);
      }),
    );
  });

  it("joins runs as if their frames were one run", () => {
    const frames = fc.array(frame, { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(frames, frames, (first, then) => {
        const joined = joinRuns(bucketRun(first, limits), bucketRun(then, limits));
        const whole = bucketRun([...first, ...then], limits);
        for (const key of ["need", "gain", "most"] as const) {
          const both = [joined[key], whole[key]];
          assert.ok(both[0] === both[1] || Math.abs((both[0] as number) - (both[1] as number)) <= 3, `${key}: ${both}`);
        }
      }),
    );
  });

  it("never underflows in a stream of chunks that each keep the limits between any neighbours", () => {
    let streams = 0;
    fc.assert(
      fc.property(fc.array(fc.array(frame, { minLength: 1, maxLength: 12 }), { maxLength: 8 }), (chunks) => {
        const runs = chunks.map((frames) => bucketRun(frames, limits));
        const kept = runs.filter((run) => keepsLimits(run, limits, { first: false, last: false }));
        assert.equal(firstUnderflow(kept, limits), undefined);
        streams += kept.length > 1 ? 1 : 0;
      }),
    );
    assert.ok(streams > 20);
  });

  it("passes a stream at its highest rate, and finds the place where one goes beyond it", () => {
    const even = Array.from({ length: 40 }, () => ({ bits: 100, seconds: 0.1 }));
    const steady = bucketRun(even, limits);
    assert.equal(firstUnderflow([steady, steady, steady], limits), undefined);
    const high = bucketRun(
      even.map(({ seconds }) => ({ bits: 130, seconds })),
      limits,
    );
    // 30 bits a frame too many: 1800 bits last for 57 of them
    assert.equal(firstUnderflow([steady, high, steady], limits), undefined);
    assert.equal(firstUnderflow([steady, high, high, steady], limits), 2);
    // a frame larger than the buffer can never be there in time
    assert.equal(firstUnderflow([steady, bucketRun([{ bits: 2_100, seconds: 0.1 }], limits)], limits), 1);
  });
});
