import assert from "node:assert/strict";
import { assembleAsset } from "../../src/core/assemble.js";
import { masterPlaylist, mediaPlaylist } from "../../src/core/hls.js";
import type { EncodedRendition, Plan } from "../../src/core/media.js";
import { peakBitrate, targetDuration } from "../../src/core/renditions.js";
import { audioTrack, blobOf, listingsOf, planOf, videoPlan, videoRendition } from "../support/plans.js";

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
#EXT-X-VERSION:7
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

  it("has the same target duration for all: the longest segment, rounded, at least 1", () => {
    assert.equal(targetDuration([rendition([[6.006, 1]]), rendition([[5.9, 1]])]), 6);
    assert.equal(targetDuration([rendition([[6.5, 1]])]), 7);
    assert.equal(targetDuration([rendition([[0.2, 1]])]), 1);
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

describe("HLS master playlist", () => {
  const two = [videoRendition(360), videoRendition(180)];

  it("describes each variant and the audio group", () => {
    const tracks = [
      audioTrack(1, { title: "English", channels: 2 }),
      audioTrack(2, { title: "Français", language: "fr", channels: 6 }),
    ];
    const plan = planOf(videoPlan(250, two), tracks);
    const sizes: Record<string, number> = { "360p": 50_000, "180p": 20_000, "audio-1": 16_000, "audio-2": 24_000 };
    const renditions = encoded(plan, (name, number) => (sizes[name] ?? 0) * (number === 3 ? 2 : 1));
    // 2 s a segment, one of five twice as large; the larger audio track: 2.005 s a segment
    const audioPeak = Math.ceil((48_000 * 8) / (96_256 / 48_000));
    const audioAverage = Math.ceil((144_000 * 8) / ((5 * 96_256) / 48_000));
    const group = 'CODECS="avc1.64001f,mp4a.40.2"';
    const rest = 'FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="audio"';
    assert.equal(
      masterPlaylist(plan, renditions),
      `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/audio-1/media.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="audio",NAME="Français",LANGUAGE="fr",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="6",URI="audio/audio-2/media.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=${400_000 + audioPeak},AVERAGE-BANDWIDTH=${240_000 + audioAverage},${group},RESOLUTION=640x360,${rest}
video/360p/media.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=${160_000 + audioPeak},AVERAGE-BANDWIDTH=${96_000 + audioAverage},${group},RESOLUTION=320x180,${rest}
video/180p/media.m3u8
`,
    );
  });

  it("has no audio group without audio, and three decimals of the frame rate", () => {
    const video = { ...videoPlan(250, [videoRendition(180)]), frameRate: { num: 30_000, den: 1001 } };
    const plan = planOf(video, []);
    const master = masterPlaylist(plan, encoded(plan));
    assert.doesNotMatch(master, /AUDIO|EXT-X-MEDIA|mp4a/);
    assert.match(master, /CODECS="avc1.64001f",RESOLUTION=320x180,FRAME-RATE=29.970,VIDEO-RANGE=SDR\nvideo/);
  });

  it("makes the default audio track the variant without video", () => {
    const plan = planOf(null, [audioTrack(1, { default: false }), audioTrack(2, { default: true, language: "de" })]);
    const lines = masterPlaylist(plan, encoded(plan)).split("\n");
    const variants = lines.filter((line) => line.startsWith("#EXT-X-STREAM-INF"));
    assert.equal(variants.length, 1);
    assert.match(variants[0] ?? "", /CODECS="mp4a.40.2",AUDIO="audio"$/);
    assert.equal(lines.at(-2), "audio/audio-2/media.m3u8");
  });

  it("keeps names apart, on one line and without quotes, and one default", () => {
    const plan = planOf(null, [
      audioTrack(1, { title: 'The "best"\nsound', default: true }),
      audioTrack(2, { title: 'The "best"\nsound', default: true }),
      audioTrack(3, { title: "", language: "und" }),
    ]);
    const tags = masterPlaylist(plan, encoded(plan)).match(/#EXT-X-MEDIA:.*/g) ?? [];
    assert.equal(tags.length, 3);
    assert.match(tags[0] ?? "", /NAME="The 'best' sound",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES/);
    // a second track of a language is not for the player to choose by itself
    assert.match(tags[1] ?? "", /NAME="The 'best' sound 2",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO/);
    assert.match(tags[2] ?? "", /NAME="und",DEFAULT=NO,AUTOSELECT=YES/);
  });

  it("refuses a plan of which a rendition is missing", () => {
    const plan = planOf(videoPlan(250, two), []);
    const renditions = encoded(plan).slice(0, 1);
    const message = "video 180p of the plan was not encoded; encode it";
    assert.throws(() => masterPlaylist(plan, renditions), { code: "MEDIA", message });
  });
});
