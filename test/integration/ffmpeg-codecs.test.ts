import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { promisify } from "node:util";
import { cutVideo } from "../../src/core/cmaf.js";
import { codecString } from "../../src/core/codec-string.js";
import { reorderDelay } from "../../src/core/edit-list.js";
import { readSamples, splitInit } from "../../src/core/fragment-reader.js";
import { finishInit } from "../../src/core/init-segment.js";
import type { Plan, VideoPlan, VideoRendition } from "../../src/core/media.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { buildPlan } from "../../src/core/plan.js";
import { frameTicks } from "../../src/core/timeline.js";
import { videoTasks } from "../../src/core/video-tasks.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { makeSource, picture } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

const run = promisify(execFile);
const media = createMediaTools();
const { signal } = new AbortController();
const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast"];

interface Made {
  plan: Plan & { video: VideoPlan };
  folder: string;
  /** The init segment and the media segments of each rendition, over all chunks. */
  renditions: Map<string, { planned: VideoRendition; init: Buffer; segments: Uint8Array[] }>;
}

/** Plans a source, and encodes all of its chunks as a worker does. */
async function make(source: string, codecs: string[], ladder: number[]): Promise<Made> {
  const folder = await temporaryFolder();
  const prepared = await media.prepare(source, "film", folder, signal);
  assert.equal(prepared.file, source);
  const options = { ...DEFAULT_OPTIONS, ladder, codecs, preset: "ultrafast", crf: 35 };
  const plan = buildPlan({ ...prepared, job: "j", source: { sha256: "0".repeat(64), bytes: 1 }, options });
  const { video } = plan;
  assert.ok(video);
  const made: Made = { plan: { ...plan, video }, folder, renditions: new Map() };
  for (const task of videoTasks(video)) {
    const cut = join(folder, "cut.nut");
    await media.cut(plan, task.name, prepared.file, cut, signal);
    if (task.chunk === video.chunks[0]) {
      const files = await media.encodeFirstFrame(plan, task, cut, folder, signal);
      for (const planned of task.renditions) {
        const first = await readFile(files[planned.name] as string);
        const init = Buffer.from(finishInit(splitInit(first).init, video, planned));
        made.renditions.set(planned.name, { planned, init, segments: [] });
      }
    }
    const { files } = await media.encodeVideo(plan, task, cut, folder, { signal, onProgress: () => {} });
    for (const planned of task.renditions) {
      const file = await readFile(files[planned.name] as string);
      const rendition = made.renditions.get(planned.name);
      assert.ok(rendition);
      assert.ok(rendition.init.equals(finishInit(splitInit(file).init, video, planned)), `init of ${task.name}`);
      const first = task.chunk.firstSegment - 1;
      const own = video.segments.slice(first, first + task.chunk.segments);
      const delay = reorderDelay(video.timeline, planned.codec);
      const cuts = cutVideo(readSamples(file).samples, own, frameTicks(video.timeline), delay);
      rendition.segments.push(...cuts.map(({ bytes }) => bytes));
    }
  }
  return made;
}

/** Packets and decoded frames of some bytes, by ffprobe and ffmpeg. */
async function ask(made: Made, bytes: Uint8Array[]) {
  const file = join(made.folder, "joined.mp4");
  await writeFile(file, Buffer.concat(bytes));
  const entries = "stream=codec_name,profile,level,pix_fmt,codec_tag_string,color_transfer:packet=pts,flags";
  const probed = await run("ffprobe", ["-v", "error", "-show_entries", entries, "-of", "json", file]);
  const decoded = await run("ffmpeg", ["-v", "error", "-i", file, "-fps_mode", "passthrough", "-f", "framemd5", "-"]);
  assert.equal(decoded.stderr, "");
  const { streams, packets } = JSON.parse(probed.stdout) as {
    streams: Record<string, string | number>[];
    packets: { pts: number; flags: string }[];
  };
  const frames = decoded.stdout.split("\n").filter((row) => row !== "" && !row.startsWith("#")).length;
  return { stream: streams[0] ?? {}, packets, frames };
}

/** All frames at their times over all seams, IDR pictures at the plan's places, and segments that decode alone. */
async function checkJoined(made: Made): Promise<void> {
  const { video } = made.plan;
  const tick = frameTicks(video.timeline);
  const times = Array.from({ length: video.frames }, (_, frame) => tick(frame));
  for (const [name, { init, segments }] of made.renditions) {
    const { packets, frames } = await ask(made, [init, ...segments]);
    assert.equal(frames, video.frames, name);
    assert.deepEqual(
      packets.map(({ pts }) => pts).sort((a, b) => a - b),
      times,
      name,
    );
    const keyframes = packets.filter(({ flags }) => flags.startsWith("K")).map(({ pts }) => pts);
    assert.deepEqual(keyframes, video.gops.map(tick), name);
    const middle = Math.floor(segments.length / 2);
    const alone = await ask(made, [init, segments[middle] as Uint8Array]);
    assert.equal(alone.frames, video.segments[middle]?.frames, `${name} alone`);
  }
}

/** The darkest and the brightest code value of luma in the first frame. */
async function luma(file: string): Promise<{ least: number; most: number }> {
  const stats = ["-vf", "signalstats,metadata=print:file=-", "-frames:v", "1", "-f", "null", "-"];
  const { stdout } = await run("ffmpeg", ["-v", "error", "-i", file, ...stats]);
  const value = (name: string) => Number(new RegExp(`signalstats.${name}=(\\d+)`).exec(stdout)?.[1]);
  return { least: value("YMIN"), most: value("YMAX") };
}

function codecsOf(made: Made): string[] {
  return [...made.renditions.values()].map(({ init }) => codecString(init));
}

/** The codecs' names as Shaka Packager reads them from the same files. */
async function codecsByShaka(made: Made): Promise<string[]> {
  const require = createRequire(import.meta.url);
  const packager = require.resolve("shaka-packager");
  const names: string[] = [];
  for (const { init, segments } of made.renditions.values()) {
    const file = join(made.folder, "shaka.mp4");
    await writeFile(file, Buffer.concat([init, ...segments]));
    const [out, mpd] = [join(made.folder, "out.mp4"), join(made.folder, "out.mpd")];
    await run(process.execPath, [packager, `in=${file},stream=video,output=${out}`, `--mpd_output=${mpd}`]);
    names.push(/codecs="([^"]+)"/.exec(await readFile(mpd, "utf8"))?.[1] ?? "");
  }
  return names;
}

describe("codecs", function () {
  this.timeout(300_000);

  it("join exactly, each with a ladder of its own and one init segment; the last group of pictures is short", async () => {
    const source = await makeSource("film.mp4", ...picture(28.5, "12"), ...x264, "-g", "24");
    const made = await make(source, ["hevc", "av1", "vp9"], [96, 64]);
    assert.equal(made.plan.video.chunks.length, 2);
    assert.deepEqual([...made.renditions.keys()], ["96p", "64p", "96p-av1", "64p-av1", "96p-vp9", "64p-vp9"]);
    await checkJoined(made);
    const hevc = "hvc1.1.6.L30.90";
    const [av1, vp9] = ["av01.0.00M.08", "vp09.00.10.08.00.02.02.02.00"];
    assert.deepEqual(codecsOf(made), [hevc, hevc, av1, av1, vp9, vp9]);
    assert.deepEqual(await codecsByShaka(made), codecsOf(made));
  });

  it("join exactly at a variable rate", async () => {
    const drop = "select='not(eq(mod(n,7),3))*not(between(n,60,90))',setpts='PTS+mod(N,5)*0.006/TB'";
    const vary = ["-vf", drop, "-fps_mode", "vfr", "-enc_time_base", "1/1000", "-bf", "2", "-g", "20"];
    const source = await makeSource("vary.mkv", ...picture(28, "10"), ...vary, ...x264);
    const made = await make(source, ["h264", "hevc", "av1", "vp9"], [64]);
    assert.equal(made.plan.video.constantRate, false);
    await checkJoined(made);
  });
});

describe("HDR and full range", function () {
  this.timeout(300_000);
  const tags = "range=tv:color_primaries=bt2020:color_trc=TRC:colorspace=bt2020nc";
  const display =
    "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,50):max-cll=900,400";

  /** What each codec makes of two seconds. */
  async function makeHdr(transfer: string, parameters: string): Promise<Made> {
    const ten = ["-vf", `format=yuv420p10le,setparams=${tags.replace("TRC", transfer)}`, "-c:v", "libx265"];
    const x265 = ["-preset", "ultrafast", "-x265-params", `log-level=error${parameters}`, "-tag:v", "hvc1"];
    return make(
      await makeSource("hdr.mp4", ...picture(2, "10"), ...ten, ...x265),
      ["hevc", "av1", "vp9", "h264"],
      [64],
    );
  }

  it("passes HDR10 through in ten bits, with its light, and maps H.264 to SDR", async () => {
    const made = await makeHdr("smpte2084", `:${display}`);
    await checkJoined(made);
    assert.deepEqual(codecsOf(made), [
      "hvc1.2.4.L30.90",
      "av01.0.00M.10.0.111.09.16.09.0",
      "vp09.02.10.10.00.09.16.09.00",
      "avc1.42c00b",
    ]);
    assert.deepEqual(await codecsByShaka(made), codecsOf(made));
    const formats: (string | number | undefined)[][] = [];
    for (const { init, segments, planned } of made.renditions.values()) {
      const { stream } = await ask(made, [init, ...segments]);
      formats.push([planned.range, stream["pix_fmt"], stream["color_transfer"]]);
      if (planned.range === "SDR") continue;
      const said = await run("ffprobe", [
        "-v",
        "error",
        "-show_streams",
        "-of",
        "json",
        join(made.folder, "joined.mp4"),
      ]);
      assert.match(said.stdout, /"max_luminance": "(1000\/1|10000000\/10000|256000\/256)"/, planned.codec);
      assert.match(said.stdout, /"max_content": 900,\s+"max_average": 400/, planned.codec);
    }
    assert.deepEqual(formats, [
      ...["hevc", "av1", "vp9"].map(() => ["PQ", "yuv420p10le", "smpte2084"]),
      ["SDR", "yuv420p", "bt709"],
    ]);
  });

  it("passes HLG through in ten bits", async () => {
    const made = await makeHdr("arib-std-b67", "");
    const said = [...made.renditions.values()].map(({ planned }) => [planned.codec, planned.range, planned.bitDepth]);
    assert.deepEqual(said, [
      ["hevc", "HLG", 10],
      ["av1", "HLG", 10],
      ["vp9", "HLG", 10],
      ["h264", "SDR", 8],
    ]);
    const { init, segments } = made.renditions.get("64p") ?? assert.fail();
    assert.equal((await ask(made, [init, ...segments])).stream["color_transfer"], "arib-std-b67");
  });

  it("maps HDR white to SDR white, and the same in every chunk", async () => {
    const grey = "geq=lum='lerp(64,940,X/W)':cb=512:cr=512";
    const filters = `format=yuv420p10le,${grey},setparams=${tags.replace("TRC", "smpte2084")}`;
    const x265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error"];
    const source = await makeSource("ramp.mp4", ...picture(1, "10"), "-vf", filters, ...x265, "-tag:v", "hvc1");
    const made = await make(source, ["h264"], [64]);
    const { init, segments } = made.renditions.get("64p") ?? assert.fail();
    await ask(made, [init, ...segments]);
    const { least, most } = await luma(join(made.folder, "joined.mp4"));
    assert.ok(least >= 14 && least <= 24, `black at ${least}`);
    assert.ok(most >= 200 && most <= 240, `white at ${most}`);
  });

  it("turns a full range into the usual one, also where only the container says it", async () => {
    const full = "format=yuv420p10le,geq=lum='lerp(0,1023,X/W)':cb=512:cr=512,setparams=range=pc";
    const x265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:range=full"];
    const source = await makeSource("full.mp4", ...picture(1, "10"), "-vf", full, ...x265, "-tag:v", "hvc1");
    const made = await make(source, ["h264"], [64]);
    const { init, segments } = made.renditions.get("64p") ?? assert.fail();
    await ask(made, [init, ...segments]);
    const { least, most } = await luma(join(made.folder, "joined.mp4"));
    assert.ok(least >= 14 && least <= 24, `black at ${least}`);
    assert.ok(most >= 226 && most <= 240, `white at ${most}`);
  });
});
