import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { NO_FINDINGS, whyNotCut } from "../../src/core/exactness.js";
import type { SourceFindings, SourceIndex } from "../../src/core/source.js";
import { workingTimescale } from "../../src/core/working-source.js";

const timeBase = { num: 1, den: 25 };

/** Frames at 25 a second, a keyframe every `gop` of them. */
function indexOf(frames: number, gop: number): SourceIndex {
  const numbers = Array.from({ length: frames }, (_, frame) => frame);
  return {
    pts: numbers,
    keyframes: numbers.map((frame) => frame % gop === 0),
    shown: numbers.map(() => true),
    lastDuration: 1,
  };
}

function why(changes: Partial<SourceFindings>, index = indexOf(100, 50)): string | undefined {
  return whyNotCut(index, { ...NO_FINDINGS, ...changes }, timeBase);
}

describe("whether a source can be cut exactly", () => {
  it("says nothing of a source that can", () => {
    assert.equal(why({}), undefined);
  });

  it("names what was found on the way to the index", () => {
    assert.equal(why({ damaged: 1 }), "1 packet of it is damaged");
    assert.equal(why({ breaks: 3 }), "its time stamps break off or jump in 3 places");
    assert.equal(why({ untimed: 2 }), "2 packets of its video have no time stamp");
    assert.equal(why({ stray: 1 }), "its video decodes to 1 frame that no packet has the time of");
  });

  it("bears what an edit list discards at the ends, not in the middle", () => {
    const index = indexOf(100, 50);
    for (const frame of [0, 1, 40, 41, 42, 99]) index.shown[frame] = false;
    assert.equal(why({ discarded: [0, 1, 99] }, index), undefined);
    assert.equal(why({ discarded: [0, 1, 40, 41, 42, 99] }, index), "its edit list takes 3 frames out of its middle");
  });

  it("counts frames that share a time stamp", () => {
    const index = indexOf(100, 50);
    index.pts[20] = 19;
    assert.equal(why({}, index), "1 frame of its video shares a time stamp");
  });

  it("does not cut what is long and has next to no keyframes", () => {
    assert.equal(why({}, indexOf(60 * 25, 60 * 25)), undefined);
    assert.match(why({}, indexOf(600 * 25, 600 * 25)) ?? "", /next to no keyframes/);
    assert.equal(why({}, indexOf(600 * 25, 10 * 25)), undefined);
  });
});

describe("the clock of a working source", () => {
  it("is a whole multiple of the source's", () => {
    assert.equal(workingTimescale({ num: 1, den: 90_000 }), 90_000);
    assert.equal(workingTimescale({ num: 1, den: 25 }), 10_000);
    assert.equal(workingTimescale({ num: 1001, den: 30_000 }), 30_000);
    assert.equal(workingTimescale({ num: 1, den: 1000 }), 10_000);
  });
});
