import assert from "node:assert/strict";
import { assembleAsset } from "../../src/core/assemble.js";
import { dashManifest } from "../../src/core/dash.js";
import type { Plan, VideoRendition } from "../../src/core/media.js";
import { audioTrack, listingsOf, planOf, subtitleTrack, videoPlan, videoRendition } from "../support/plans.js";

function manifestOf(plan: Plan): string {
  return dashManifest(assembleAsset(plan, listingsOf(plan)));
}

describe("DASH manifest", () => {
  it("is static, with exact times, one set of video and one for each audio track", () => {
    const plan = planOf(videoPlan(220, [videoRendition(360), videoRendition(180)]), [audioTrack(1)]);
    assert.equal(
      manifestOf(plan),
      `<?xml version="1.0" encoding="UTF-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011" type="static" mediaPresentationDuration="PT10.026667S" minBufferTime="PT2.005333S">
  <Period id="0" start="PT0S">
    <AdaptationSet id="0" contentType="video" mimeType="video/mp4" maxWidth="640" maxHeight="360" maxFrameRate="25" par="16:9" segmentAlignment="true" startWithSAP="1">
      <SegmentTemplate timescale="25000" initialization="video/$RepresentationID$/init.mp4" media="video/$RepresentationID$/$Number%06d$.m4s" startNumber="1">
        <SegmentTimeline>
          <S t="0" d="50000" r="3"/>
          <S d="20000"/>
        </SegmentTimeline>
      </SegmentTemplate>
      <Representation id="360p" codecs="avc1.64001f" bandwidth="5715" width="640" height="360" frameRate="25" sar="1:1"/>
      <Representation id="180p" codecs="avc1.64001f" bandwidth="5715" width="320" height="180" frameRate="25" sar="1:1"/>
    </AdaptationSet>
    <AdaptationSet id="1" contentType="audio" mimeType="audio/mp4" lang="en" segmentAlignment="true" startWithSAP="1">
      <Label>Track 1</Label>
      <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
      <SegmentTemplate timescale="48000" initialization="audio/$RepresentationID$/init.mp4" media="audio/$RepresentationID$/$Number%06d$.m4s" startNumber="1">
        <SegmentTimeline>
          <S t="0" d="96256" r="4"/>
        </SegmentTimeline>
      </SegmentTemplate>
      <Representation id="audio-1" codecs="mp4a.40.2" bandwidth="3990" audioSamplingRate="48000">
        <AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>
      </Representation>
    </AdaptationSet>
  </Period>
</MPD>
`,
    );
  });

  it("escapes what people named, and leaves out a language that is unknown", () => {
    const title = `<Tom> & "Jerry's"\u0007 music`;
    const manifest = manifestOf(planOf(null, [audioTrack(1, { title, language: "und" })]));
    assert.match(manifest, /<Label>&lt;Tom&gt; &amp; &apos;Jerry&apos;s&apos; {2}music<\/Label>/);
    assert.doesNotMatch(manifest, /lang=|contentType="video"/);
  });

  it("keeps a fractional frame rate exact, and tells the roles of tracks apart", () => {
    const video = { ...videoPlan(250, [videoRendition(180)]), frameRate: { num: 30_000, den: 1001 } };
    const manifest = manifestOf(planOf(video, [audioTrack(1), audioTrack(2, { channels: 8 })]));
    assert.match(manifest, /maxFrameRate="30000\/1001"/);
    assert.deepEqual(manifest.match(/"(main|alternate)"/g), ['"main"', '"alternate"']);
    assert.match(manifest, /AudioChannelConfiguration [^>]*value="12"/);
  });

  it("has a set for each video codec, between which players may switch, and says the colours", () => {
    const hdr: VideoRendition = { ...videoRendition(360), name: "360p-hevc", codec: "hevc", range: "PQ" };
    const vp9: VideoRendition = { ...videoRendition(360), name: "360p-vp9", codec: "vp9" };
    const colour = { primaries: "bt2020", transfer: "smpte2084", matrix: "bt2020nc" };
    const plan = planOf({ ...videoPlan(100, [videoRendition(360), hdr, vp9]), colour }, []);
    const sets = manifestOf(plan).match(/<AdaptationSet[\s\S]*?<\/AdaptationSet>/g) ?? [];
    const said = sets.map((set) => [
      /<AdaptationSet id="(\d)"/.exec(set)?.[1],
      /codecs="(\w+)/.exec(set)?.[1],
      ...[...set.matchAll(/(Primaries|Characteristics|Coefficients|switching:2016)" value="(.*?)"/g)].map(
        (row) => row[2],
      ),
    ]);
    assert.deepEqual(said, [
      ["0", "avc1", "1", "1", "1", "2"],
      ["1", "hvc1", "9", "16", "9"],
      ["2", "vp09", "1", "1", "1", "0"],
    ]);
  });

  it("tells the channels of AC-3 and E-AC-3 in Dolby's way", () => {
    const surround = audioTrack(1, { codec: "ec-3", channels: 6 });
    const manifest = manifestOf(planOf(null, [surround, audioTrack(2, { channels: 6 })]));
    assert.match(manifest, /schemeIdUri="tag:dolby.com,2014:dash:audio_channel_configuration:2011" value="F801"/);
    assert.match(manifest, /schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="6"/);
  });

  it("has whole subtitle files and sheets of small pictures", () => {
    const subtitles = [
      subtitleTrack(1, { title: "English", default: true }),
      subtitleTrack(2, { title: "Signs", language: "und", forced: true }),
      subtitleTrack(3, { title: "English for the deaf", hearingImpaired: true }),
    ];
    const size = { width: 160, height: 90, columns: 5, rows: 4 };
    const images = { name: "images", ...size, interval: 0.5, count: 25, posterAt: 1 };
    const plan = { ...planOf(videoPlan(250, [videoRendition(180)]), []), subtitles, images };
    const manifest = manifestOf(plan);
    const set = (id: number) =>
      new RegExp(`    <AdaptationSet id="${id}"[\\s\\S]*?</AdaptationSet>\n`).exec(manifest)?.[0];
    assert.equal(
      set(1)?.replaceAll(/^ {2}/gm, ""),
      `  <AdaptationSet id="1" contentType="text" mimeType="text/vtt" lang="en">
    <Label>English</Label>
    <Role schemeIdUri="urn:mpeg:dash:role:2011" value="subtitle"/>
    <Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>
    <Representation id="subtitles-1" bandwidth="4000">
      <BaseURL>subtitles/subtitles-1/subtitles.vtt</BaseURL>
    </Representation>
  </AdaptationSet>
`,
    );
    assert.match(set(2) ?? "", /mimeType="text\/vtt">[\s\S]*value="forced-subtitle"/);
    assert.match(set(3) ?? "", /value="caption"/);
    assert.equal(
      set(4)?.replaceAll(/^ {2}/gm, ""),
      `  <AdaptationSet id="4" contentType="image" mimeType="image/jpeg">
    <SegmentTemplate timescale="1000" media="thumbnails/$Number%06d$.jpg" duration="10000" startNumber="1"/>
    <Representation id="thumbnails" bandwidth="24001" width="800" height="360">
      <EssentialProperty schemeIdUri="http://dashif.org/guidelines/thumbnail_tile" value="5x4"/>
    </Representation>
  </AdaptationSet>
`,
    );
    assert.match(manifest, /mediaPresentationDuration="PT10S"/);
  });

  it("is dynamic while it grows, with the caps and without what comes last", () => {
    const images = { name: "images", width: 160, height: 90, columns: 5, rows: 4, interval: 1, count: 10, posterAt: 1 };
    const plan = { ...planOf(videoPlan(250, [videoRendition(180)]), []), images };
    const made = assembleAsset(plan, listingsOf(plan));
    const manifest = dashManifest(made, {
      since: "1970-01-01T00:00:00.000Z",
      now: "1970-01-01T00:01:01.500Z",
      target: 2,
      caps: new Map([["180p", 1_000_000]]),
      tracks: [],
    });
    const times = 'availabilityStartTime="1970-01-01T00:00:00.000Z" publishTime="1970-01-01T00:01:01.500Z"';
    assert.ok(manifest.includes(` type="dynamic" ${times} minimumUpdatePeriod="PT2S" minBufferTime="PT2S">`));
    assert.doesNotMatch(manifest, /mediaPresentationDuration|image/);
    assert.match(manifest, /id="180p" codecs="avc1.64001f" bandwidth="1000000"/);
  });
});
