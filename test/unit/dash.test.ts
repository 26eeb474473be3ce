import assert from "node:assert/strict";
import { assembleAsset } from "../../src/core/assemble.js";
import { dashManifest } from "../../src/core/dash.js";
import type { Plan } from "../../src/core/media.js";
import { audioTrack, listingsOf, planOf, videoPlan, videoRendition } from "../support/plans.js";

function manifestOf(plan: Plan): string {
  return dashManifest(plan, assembleAsset(plan, listingsOf(plan)).renditions);
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
    assert.match(manifest, /AudioChannelConfiguration [^>]*value="7"/);
  });
});
