import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, it } from "mocha";
import { OPUS_PRE_SKIP } from "../../src/core/audio-arguments.js";
import { concatenate } from "../../src/core/boxes.js";
import { codecString } from "../../src/core/codec-string.js";
import type { AudioTrackPlan, Plan } from "../../src/core/media.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { buildPlan } from "../../src/core/plan.js";
import type { JobOptions } from "../../src/core/work.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { type MadeAudio, makeAudio } from "../../src/node/tasks/audio-task.js";
import { clicks, makeSource, packetDigests, picture, pitches, soundOnsets } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-bf", "2"];
const media = createMediaTools();
const { signal } = new AbortController();
const RATE = 48_000;

interface Encoded {
  plan: Plan;
  track: AudioTrackPlan;
  /** All segments behind their init segment. */
  file: string;
  made: MadeAudio;
}

/** Encodes a track of a source as its task does: the first one unless another is named. */
async function encode(source: string, changes: Partial<JobOptions> = {}, name = "audio-1"): Promise<Encoded> {
  const folder = await temporaryFolder();
  const prepared = await media.prepare(source, "film", folder, signal);
  const { file } = prepared;
  const options = { ...DEFAULT_OPTIONS, preset: "ultrafast", crf: 40, ...changes };
  const plan = buildPlan({ ...prepared, job: "job-1", source: { sha256: "0".repeat(64), bytes: 1 }, options });
  const track = plan.audio.find((one) => one.name === name);
  assert.ok(track, `no ${name} among ${plan.audio.map((one) => one.name).join()}`);
  const cut = join(folder, "cut");
  await media.cut(plan, track.name, file, cut, signal);
  const reports = { onProgress: () => {}, onMade: () => {} };
  const made = await makeAudio(media, plan, track, cut, folder, signal, reports, async () => {});
  const joined = join(folder, "joined.mp4");
  await writeFile(joined, concatenate([made.init, ...made.segments.map(({ bytes }) => bytes)]));
  return { plan, track, file: joined, made };
}

/** Ticks from the start of the first segment to the end of the last; each begins where the one before it ends. */
function extent({ segments }: MadeAudio): { start: number; end: number } {
  const [first] = segments;
  let end = first?.start ?? 0;
  for (const segment of segments) {
    assert.equal(segment.start, end);
    end += segment.duration;
  }
  return { start: first?.start ?? 0, end };
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
  this.timeout(180_000);

  const sources: [string, string[]][] = [
    ["AAC in MP4", ["aac.mp4", "-c:a", "aac"]],
    ["AAC in a transport stream", ["aac.ts", "-c:a", "aac"]],
    ["FLAC in Matroska", ["flac.mkv", "-c:a", "flac"]],
    ["ALAC, which NUT does not hold", ["alac.mov", "-c:a", "alac"]],
    ["six channels of AC-3", ["ac3.mkv", "-c:a", "ac3", "-ac", "6"]],
    ["E-AC-3, which NUT takes for AC-3", ["eac3.mp4", "-c:a", "eac3"]],
    ["Opus in Matroska, with its delay", ["opus.mkv", "-c:a", "libopus"]],
    ["Opus in MP4", ["opus.mp4", "-c:a", "libopus"]],
    ["MP3 in Matroska", ["mp3.mkv", "-c:a", "libmp3lame"]],
    ["MP3 in AVI, which says nothing of its delay", ["mp3.avi", "-c:v", "mpeg4", "-bf", "0", "-c:a", "libmp3lame"]],
    ["AC-3 in AVI", ["ac3.avi", "-c:v", "mpeg4", "-bf", "0", "-c:a", "ac3"]],
  ];
  for (const [what, [name = "", ...encoder]] of sources) {
    it(`keeps ${what} in step with the picture, in AAC and in Opus, to the sample`, async () => {
      const source = await makeSource(name, ...picture(12), ...clicks(12), ...x264, ...encoder);
      const aac = await encode(source);
      await checkOnsets(aac.file, [1, 6, 11]);
      const end = Math.round(aac.plan.seconds * RATE);
      assert.ok(end - 12 * RATE < 0.05 * RATE);
      assert.deepEqual(extent(aac.made), { start: 0, end });
      const opus = await encode(source, { audioCodecs: ["opus"] }, "audio-1-opus");
      assert.equal(codecString(opus.made.init), "opus");
      await checkOnsets(opus.file, [1, 6, 11]);
      assert.deepEqual(extent(opus.made), { start: 0, end: end + OPUS_PRE_SKIP });
    });
  }

  it("says the language in the file too, encoded or copied", async () => {
    const spoken = ["-c:a", "ac3", "-metadata:s:a:0", "language=fra"];
    const source = await makeSource("spoken.mkv", ...picture(2), ...clicks(2), ...x264, ...spoken);
    for (const name of ["audio-1", "audio-1-opus", "audio-1-ac-3"]) {
      const { file } = await encode(source, { audioCodecs: ["opus", "copy"] }, name);
      const { stdout } = await promisify(execFile)("ffprobe", [
        "-v",
        "error",
        "-show_entries",
        "stream_tags=language",
        file,
      ]);
      assert.match(stdout, /language=fra/, name);
    }
  });

  for (const codec of ["ac3", "eac3"]) {
    it(`copies ${codec} packet by packet, with silence where the track has none`, async () => {
      const kinds: [string, string[], number[]][] = [
        ["in step", [...picture(12), ...clicks(12)], [1, 6, 11]],
        ["late", [...picture(12), "-itsoffset", "2.51", ...clicks(9)], [3.51, 8.51]],
        ["early", ["-itsoffset", "2.04", ...picture(10), ...clicks(12)], [3.96, 8.96]],
      ];
      for (const [kind, input, clicked] of kinds) {
        const source = await makeSource(`${kind}.mkv`, ...input, ...x264, "-c:a", codec, "-ac", "6");
        const name = codec === "ac3" ? "audio-1-ac-3" : "audio-1-ec-3";
        const { made, file, plan } = await encode(source, { audioCodecs: ["copy"] }, name);
        assert.equal(codecString(made.init), name.slice("audio-1-".length));
        await checkOnsets(file, clicked);
        const { start, end } = extent(made);
        assert.equal(start, 0);
        assert.ok(Math.abs(end - plan.seconds * RATE) < 2 * 1536, `${kind}: ends at ${end}`);
        const [before, after] = await Promise.all([packetDigests(source, "a"), packetDigests(file, "a")]);
        const kept = before.filter((digest) => after.includes(digest));
        assert.ok(
          kept.length >= before.length - (kind === "early" ? 64 : 0),
          `${kind}: ${kept.length} of ${before.length}`,
        );
      }
    });
  }

  it("takes the encoder's delay off a raw stream of AAC", async () => {
    const { file } = await encode(await makeSource("raw.aac", ...clicks(7), "-c:a", "aac"));
    await checkOnsets(file, [1, 6]);
  });

  it("keeps 5.1 as it is, channel by channel, and adds stereo", async () => {
    const played = [220, 330, 440, 60, 550, 660];
    const tones = played.map((pitch) => `0.2*sin(2*PI*${pitch}*t)`).join("|");
    const sound = ["-f", "lavfi", "-i", `aevalsrc='${tones}':s=48000:c=5.1:d=3`];
    const source = await makeSource("surround.mkv", ...picture(3), ...sound, ...x264, "-c:a", "flac");
    for (const name of ["audio-1", "audio-1-opus"]) {
      const { file, plan } = await encode(source, { audioCodecs: ["opus"] }, name);
      assert.deepEqual(
        plan.audio.map((track) => [track.name, track.channels]),
        [
          ["audio-1", 6],
          ["audio-1-stereo", 2],
          ["audio-1-opus", 6],
        ],
      );
      const heard = await pitches(file, 6);
      const off = heard.map((pitch, channel) => Math.abs(pitch - (played[channel] as number)));
      assert.ok(Math.max(...off) < 10, `${name} has the pitches ${heard.join(", ")}`);
    }
    const { file } = await encode(source, {}, "audio-1-stereo");
    assert.equal((await pitches(file, 2)).length, 2);
  });

  it("has a track for each of the source's, with its language, title and role, up to sixteen", async () => {
    const many = Array.from({ length: 17 }, (_, place) => ["-map", "0:a", `-metadata:s:a:${place}`, "language=deu"]);
    const labels = [
      "-metadata:s:a:2",
      "language=eng",
      "-metadata:s:a:2",
      "title=Director",
      "-disposition:a:2",
      "comment",
    ];
    const tone = ["-f", "lavfi", "-i", "sine=d=1", ...many.flat(), ...labels];
    const { plan } = await encode(await makeSource("many.mkv", ...tone, "-c:a", "flac"));
    assert.equal(plan.audio.length, 16);
    const { language, title, role, name } = plan.audio[2] as AudioTrackPlan;
    assert.deepEqual(
      { language, title, role, name },
      { language: "en", title: "Director", role: "commentary", name: "audio-3" },
    );
    assert.deepEqual([plan.audio[0]?.language, plan.audio[0]?.role], ["de", undefined]);
    assert.match(plan.notes.join(), /17 audio tracks; the first 16/);
  });

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
    assert.equal(extent(short.made).end, 10 * RATE);
    const long = await encode(await makeSource("long.mkv", ...picture(7), ...clicks(10), ...x264, "-c:a", "flac"));
    assert.equal(extent(long.made).end, 10 * RATE);
  });

  it("is cut where the video is, and stands alone where there is none", async () => {
    const { plan, file, made } = await encode(await makeSource("alone.wav", ...clicks(10)));
    assert.equal(plan.video, null);
    assert.deepEqual([made.segments.length, extent(made).end], [3, 10 * RATE]);
    await checkOnsets(file, [1, 6]);
  });
});
