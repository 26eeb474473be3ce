import assert from "node:assert/strict";
import { assembleAsset } from "../../src/core/assemble.js";
import { assetFiles, manifestTexts } from "../../src/core/asset-files.js";
import type { EncodedMedia, EncodedRendition } from "../../src/core/media.js";
import { audioTrack, blobOf, listingsOf, planOf, subtitleTrack, videoPlan, videoRendition } from "../support/plans.js";

const plan = planOf(videoPlan(250, [videoRendition(360), videoRendition(180)]), [audioTrack(1), audioTrack(2)]);

/** The plan's listings, one of them changed. */
function changed(task: string, change: (media: EncodedMedia) => void): { task: string; media: EncodedMedia }[] {
  const listings = structuredClone(listingsOf(plan));
  const media = listings.find((listing) => listing.task === task)?.media;
  assert.ok(media);
  change(media);
  return listings;
}

function renditionOf(media: EncodedMedia, name: string): EncodedRendition {
  const rendition = media.renditions.find((one) => one.name === name);
  assert.ok(rendition);
  return rendition;
}

function refuses(listings: { task: string; media: EncodedMedia }[], message: string): void {
  assert.throws(() => assembleAsset(plan, listings), { code: "MEDIA", message });
}

describe("assembling an asset", () => {
  it("joins the chunks of each rendition in the plan's order, whatever order they come in", () => {
    const { renditions } = assembleAsset(plan, listingsOf(plan).toReversed());
    const names = renditions.map(({ name, segments }) => [name, segments.map(({ number }) => number)]);
    assert.deepEqual(
      names,
      ["360p", "180p", "audio-1", "audio-2"].map((name) => [name, [1, 2, 3, 4, 5]]),
    );
    const [video] = renditions;
    const starts = video?.segments.map(({ start }) => start);
    assert.deepEqual(starts, [0, 50_000, 100_000, 150_000, 200_000]);
  });

  it("refuses tasks that are missing, there twice or not the plan's", () => {
    const all = listingsOf(plan);
    refuses(
      all.filter(({ task }) => task !== "chunk-000002"),
      "chunk-000002 is not encoded; encode it again",
    );
    refuses(
      all.filter(({ task }) => task !== "audio-2"),
      "audio-2 is not encoded; encode it again",
    );
    refuses([...all, ...all.slice(0, 1)], "chunk-000001 is listed twice; submit the source again");
    const [first] = all;
    assert.ok(first);
    refuses(
      [...all, { ...first, task: "chunk-000009" }],
      "chunk-000009 is not a task of the plan; submit the source again",
    );
    refuses([{ ...first, task: "chunk-000002" }], "chunk-000002 has the listing of chunk-000001; encode it again");
  });

  it("refuses a chunk that lacks a rendition or brings another", () => {
    const lacking = changed("chunk-000002", (media) => media.renditions.pop());
    refuses(lacking, "chunk-000002 has 1 renditions where 2 are planned; encode it again");
    const renamed = changed("chunk-000002", (media) => {
      renditionOf(media, "180p").name = "144p";
    });
    refuses(renamed, "chunk-000002 has no video 180p; encode it again");
  });

  it("refuses chunks whose encoders differ", () => {
    const init = changed("chunk-000003", (media) => {
      renditionOf(media, "180p").init = blobOf("another encoder's");
    });
    const differ = "has another init segment in 180p than chunk-000001: their encoders differ";
    refuses(init, `chunk-000003 ${differ}; give all nodes the same version of ffmpeg and submit the source again`);
    const codec = changed("chunk-000003", (media) => {
      renditionOf(media, "180p").codec = "avc1.42001e";
    });
    refuses(codec, "chunk-000003 has codec avc1.42001e in 180p, chunk-000001 avc1.64001f; encode it again");
    const timescale = changed("chunk-000001", (media) => {
      renditionOf(media, "360p").timescale = 12_800;
    });
    refuses(timescale, "chunk-000001 has timescale 12800 in 360p where 25000 is planned; encode it again");
  });

  it("refuses video segments that are not the planned ones", () => {
    const lost = changed("chunk-000002", (media) => renditionOf(media, "360p").segments.shift());
    refuses(lost, "chunk-000002 has segment 4 of 360p where 3 is planned; encode it again");
    const last = changed("chunk-000003", (media) => renditionOf(media, "360p").segments.pop());
    refuses(last, "chunk-000003 ends with segment 4 of 360p, planned are 5; encode it again");
    const more = changed("chunk-000003", (media) => {
      const { segments } = renditionOf(media, "360p");
      segments.push({ number: 6, start: 250_000, duration: 50_000, ...blobOf("more") });
    });
    refuses(more, "chunk-000003 has segment 6 of 360p where none is planned; encode it again");
    const moved = changed("chunk-000002", (media) => {
      const [segment] = renditionOf(media, "180p").segments;
      if (segment) segment.duration = 49_000;
    });
    const times = "has segment 3 of 180p at 100000 for 49000 ticks, planned at 100000 for 50000";
    refuses(moved, `chunk-000002 ${times}; encode it again`);
  });

  it("refuses audio that has gaps, is empty or is another track's", () => {
    const gap = changed("audio-1", (media) => {
      const segment = renditionOf(media, "audio-1").segments[2];
      if (segment) segment.start += 1024;
    });
    const times = "has segment 3 at 193536 for 96256 ticks, expected at 192512";
    refuses(gap, `audio-1 ${times}; encode it again`);
    const lost = changed("audio-1", (media) => renditionOf(media, "audio-1").segments.splice(1, 1));
    refuses(lost, "audio-1 has segment 3 where 2 belongs; encode it again");
    const empty = changed("audio-1", (media) => {
      renditionOf(media, "audio-1").segments = [];
    });
    refuses(empty, "audio-1 has no segments; encode it again");
    const other = changed("audio-1", (media) => {
      renditionOf(media, "audio-1").name = "audio-2";
    });
    refuses(other, "audio-1 does not hold exactly its own audio rendition; encode it again");
  });

  it("refuses a plan of nothing", () => {
    assert.throws(() => assembleAsset(planOf(null, []), []), { code: "MEDIA", message: /neither video nor audio/ });
  });

  it("takes text and images as they come, or without those that could not be made", () => {
    const images = { name: "images", width: 160, height: 90, columns: 5, rows: 4, interval: 1, count: 10, posterAt: 1 };
    const extras = { ...plan, subtitles: [subtitleTrack(1), subtitleTrack(2)], images };
    const listings = listingsOf(extras);
    const { renditions, files } = assembleAsset(extras, listings);
    assert.deepEqual(
      renditions.filter(({ kind }) => kind === "text").map(({ name }) => name),
      ["subtitles-1", "subtitles-2"],
    );
    assert.deepEqual(Object.keys(files), ["thumbnails/000001.jpg"]);
    for (const { task, media } of listings) if (task === "subtitles-1") media.renditions = [];
    const without = assembleAsset(extras, listings);
    assert.equal(without.renditions.length, renditions.length - 1);
    assert.doesNotMatch(manifestTexts(without)["master.m3u8"] ?? "", /subtitles-1/);
    const twice = structuredClone(listings);
    for (const { media } of twice.slice(-2)) media.files = files;
    const message = /made thumbnails\/000001.jpg, which another task has made too/;
    assert.throws(() => assembleAsset(extras, twice), { code: "MEDIA", message });
    assert.throws(() => assembleAsset(extras, listings.slice(0, -1)), { message: /^images is not encoded/ });
  });

  it("lists every file by its path, with its media type", () => {
    const made = assembleAsset(plan, listingsOf(plan));
    const texts = Object.entries(manifestTexts(made));
    const manifests = Object.fromEntries(texts.map(([path, text]) => [path, blobOf(text)]));
    const files = assetFiles(made, manifests);
    assert.equal(Object.keys(files).length, 2 + 4 * (1 + 1 + 5) + 2);
    const types = (path: string) => files[path]?.type;
    assert.equal(types("master.m3u8"), "application/vnd.apple.mpegurl");
    assert.equal(types("video/360p/media.m3u8"), "application/vnd.apple.mpegurl");
    assert.equal(types("manifest.mpd"), "application/dash+xml");
    assert.equal(types("video/180p/init.mp4"), "video/mp4");
    assert.equal(types("audio/audio-2/000005.m4s"), "audio/mp4");
    const segment = { ...blobOf("180p/3"), bytes: 1000, type: "video/mp4" };
    assert.deepEqual(files["video/180p/000003.m4s"], segment);
    assert.deepEqual(Object.keys(files["video/180p/000003.m4s"] ?? {}).sort(), ["bytes", "sha256", "type"]);
  });
});
