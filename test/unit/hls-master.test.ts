import assert from "node:assert/strict";
import { assembleAsset } from "../../src/core/assemble.js";
import { manifestTexts } from "../../src/core/asset-files.js";
import { masterPlaylist } from "../../src/core/hls-master.js";
import type { AudioCodec, Plan, VideoCodec, VideoRendition } from "../../src/core/media.js";
import type { MadeAsset } from "../../src/core/renditions.js";
import { audioTrack, blobOf, listingsOf, planOf, subtitleTrack, videoPlan, videoRendition } from "../support/plans.js";

function made(plan: Plan, bytes?: (rendition: string, number: number) => number): MadeAsset {
  return assembleAsset(plan, listingsOf(plan, bytes));
}

/** A ladder of 360 and 180 lines a codec. */
function ladders(...codecs: VideoCodec[]): VideoRendition[] {
  return codecs.flatMap((codec, index) =>
    [360, 180].map((height) => {
      const rendition = videoRendition(height);
      return { ...rendition, codec, name: index === 0 ? rendition.name : `${rendition.name}-${codec}` };
    }),
  );
}

function linesOf(plan: Plan, beginning: string): string[] {
  const lines = masterPlaylist(made(plan)).split("\n");
  return lines.filter((line) => line.startsWith(beginning));
}

describe("HLS master playlist", () => {
  const two = [videoRendition(360), videoRendition(180)];

  it("describes each variant and the audio group", () => {
    const tracks = [
      audioTrack(1, { title: "English", channels: 2 }),
      audioTrack(2, { title: "Français", language: "fr", channels: 6 }),
    ];
    const plan = planOf(videoPlan(250, two), tracks);
    const sizes: Record<string, number> = { "360p": 50_000, "180p": 20_000, "audio-1": 16_000, "audio-2": 24_000 };
    const asset = made(plan, (name, number) => (sizes[name] ?? 0) * (number === 3 ? 2 : 1));
    // 2 s a segment, one of five twice as large; the larger audio track: 2.005 s a segment
    const audioPeak = Math.ceil((48_000 * 8) / (96_256 / 48_000));
    const audioAverage = Math.ceil((144_000 * 8) / ((5 * 96_256) / 48_000));
    const group = 'CODECS="avc1.64001f,mp4a.40.2"';
    const rest = 'FRAME-RATE=25.000,VIDEO-RANGE=SDR,AUDIO="aac-2",CLOSED-CAPTIONS=NONE';
    assert.equal(
      masterPlaylist(asset),
      `#EXTM3U
#EXT-X-VERSION:6
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac-2",NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="audio/audio-1/media.m3u8"
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="aac-2",NAME="Français",LANGUAGE="fr",DEFAULT=NO,AUTOSELECT=YES,CHANNELS="6",URI="audio/audio-2/media.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=${400_000 + audioPeak},AVERAGE-BANDWIDTH=${240_000 + audioAverage},${group},RESOLUTION=640x360,${rest}
video/360p/media.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=${160_000 + audioPeak},AVERAGE-BANDWIDTH=${96_000 + audioAverage},${group},RESOLUTION=320x180,${rest}
video/180p/media.m3u8
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=100000,AVERAGE-BANDWIDTH=60000,CODECS="avc1.64001f",RESOLUTION=640x360,VIDEO-RANGE=SDR,URI="video/360p/iframes.m3u8"
#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=40000,AVERAGE-BANDWIDTH=24000,CODECS="avc1.64001f",RESOLUTION=320x180,VIDEO-RANGE=SDR,URI="video/180p/iframes.m3u8"
`,
    );
  });

  it("has no audio group without audio, and three decimals of the frame rate", () => {
    const video = { ...videoPlan(250, [videoRendition(180)]), frameRate: { num: 30_000, den: 1001 } };
    const plan = planOf(video, []);
    const master = masterPlaylist(made(plan));
    assert.doesNotMatch(master, /AUDIO|EXT-X-MEDIA|mp4a/);
    assert.match(
      master,
      /CODECS="avc1.64001f",RESOLUTION=320x180,FRAME-RATE=29.970,VIDEO-RANGE=SDR,CLOSED-CAPTIONS=NONE\nvideo/,
    );
  });

  it("makes the default audio track the variant without video", () => {
    const plan = planOf(null, [audioTrack(1, { default: false }), audioTrack(2, { default: true, language: "de" })]);
    const lines = masterPlaylist(made(plan)).split("\n");
    const variants = lines.filter((line) => line.startsWith("#EXT-X-STREAM-INF"));
    assert.equal(variants.length, 1);
    assert.match(variants[0] ?? "", /CODECS="mp4a.40.2",AUDIO="aac-2"$/);
    assert.equal(lines.at(-2), "audio/audio-2/media.m3u8");
  });

  it("keeps names apart, on one line and without quotes, and one default", () => {
    const plan = planOf(null, [
      audioTrack(1, { title: 'The "best"\nsound', default: true }),
      audioTrack(2, { title: 'The "best"\nsound', default: true }),
      audioTrack(3, { title: "", language: "und" }),
    ]);
    const tags = masterPlaylist(made(plan)).match(/#EXT-X-MEDIA:.*/g) ?? [];
    assert.equal(tags.length, 3);
    assert.match(tags[0] ?? "", /NAME="The 'best' sound",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES/);
    // a second track of a language is not for the player to choose by itself
    assert.match(tags[1] ?? "", /NAME="The 'best' sound 2",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO/);
    assert.match(tags[2] ?? "", /NAME="und",DEFAULT=NO,AUTOSELECT=YES/);
  });

  it("tells players what a track is for", () => {
    const plan = planOf(null, [
      audioTrack(1),
      audioTrack(2, { title: "Director", role: "commentary" }),
      audioTrack(3, { title: "Described", role: "description" }),
    ]);
    const tags = linesOf(plan, "#EXT-X-MEDIA");
    assert.match(tags[0] ?? "", /DEFAULT=YES,AUTOSELECT=YES,CHANNELS/);
    assert.match(tags[1] ?? "", /DEFAULT=NO,AUTOSELECT=NO,CHANNELS/);
    const described = 'AUTOSELECT=YES,CHARACTERISTICS="public.accessibility.describes-video",CHANNELS';
    assert.ok(tags[2]?.includes(described));
    const roles = manifestTexts(made(plan))["manifest.mpd"]?.match(/role:2011" value="[^"]+/g) ?? [];
    assert.deepEqual(
      roles.map((role) => role.split('value="')[1]),
      ["main", "alternate", "commentary", "alternate", "description"],
    );
  });

  it("has the plan's first codec first, and pairs sound and video that the same players prefer", () => {
    const tracks = (
      [
        ["ec-3", 6],
        ["aac", 6],
        ["aac", 2],
        ["opus", 2],
      ] as [AudioCodec, number][]
    ).map(([codec, channels], index) => {
      return audioTrack(index + 1, { codec, channels, stream: 1, default: true, title: "English" });
    });
    const german = audioTrack(5, { stream: 2, language: "de", title: "Deutsch" });
    const plan = planOf(videoPlan(250, ladders("h264", "av1")), [...tracks, german]);
    const pairs = linesOf(plan, "#EXT-X-STREAM-INF").map((line) => {
      return /CODECS="(\w+)[^"]*".*RESOLUTION=(\w+).*AUDIO="(.*?)"/.exec(line)?.slice(1).join(" ");
    });
    const both = (codec: string, group: string) => [`${codec} 640x360 ${group}`, `${codec} 320x180 ${group}`];
    assert.deepEqual(pairs, [
      ...both("avc1", "aac-2"),
      ...both("avc1", "aac-6"),
      ...both("avc1", "ec-3-6"),
      ...both("av01", "aac-2"),
      ...both("av01", "aac-6"),
      ...both("av01", "opus-2"),
    ]);
    // every group has the same members; German, which comes in AAC stereo alone, is in each as that
    const members = linesOf(plan, "#EXT-X-MEDIA").map((line) =>
      /ID="(.*?)",NAME="(.*?)".*URI="audio\/(.*?)\//.exec(line),
    );
    assert.deepEqual(
      members.map((member) => member?.slice(1).join(" ")),
      [
        ["aac-2", "audio-3"],
        ["aac-6", "audio-2"],
        ["ec-3-6", "audio-1"],
        ["opus-2", "audio-4"],
      ].flatMap(([group, english]) => [`${group} English ${english}`, `${group} Deutsch audio-5`]),
    );
    const surround = linesOf(plan, "#EXT-X-STREAM-INF").find((line) => line.includes("ec-3-6"));
    assert.match(surround ?? "", /CODECS="avc1.64001f,ec-3,mp4a.40.2"/);
  });

  it("offers what nothing pairs with beside the first codec, or alone", () => {
    const opus = audioTrack(1, { codec: "opus", stream: 1 });
    const aac = audioTrack(2, { stream: 1 });
    const groups = (codecs: VideoCodec[], tracks = [opus, aac]) => {
      const variants = linesOf(planOf(videoPlan(100, ladders(...codecs)), tracks), "#EXT-X-STREAM-INF");
      return variants.map((line) => /CODECS="(\w+).*AUDIO="(.*?)"/.exec(line)?.slice(1).join(" "));
    };
    const once = (values: (string | undefined)[]) => [...new Set(values)];
    assert.deepEqual(once(groups(["h264", "hevc"])), ["avc1 aac-2", "avc1 opus-2", "hvc1 aac-2"]);
    assert.deepEqual(once(groups(["h264", "hevc"], [opus])), ["avc1 opus-2", "hvc1 opus-2"]);
  });

  it("says which pictures are HDR", () => {
    const renditions = [...ladders("h264"), { ...videoRendition(360), name: "360p-hevc", codec: "hevc", range: "PQ" }];
    const plan = planOf(videoPlan(100, renditions as VideoRendition[]), []);
    const ranges = linesOf(plan, "#EXT-X-STREAM-INF").map((line) => /CODECS="(\w+).*VIDEO-RANGE=(\w+)/.exec(line));
    assert.deepEqual(
      ranges.map((range) => range?.slice(1)),
      [
        ["avc1", "SDR"],
        ["avc1", "SDR"],
        ["hvc1", "PQ"],
      ],
    );
  });

  it("has the subtitles in a group of every variant, and the chapters", () => {
    const subtitles = [
      subtitleTrack(1, { title: "English", default: true }),
      subtitleTrack(2, { title: "English", hearingImpaired: true }),
      subtitleTrack(3, { title: "Signs", forced: true }),
      subtitleTrack(4, { title: "", language: "fr" }),
    ];
    const plan = { ...planOf(videoPlan(100, two), [audioTrack(1)]), subtitles };
    const uri = (number: number) => `URI="subtitles/subtitles-${number}/media.m3u8"`;
    const media = '#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID="subtitles",';
    const described = "public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound";
    assert.deepEqual(linesOf(plan, "#EXT-X-MEDIA:TYPE=SUB"), [
      `${media}NAME="English",LANGUAGE="en",DEFAULT=YES,AUTOSELECT=YES,FORCED=NO,${uri(1)}`,
      `${media}NAME="English 2",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=NO,FORCED=NO,CHARACTERISTICS="${described}",${uri(2)}`,
      `${media}NAME="Signs",LANGUAGE="en",DEFAULT=NO,AUTOSELECT=YES,FORCED=YES,${uri(3)}`,
      `${media}NAME="fr",LANGUAGE="fr",DEFAULT=NO,AUTOSELECT=YES,FORCED=NO,${uri(4)}`,
    ]);
    const variants = linesOf(plan, "#EXT-X-STREAM-INF");
    assert.ok(
      variants.length === 2 && variants.every((line) => line.includes(',AUDIO="aac-2",SUBTITLES="subtitles",')),
    );
    assert.ok(variants.every((line) => !line.includes("wvtt")));
    const asset = made(plan);
    assert.doesNotMatch(masterPlaylist(asset), /SESSION-DATA/);
    const files = { ...asset.files, "chapters.json": { ...blobOf("[]"), type: "application/json" } };
    const session = '#EXT-X-SESSION-DATA:DATA-ID="com.apple.hls.chapters",URI="chapters.json"';
    assert.ok(
      masterPlaylist({ ...asset, files })
        .split("\n")
        .includes(session),
    );
  });

  it("tells the caps while what is to come is not known", () => {
    const plan = planOf(videoPlan(100, two), [audioTrack(1)]);
    const caps = new Map(Object.entries({ "360p": 1_000_000, "180p": 500_000, "audio-1": 128_000 }));
    const growing = masterPlaylist(made(plan), { since: "", now: "", target: 2, caps, tracks: ["audio-1"] });
    assert.ok(growing.includes(`\n#EXT-X-STREAM-INF:BANDWIDTH=1128000,CODECS=`));
    assert.ok(growing.includes("\n#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=1000000,CODECS="));
    assert.doesNotMatch(growing, /AVERAGE/);
  });

  it("refuses a plan of which a rendition is missing", () => {
    const plan = planOf(videoPlan(250, two), []);
    const asset = made(plan);
    const renditions = asset.renditions.slice(0, 1);
    const message = "video 180p of the plan was not encoded; encode it";
    assert.throws(() => masterPlaylist({ ...asset, renditions }), { code: "MEDIA", message });
  });
});
