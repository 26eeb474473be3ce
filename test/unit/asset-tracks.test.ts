/** What `/assets/<asset>` says of an asset's tracks, from the master playlist that players read. */
import assert from "node:assert/strict";
import { assembleAsset } from "../../src/core/assemble.js";
import { tracksOf } from "../../src/core/asset-tracks.js";
import { masterPlaylist } from "../../src/core/hls-master.js";
import { downloadsOf } from "../../src/node/http/listing.js";
import { audioTrack, listingsOf, planOf, subtitleTrack, videoPlan, videoRendition } from "../support/plans.js";

describe("tracks of an asset", () => {
  it("have the languages and the names of its menus, each once", () => {
    const audio = [
      audioTrack(1, { title: "English, 5.1", language: "en", channels: 6 }),
      audioTrack(2, { title: "Fran\u00e7ais", language: "fr", channels: 2 }),
    ];
    const plan = { ...planOf(videoPlan(250, [videoRendition(360)]), audio), subtitles: [subtitleTrack(1)] };
    const tracks = tracksOf(masterPlaylist(assembleAsset(plan, listingsOf(plan))));
    assert.deepEqual(
      tracks.audio.map(({ name, language, label }) => [name, language, label]),
      [
        ["audio-1", "en", "English, 5.1"],
        ["audio-2", "fr", "Fran\u00e7ais"],
      ],
    );
    assert.deepEqual(
      tracks.subtitles.map(({ name }) => name),
      ["subtitles-1"],
    );
  });

  it("are none where there is nothing but the picture", () => {
    assert.deepEqual(tracksOf("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nvideo/360p/media.m3u8\n"), {
      audio: [],
      subtitles: [],
    });
  });

  it("can be downloaded with each rendition of the picture that is there", () => {
    const there = ["video/360p/init.mp4", "audio/audio-1/init.mp4"];
    const urls = downloadsOf("a film", (path) => there.includes(path), ["360p", "180p"]);
    assert.deepEqual(urls, { "360p": "/assets/a%20film/download.mp4?rendition=360p" });
  });
});
