import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, it } from "mocha";
import { concatenate } from "../../src/core/boxes.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { buildPlan } from "../../src/core/plan.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { makeAudio } from "../../src/node/tasks/audio-task.js";
import { makeSource } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

const run = promisify(execFile);
const media = createMediaTools();
const { signal } = new AbortController();

/** Encodes the track of a source at a loudness, as its task does. */
async function encode(source: string, loudness: number): Promise<{ file: string; notes: string[]; bytes: Uint8Array }> {
  const folder = await temporaryFolder();
  const prepared = await media.prepare(source, "film", folder, signal);
  const options = { ...DEFAULT_OPTIONS, loudness };
  const plan = buildPlan({ ...prepared, job: "job-1", source: { sha256: "0".repeat(64), bytes: 1 }, options });
  const [track] = plan.audio;
  assert.ok(track);
  const cut = join(folder, "cut");
  await media.cut(plan, track.name, prepared.file, cut, signal);
  const reports = { onProgress: () => {}, onMade: () => {} };
  const early = () => Promise.reject(new Error("nothing is final before its peaks are known"));
  const made = await makeAudio(media, plan, track, cut, folder, signal, reports, early);
  const bytes = concatenate([made.init, ...made.segments.map((segment) => segment.bytes)]);
  const file = join(folder, "joined.mp4");
  await writeFile(file, bytes);
  return { file, notes: made.notes, bytes };
}

/** What ffmpeg's own meter says of a file. */
async function measure(file: string): Promise<{ loudness: number; peak: number }> {
  const words = ["-hide_banner", "-nostats", "-i", file, "-af", "ebur128=peak=true", "-f", "null", "-"];
  const { stderr } = await run("ffmpeg", words);
  const summary = stderr.slice(stderr.lastIndexOf("Summary:"));
  const read = (pattern: RegExp) => Number(pattern.exec(summary)?.[1]);
  return { loudness: read(/I:\s+(-?[\d.]+) LUFS/), peak: read(/Peak:\s+(-?[\d.]+) dBFS/) };
}

/** Its peaks stand far above its loudness. */
const NOISE = "anoisesrc=color=pink:amplitude=0.15:seed=7:sample_rate=48000:duration=8";

describe("loudness", function () {
  this.timeout(180_000);

  it("is brought to the target by one gain, up or down", async () => {
    for (const volume of ["0.02", "0.9"]) {
      const sound = ["-f", "lavfi", "-i", `sine=440:d=8,volume=${volume}*8,aformat=channel_layouts=stereo`];
      const { file, notes } = await encode(await makeSource("tone.flac", ...sound), -23);
      const { loudness } = await measure(file);
      assert.ok(Math.abs(loudness + 23) < 0.5, `${loudness} LUFS`);
      assert.match(notes.join(), /^audio-1 was given a gain of [+-][\d.]+ dB: from -[\d.]+ to -2[23]\.\d LUFS\.$/);
    }
  });

  it("stays under -1 dBTP by a limiter that does not move the sound, and comes out the same again", async () => {
    const source = await makeSource("noise.flac", "-f", "lavfi", "-i", NOISE);
    const { file, notes, bytes } = await encode(source, -14);
    const { loudness, peak } = await measure(file);
    assert.ok(Math.abs(loudness + 14) < 0.5, `${loudness} LUFS: ${notes}`);
    assert.ok(peak <= -1, `${peak} dBTP`);
    assert.match(notes.join(), /with a limiter on its peaks/);
    assert.deepEqual((await encode(source, -14)).bytes, bytes);
  });

  it("leaves silence alone, and says so", async () => {
    const { notes } = await encode(await makeSource("silence.flac", "-f", "lavfi", "-i", "anullsrc", "-t", "2"), -23);
    assert.deepEqual(notes, ["audio-1 is silent, so its loudness was left as it is."]);
  });
});
