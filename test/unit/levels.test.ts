import assert from "node:assert/strict";
import { levelOf } from "../../src/core/levels.js";
import type { VideoCodec } from "../../src/core/media.js";

function level(codec: VideoCodec, width: number, height: number, framesPerSecond: number, maxBitrate: number): string {
  const found = levelOf(codec, { width, height, framesPerSecond, maxBitrate, bufferBits: 2 * maxBitrate });
  return `${found.level} ${found.tier}`;
}

describe("levels", () => {
  it("are the lowest that allow a stream of H.264 (table A-1)", () => {
    assert.equal(level("h264", 1920, 1080, 30, 6_000_000), "40 main");
    assert.equal(level("h264", 1920, 1080, 60, 8_500_000), "42 main");
    assert.equal(level("h264", 1280, 720, 30, 3_300_000), "31 main");
    assert.equal(level("h264", 854, 480, 24, 1_800_000), "30 main");
    assert.equal(level("h264", 3840, 2160, 60, 24_000_000), "52 main");
  });

  it("are the lowest that allow a stream of HEVC, the main tier before the high one (tables A.8 and A.9)", () => {
    assert.equal(level("hevc", 416, 240, 25, 500_000), "20 main");
    assert.equal(level("hevc", 1280, 720, 30, 2_300_000), "31 main");
    assert.equal(level("hevc", 1920, 1080, 30, 4_200_000), "40 main");
    assert.equal(level("hevc", 1920, 1080, 60, 6_000_000), "41 main");
    assert.equal(level("hevc", 3840, 2160, 60, 17_000_000), "51 main");
    assert.equal(level("hevc", 1920, 1080, 30, 25_000_000), "52 main");
    assert.equal(level("hevc", 1920, 1080, 30, 200_000_000), "61 high");
  });

  it("are the lowest that allow a stream of AV1, whose buffer holds a second (A.3)", () => {
    assert.equal(level("av1", 426, 240, 30, 400_000), "20 main");
    assert.equal(level("av1", 1280, 720, 30, 2_000_000), "31 main");
    assert.equal(level("av1", 1920, 1080, 30, 3_600_000), "40 main");
    assert.equal(level("av1", 1920, 1080, 30, 6_500_000), "41 main");
    assert.equal(level("av1", 3840, 2160, 60, 14_000_000), "51 main");
  });

  it("are the lowest that allow a stream of VP9", () => {
    assert.equal(level("vp9", 160, 90, 25, 100_000), "10 main");
    assert.equal(level("vp9", 854, 480, 30, 1_500_000), "30 main");
    assert.equal(level("vp9", 1920, 1080, 30, 4_800_000), "40 main");
    assert.equal(level("vp9", 1920, 1080, 60, 6_800_000), "41 main");
  });

  it("do not allow everything", () => {
    for (const codec of ["h264", "hevc", "av1", "vp9"] as const) {
      assert.throws(() => level(codec, 16_384, 16_384, 30, 1_000_000), /level allows 16384x16384 at 30 frames/);
    }
  });
});
