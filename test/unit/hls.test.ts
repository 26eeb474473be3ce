import assert from "node:assert/strict";
import { assembleAsset } from "../../src/core/assemble.js";
import { iframePlaylist, mediaPlaylist } from "../../src/core/hls.js";
import type { EncodedRendition, Plan } from "../../src/core/media.js";
import { longestPlannedSeconds, peakBitrate, targetDuration } from "../../src/core/renditions.js";
import { audioTrack, blobOf, listingsOf, planOf, subtitleTrack, videoPlan, videoRendition } from "../support/plans.js";

function encoded(plan: Plan, bytes?: (rendition: string, number: number) => number): EncodedRendition[] {
  return assembleAsset(plan, listingsOf(plan, bytes)).renditions;
}

/** A rendition with segments of `[seconds, bytes]` each. */
function rendition(segments: [number, number][]): EncodedRendition {
  let start = 0;
  const files = segments.map(([seconds, bytes], index) => {
    const file = { number: index + 1, start, duration: seconds * 1000, sha256: blobOf(`${index}`).sha256, bytes };
    start += file.duration;
    return file;
  });
  const track = { kind: "video" as const, codec: "avc1.64001f", timescale: 1000 };
  return { name: "720p", ...track, init: blobOf("init"), segments: files };
}

describe("HLS media playlist", () => {
  it("lists every segment with its exact duration", () => {
    const plan = planOf(videoPlan(120, [videoRendition(180)]), []);
    const [video] = encoded(plan);
    assert.ok(video);
    assert.equal(
      mediaPlaylist(video, 2),
      `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2.000000,
000001.m4s
#EXTINF:2.000000,
000002.m4s
#EXTINF:0.800000,
000003.m4s
#EXT-X-ENDLIST
`,
    );
  });

  it("grows without an end that it knows, and is played from its beginning", () => {
    const [video] = encoded(planOf(videoPlan(100, [videoRendition(180)]), []));
    assert.ok(video);
    const growing = mediaPlaylist(video, 2, "EVENT");
    assert.match(growing, /PLAYLIST-TYPE:EVENT\n#EXT-X-START:TIME-OFFSET=0\n/);
    assert.ok(growing.endsWith("\n000002.m4s\n"));
    const whole = mediaPlaylist(video, 2);
    const changed = growing.replace("EVENT\n#EXT-X-START:TIME-OFFSET=0", "VOD");
    assert.equal(`${changed}#EXT-X-ENDLIST\n`, whole);
  });

  it("has text in segments that need no map", () => {
    const plan = { ...planOf(videoPlan(100, [videoRendition(180)]), []), subtitles: [subtitleTrack(1)] };
    const text = encoded(plan).find(({ kind }) => kind === "text");
    assert.ok(text);
    assert.equal(
      mediaPlaylist(text, 2),
      `#EXTM3U
#EXT-X-VERSION:3
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:2.000000,
000001.vtt
#EXTINF:2.000000,
000002.vtt
#EXT-X-ENDLIST
`,
    );
  });

  it("lists the first picture of each segment as its first bytes", () => {
    const plan = planOf(videoPlan(70, [videoRendition(180)]), []);
    const [video] = encoded(plan, (_, number) => 4000 * number);
    assert.ok(video);
    assert.equal(
      iframePlaylist(video, 2, "VOD"),
      `#EXTM3U
#EXT-X-VERSION:5
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:1
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-I-FRAMES-ONLY
#EXT-X-MAP:URI="init.mp4"
#EXTINF:2.000000,
#EXT-X-BYTERANGE:1000@0
000001.m4s
#EXTINF:0.800000,
#EXT-X-BYTERANGE:2000@0
000002.m4s
#EXT-X-ENDLIST
`,
    );
    const [unknown] = encoded(plan).map(({ segments, ...rest }) => ({
      ...rest,
      segments: segments.map(({ keyBytes: _, ...segment }) => segment),
    }));
    assert.equal(iframePlaylist(unknown as EncodedRendition, 2, "VOD"), undefined);
  });

  it("has the same target duration for all: the longest segment, rounded, at least 1", () => {
    assert.equal(targetDuration([rendition([[6.006, 1]]), rendition([[5.9, 1]])]), 6);
    assert.equal(targetDuration([rendition([[6.5, 1]])]), 7);
    assert.equal(targetDuration([rendition([[0.2, 1]])]), 1);
  });

  it("tells from the plan a target duration that no later segment changes, however sound is cut", () => {
    const target = (segments: [number, number][], seconds: number) => {
      const plan = { boundaries: [4.49, 8.98], audio: [{ ...audioTrack(1), seconds }] };
      return targetDuration([rendition(segments)], longestPlannedSeconds(plan));
    };
    const growing: [number, number][] = [[4.47, 1]];
    assert.deepEqual([target(growing, 8.98), target([...growing, [4.51, 1]], 8.98)], [5, 5]);
    assert.deepEqual([target(growing, 9.3), target([...growing, [4.83, 1]], 9.3)], [5, 5]);
    assert.equal(targetDuration([], longestPlannedSeconds({ boundaries: [4, 8], audio: [audioTrack(1)] })), 4);
  });
});

describe("HLS peak bit rate", () => {
  it("is the largest over runs of 0.5 to 1.5 target durations", () => {
    const flat = rendition([
      [6, 6000],
      [6, 6000],
      [6, 6000],
    ]);
    assert.equal(peakBitrate(flat, 6), 8000);
    // the dense second is too short to count by itself: with the segment before it, 7 s
    const short = rendition([
      [6, 6000],
      [1, 10_000],
    ]);
    assert.equal(peakBitrate(short, 6), Math.ceil((16_000 * 8) / 7));
    // two segments of 3 s beside each other are denser than either with its other neighbour
    const halves = rendition([
      [3, 3000],
      [3, 9000],
      [3, 9000],
      [3, 3000],
    ]);
    assert.equal(peakBitrate(halves, 6), 24_000);
    assert.equal(
      peakBitrate(
        rendition([
          [2, 1],
          [2, 9000],
          [2, 1],
          [2, 1],
        ]),
        6,
      ),
      Math.ceil((9001 * 8) / 4),
    );
  });

  it("is the average when everything is shorter than half a target duration", () => {
    assert.equal(peakBitrate(rendition([[0.2, 100]]), 1), 4000);
  });
});
