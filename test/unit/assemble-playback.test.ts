import assert from "node:assert/strict";
import { mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assembleAsset } from "../../src/core/assemble.js";
import { assetFiles, manifestTexts } from "../../src/core/asset-files.js";
import type { CutSegment } from "../../src/core/cmaf.js";
import { cutAudio, cutVideo } from "../../src/core/cmaf.js";
import { codecString } from "../../src/core/codec-string.js";
import { delayPresentation, reorderDelay } from "../../src/core/edit-list.js";
import { readSamples, splitInit } from "../../src/core/fragment-reader.js";
import type { Chunk, EncodedMedia, EncodedRendition, Plan, VideoPlan, VideoRendition } from "../../src/core/media.js";
import { audioClip, decodeComplaints, shownTimes, videoClip } from "../support/clips.js";
import { audioTrack, blobOf, planOf, videoPlan, videoRendition } from "../support/plans.js";
import { temporaryFolder } from "../support/temporary.js";

const SECONDS = 10;
const FRAMES = SECONDS * 25;

/** Content of every blob, by its name. */
type Blobs = Map<string, Uint8Array | string>;

function keep(blobs: Blobs, content: Uint8Array | string) {
  const blob = blobOf(content);
  blobs.set(blob.sha256, content);
  return blob;
}

function rendition(
  blobs: Blobs,
  name: string,
  init: Uint8Array,
  timescale: number,
  segments: CutSegment[],
  kind: "video" | "audio",
): EncodedRendition {
  const files = segments.map(({ bytes, ...times }) => ({ ...times, ...keep(blobs, bytes) }));
  return { name, kind, codec: codecString(init), timescale, init: keep(blobs, init), segments: files };
}

/** Encodes a chunk with a GOP of lead and of tail, where there is one, and cuts it. */
async function encodeChunk(blobs: Blobs, plan: VideoPlan, chunk: Chunk, { name, width, height }: VideoRendition) {
  const from = Math.max(0, chunk.firstFrame - 25);
  const to = Math.min(FRAMES, chunk.firstFrame + chunk.frames + 25);
  const file = await videoClip({ seconds: SECONDS, size: `${width}x${height}`, frames: [from, to] });
  const own = plan.segments.slice(chunk.firstSegment - 1, chunk.firstSegment - 1 + chunk.segments);
  const { samples, timescale } = readSamples(file);
  const delay = reorderDelay(plan.timeline, "h264");
  const segments = cutVideo(samples, own, (frame) => frame * 1000, delay);
  return rendition(blobs, name, delayPresentation(splitInit(file).init, delay), timescale, segments, "video");
}

async function encodeAudio(blobs: Blobs, plan: Plan, name: string): Promise<EncodedRendition> {
  const file = await audioClip(SECONDS);
  const { samples, timescale } = readSamples(file);
  const segments = cutAudio(samples, timescale, plan.boundaries);
  return rendition(blobs, name, splitInit(file).init, timescale, segments, "audio");
}

async function encodePlan(blobs: Blobs, plan: Plan): Promise<{ task: string; media: EncodedMedia }[]> {
  const listings: { task: string; media: EncodedMedia }[] = [];
  const list = (task: string, renditions: EncodedRendition[]) =>
    listings.push({ task, media: { version: 1, task, renditions, files: {} } });
  if (plan.video) {
    const { video } = plan;
    for (const chunk of video.chunks) {
      const encoded = video.renditions.map((planned) => encodeChunk(blobs, video, chunk, planned));
      list(chunk.name, await Promise.all(encoded));
    }
  }
  for (const { name } of plan.audio) list(name, [await encodeAudio(blobs, plan, name)]);
  return listings;
}

/** Makes the asset of a plan and writes its files into a new folder. */
async function writeAsset(plan: Plan): Promise<string> {
  const blobs: Blobs = new Map();
  const made = assembleAsset(plan, await encodePlan(blobs, plan));
  const texts = Object.entries(manifestTexts(made));
  const manifests = Object.fromEntries(texts.map(([path, text]) => [path, keep(blobs, text)]));
  const folder = await temporaryFolder();
  for (const [path, { sha256 }] of Object.entries(assetFiles(made, manifests))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), blobs.get(sha256) ?? "");
  }
  return folder;
}

/** Peak and average of one media playlist, from the sizes of its files and the definition in RFC 8216, 4.3.4.2. */
async function measuredRates(playlist: string): Promise<{ peak: number; average: number }> {
  const text = await readFile(playlist, "utf8");
  const target = Number(/TARGETDURATION:(\d+)/.exec(text)?.[1]);
  const entries = [...text.matchAll(/#EXTINF:([\d.]+),\n(.*)/g)];
  const rows = await Promise.all(
    entries.map(async ([, seconds, name]) => ({
      seconds: Number(seconds),
      bits: (await stat(join(dirname(playlist), name ?? ""))).size * 8,
    })),
  );
  const runs = rows.flatMap((_, from) => rows.map((_, to) => rows.slice(from, to + 1)));
  const rate = (run: typeof rows) => {
    const seconds = run.reduce((sum, row) => sum + row.seconds, 0);
    return { seconds, rate: run.reduce((sum, row) => sum + row.bits, 0) / seconds };
  };
  const counted = runs.map(rate).filter(({ seconds }) => seconds >= target * 0.5 && seconds <= target * 1.5);
  return { peak: Math.max(...counted.map((run) => run.rate)), average: rate(rows).rate };
}

describe("a packaged asset", function () {
  this.timeout(120_000);
  const plan = planOf(videoPlan(FRAMES, [videoRendition(180), videoRendition(90)]), [
    audioTrack(1, { title: "Tone & <beep>" }),
  ]);
  let folder: string;

  before(async () => {
    folder = await writeAsset(plan);
  });

  it("plays from the HLS master playlist without a complaint", async () => {
    assert.equal(await decodeComplaints(join(folder, "master.m3u8")), "");
  });

  it("plays from the DASH manifest without a complaint", async () => {
    assert.equal(await decodeComplaints(join(folder, "manifest.mpd")), "");
  });

  it("shows every frame once and in step with the sound, from either", async () => {
    for (const manifest of ["master.m3u8", "manifest.mpd"]) {
      const times = await shownTimes(join(folder, manifest));
      assert.deepEqual(
        times.video,
        Array.from({ length: FRAMES }, (_, frame) => (frame / 25).toFixed(6)),
      );
      assert.equal(times.audio[0], "0.000000");
    }
  });

  it("says the bit rates that its files have", async () => {
    const master = await readFile(join(folder, "master.m3u8"), "utf8");
    const manifest = await readFile(join(folder, "manifest.mpd"), "utf8");
    const audio = await measuredRates(join(folder, "audio/audio-1/media.m3u8"));
    const variants = [...master.matchAll(/BANDWIDTH=(\d+),AVERAGE-BANDWIDTH=(\d+).*\nvideo\/(.*)\/media/g)];
    assert.equal(variants.length, 2);
    for (const [, peak, average, name] of variants) {
      const video = await measuredRates(join(folder, `video/${name}/media.m3u8`));
      // rounded up, and EXTINF has microseconds only
      assert.ok(Math.abs(Number(peak) - (video.peak + audio.peak)) <= 3, `${peak} ${video.peak + audio.peak}`);
      assert.ok(Math.abs(Number(average) - (video.average + audio.average)) <= 3);
      const bandwidth = Number(new RegExp(`id="${name}"[^>]* bandwidth="(\\d+)"`).exec(manifest)?.[1]);
      assert.ok(Math.abs(bandwidth - video.peak) <= 2);
    }
  });

  it("plays without video too", async () => {
    const audioOnly = await writeAsset(planOf(null, [audioTrack(1)]));
    assert.equal(await decodeComplaints(join(audioOnly, "master.m3u8")), "");
    assert.equal(await decodeComplaints(join(audioOnly, "manifest.mpd")), "");
  });
});
