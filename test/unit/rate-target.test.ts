import assert from "node:assert/strict";
import fc from "fast-check";
import { keepRungs } from "../../src/core/auto-ladder.js";
import { type Measured, nextQuality, targetBitrate, withCapsFor, withQuality } from "../../src/core/rate-target.js";
import { audioTrack, planOf, videoPlan, videoRendition } from "../support/plans.js";

const plan = planOf(videoPlan(250, [videoRendition(720), videoRendition(360)]), [audioTrack(1)]);

describe("a target of rate", () => {
  it("is the bit rate, or the size less the first audio track", () => {
    assert.equal(targetBitrate(plan), undefined);
    assert.equal(targetBitrate({ ...plan, options: { ...plan.options, bitrate: 4_000_000 } }), 4_000_000);
    // ten seconds
    assert.equal(targetBitrate({ ...plan, options: { ...plan.options, size: 2_000_000 } }), 1_600_000 - 64_000);
  });

  it("moves the caps of all rungs alike, and the levels with them", () => {
    const renditions = withCapsFor(plan, 20_000_000).video?.renditions ?? [];
    assert.deepEqual(
      renditions.map(({ maxBitrate, bufferBits, level }) => [maxBitrate, bufferBits, level]),
      [
        [30_000_000, 60_000_000, 41],
        [30_000_000, 60_000_000, 41],
      ],
    );
  });

  it("gives every codec the quality that looks the same", () => {
    const codecs = ["h264", "hevc", "av1", "vp9"] as const;
    const mixed = planOf(
      videoPlan(
        250,
        codecs.map((codec) => ({ ...videoRendition(360), codec })),
      ),
      [],
    );
    assert.deepEqual(
      withQuality(mixed, 24.5).video?.renditions.map(({ crf }) => crf),
      [24.5, 25.8, 39, 34],
    );
  });

  it("is reached in a few steps where a step of quality changes the rate as encoders do", () => {
    const halving = fc.double({ min: 4, max: 10, noNaN: true });
    const target = fc.double({ min: 1e5, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(halving, target, (steps, wanted) => {
        // falling faster where quality is high
        const rateAt = (crf: number) => 2e7 * 2 ** (-crf / steps - ((crf - 23) / 60) ** 2);
        const measured: Measured[] = [];
        for (let crf = 23; measured.length < 5; crf = nextQuality(measured, wanted)) {
          measured.push({ crf, rate: rateAt(crf) });
        }
        const { crf, rate } = measured.at(-1) as Measured;
        const isAtLimit = crf === 1 || crf === 51;
        assert.ok(isAtLimit || Math.abs(rate / wanted - 1) < 0.05, `${rate} for ${wanted} at ${crf}`);
      }),
    );
  });
});

describe("the ladder by itself", () => {
  const rung = (height: number, rate: number, throughNext = 40) => ({ name: `${height}p`, height, rate, throughNext });

  it("keeps rungs that are apart", () => {
    const rungs = [rung(1080, 4e6), rung(720, 2e6), rung(480, 1e6)];
    assert.deepEqual(keepRungs(rungs), { heights: [1080, 720, 480], notes: [] });
  });

  it("leaves out what saves next to no bits, and measures the next against what is kept", () => {
    const { heights, notes } = keepRungs([rung(720, 1e6), rung(480, 0.9e6), rung(360, 0.8e6), rung(240, 0.4e6)]);
    assert.deepEqual(heights, [720, 240]);
    assert.deepEqual(notes, [
      "left out 480p: at equal quality it takes 90% of 720p's bits",
      "left out 360p: at equal quality it takes 80% of 720p's bits",
    ]);
  });

  it("begins where the source is sharp", () => {
    const { heights, notes } = keepRungs([rung(1080, 4e6, 55), rung(720, 2e6, 52), rung(480, 1e6, 41), rung(360, 5e5)]);
    assert.deepEqual(heights, [480, 360]);
    assert.match(notes[0] ?? "", /left out 1080p: the source is no sharper than 720p/);
  });

  it("keeps at least one", () => {
    const { heights } = keepRungs([rung(720, 1e6, 60), rung(480, 1e6, Number.POSITIVE_INFINITY)]);
    assert.deepEqual(heights, [480]);
  });
});
