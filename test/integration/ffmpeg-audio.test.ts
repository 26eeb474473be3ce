import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "mocha";
import { cutAudio } from "../../src/core/cmaf.js";
import { readSamples } from "../../src/core/fragment-reader.js";
import type { Plan } from "../../src/core/media.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { buildPlan } from "../../src/core/plan.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { clicks, makeSource, picture, soundOnsets } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2"];
const options = { ...DEFAULT_OPTIONS, ladder: [], segmentSeconds: 4, preset: "ultrafast", crf: 40 };
const media = createMediaTools();
const { signal } = new AbortController();

/** Encodes the first audio track of a source. */
async function encode(source: string): Promise<{ plan: Plan; file: string }> {
  const folder = await temporaryFolder();
  const prepared = await media.prepare(source, "film", folder, signal);
  const { file } = prepared;
  const plan = buildPlan({ ...prepared, job: "job-1", source: { sha256: "0".repeat(64), bytes: 1 }, options });
  const [track] = plan.audio;
  assert.ok(track);
  const cut = join(folder, "cut");
  await media.cut(plan, track.name, file, cut, signal);
  return { plan, file: await media.encodeAudio(plan, track, cut, folder, { signal, onProgress: () => {} }) };
}

async function checkOnsets(file: string, expected: number[]): Promise<void> {
  const onsets = await soundOnsets(file);
  assert.equal(onsets.length, expected.length, `clicks at ${onsets.join(", ")}`);
  for (const [place, onset] of onsets.entries()) {
    const off = Math.abs(onset - (expected[place] as number));
    assert.ok(off < 0.005, `click ${place} at ${onset} s, expected at ${expected[place]} s`);
  }
}

describe("encoding audio", function () {
  this.timeout(60_000);

  const containers: [string, string[]][] = [
    ["AAC in MP4", ["aac.mp4", "-c:a", "aac"]],
    ["AAC in a transport stream", ["aac.ts", "-c:a", "aac"]],
    ["FLAC in Matroska", ["flac.mkv", "-c:a", "flac"]],
    ["ALAC, which NUT does not hold", ["alac.mov", "-c:a", "alac"]],
    ["six channels of AC-3", ["ac3.mkv", "-c:a", "ac3", "-ac", "6"]],
  ];
  for (const [what, [name = "", ...encoder]] of containers) {
    it(`keeps ${what} in step with the picture`, async () => {
      const { file } = await encode(await makeSource(name, ...picture(13), ...clicks(13), ...x264, ...encoder));
      await checkOnsets(file, [1, 6, 11]);
    });
  }

  it("is silent until a late track starts", async () => {
    const late = [...picture(13), "-itsoffset", "3", ...clicks(9), ...x264, "-c:a", "aac"];
    const { file } = await encode(await makeSource("late.mp4", ...late));
    await checkOnsets(file, [4, 9]);
  });

  it("drops what is heard before the first picture", async () => {
    const early = ["-itsoffset", "2", ...picture(11), ...clicks(13), ...x264, "-c:a", "flac"];
    const { file } = await encode(await makeSource("early.mkv", ...early));
    await checkOnsets(file, [4, 9]);
  });

  it("is filled up with silence to the end of the video, and goes on where the track is longer", async () => {
    const short = await encode(await makeSource("short.mp4", ...picture(10), ...clicks(7), ...x264, "-c:a", "aac"));
    assert.equal(short.plan.audio[0]?.seconds, 10);
    assert.ok(Math.abs(duration(await readFile(short.file)) - 10) < 0.03);
    const long = await encode(await makeSource("long.mp4", ...picture(7), ...clicks(10), ...x264, "-c:a", "aac"));
    assert.ok(Math.abs(duration(await readFile(long.file)) - 10) < 0.03);
  });

  it("is cut where the video is, and stands alone where there is none", async () => {
    const { plan, file } = await encode(await makeSource("alone.wav", ...clicks(10)));
    assert.equal(plan.video, null);
    const { timescale, samples } = readSamples(await readFile(file));
    const segments = cutAudio(samples, timescale, plan.boundaries);
    assert.equal(segments.length, 3);
    await checkOnsets(file, [1, 6]);
  });
});

function duration(file: Uint8Array): number {
  const { timescale, samples } = readSamples(file);
  return samples.reduce((sum, sample) => sum + sample.duration, 0) / timescale;
}
