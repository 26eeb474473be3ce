import assert from "node:assert/strict";
import type { EncodedRendition } from "../../src/core/media.js";
import { checkCaps } from "../../src/core/stream-caps.js";
import { blobOf, planOf, videoPlan, videoRendition } from "../support/plans.js";

/** Two renditions of five segments, two a chunk; one of them empties the buffer by so many bits where it is told to. */
function made(drain: (rendition: string, number: number) => number): EncodedRendition[] {
  return ["720p", "360p"].map((name) => ({
    name,
    kind: "video" as const,
    codec: "avc1.64001f",
    timescale: 25_000,
    init: blobOf("init"),
    segments: Array.from({ length: 5 }, (_, index) => {
      const bits = drain(name, index + 1);
      const bucket = { need: bits, gain: -bits, most: 2_000_000 - bits };
      return { number: index + 1, start: index * 50_000, duration: 50_000, ...blobOf(`${name}${index}`), bucket };
    }),
  }));
}

describe("the caps of a whole stream", () => {
  const plan = planOf(videoPlan(250, [videoRendition(720), videoRendition(360)]), []);

  it("pass where the buffer lasts over all chunks", () => {
    checkCaps(
      plan,
      made(() => 300_000),
    );
  });

  it("name the rendition, the segment and the chunk in which it does not", () => {
    const failing = made((name, number) => (name === "360p" && number >= 3 ? 900_000 : 200_000));
    assert.throws(() => checkCaps(plan, failing), /360p goes beyond 1000000 bits.* in segment 4 of chunk-000002/);
  });

  it("have nothing to say about a listing without them", () => {
    const silent = made(() => 0).map((rendition) => ({
      ...rendition,
      segments: rendition.segments.map(({ bucket: _, ...segment }) => segment),
    }));
    checkCaps(plan, silent);
  });
});
