import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "mocha";
import { proveFrames } from "../../src/core/frame-proof.js";
import type { Chunk } from "../../src/core/media.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { checkExact, checkRenditions, prepare } from "../support/exactness.js";
import { frameDigests, frameHashes, makeSource, picture, spoilPacket } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast"];
const media = createMediaTools();
const { signal } = new AbortController();

describe("cutting and encoding chunks", function () {
  this.timeout(180_000);

  it("is exact for H.264 with open GOPs in MP4", async () => {
    const gops = ["-bf", "3", "-x264-params", "open-gop=1:keyint=70:min-keyint=70:scenecut=0"];
    const prepared = await prepare(await makeSource("open.mp4", ...picture(30, "30000/1001"), ...x264, ...gops));
    assert.equal(prepared.plan.video.chunks.length, 2);
    assert.deepEqual(prepared.plan.video.timeline.steps, [[1001, 900]]);
    await checkExact(prepared);
  });

  it("is exact for HEVC with open GOPs in Matroska", async () => {
    const hevc = ["-c:v", "libx265", "-preset", "ultrafast"];
    const gops = ["-x265-params", "log-level=error:open-gop=1:keyint=70:bframes=3:scenecut=0"];
    const prepared = await prepare(await makeSource("open.mkv", ...picture(30), ...hevc, ...gops));
    assert.equal(prepared.plan.demuxer, "matroska");
    await checkExact(prepared);
  });

  it("is exact for an MPEG transport stream that starts at ten seconds", async () => {
    const shift = ["-bf", "2", "-g", "60", "-output_ts_offset", "10"];
    const prepared = await prepare(await makeSource("late.ts", ...picture(30), ...x264, ...shift));
    assert.equal(prepared.plan.demuxer, "mov");
    assert.equal(prepared.plan.video.frames, 750);
    await checkExact(prepared);
  });

  it("is exact for VP8 with alternate reference frames", async () => {
    const vp8 = [
      "-c:v",
      "libvpx",
      "-deadline",
      "realtime",
      "-cpu-used",
      "8",
      "-auto-alt-ref",
      "1",
      "-lag-in-frames",
      "16",
    ];
    const prepared = await prepare(await makeSource("old.webm", ...picture(30), ...vp8, "-g", "64"));
    assert.equal(prepared.plan.video.frames, 750);
    await checkExact(prepared);
  });

  it("keeps the time stamps of a variable frame rate", async () => {
    const drop = "select='not(eq(mod(n,7),3))*not(between(n,200,260))',setpts='PTS+mod(N,5)*0.006/TB'";
    const vary = ["-vf", drop, "-fps_mode", "vfr", "-enc_time_base", "1/1000", "-bf", "2", "-g", "60"];
    const prepared = await prepare(await makeSource("vary.mkv", ...picture(32), ...vary, ...x264));
    assert.equal(prepared.plan.video.constantRate, false);
    assert.equal(prepared.plan.video.timeline.timescale, 1000);
    await checkExact(prepared);
  });

  it("is exact behind an edit list", async () => {
    const whole = await makeSource("whole.mp4", ...picture(40), ...x264, "-bf", "2", "-g", "100");
    const prepared = await prepare(await makeSource("edited.mp4", "-ss", "6.4", "-i", whole, "-c", "copy"));
    assert.equal(prepared.plan.video.frames, 840);
    await checkExact(prepared);
  });

  it("is exact where chunks start in the middle of long groups of pictures", async () => {
    const once = ["-bf", "2", "-x264-params", "keyint=500:min-keyint=500:scenecut=0"];
    const prepared = await prepare(await makeSource("long.mp4", ...picture(60), ...x264, ...once));
    assert.deepEqual(
      prepared.plan.video.chunks.map(({ frames }) => frames),
      [800, 700],
    );
    await checkExact(prepared);
  });

  it("turns a rotated picture upright", async () => {
    const flat = await makeSource("flat.mp4", ...picture(2), ...x264);
    const rotate = ["-i", flat, "-c", "copy", "-metadata:s:v", "rotate=90"];
    const prepared = await prepare(await makeSource("upright.mp4", ...rotate), []);
    const { filters, renditions } = prepared.plan.video;
    assert.equal(filters.length, 1);
    assert.deepEqual(
      renditions.map(({ width, height }) => [width, height]),
      [[96, 160]],
    );
    const shown = await frameDigests("-i", prepared.file);
    const turned = await frameDigests("-noautorotate", "-i", prepared.file, "-vf", filters.join(","));
    assert.deepEqual(turned, shown);
    await checkExact(prepared);
  });

  it("joins interlaced fields without losing a frame", async () => {
    const weave = ["-vf", "tinterlace=interleave_top,setfield=tff", "-flags", "+ildct+ilme", "-g", "50"];
    const prepared = await prepare(await makeSource("fields.mp4", ...picture(30, "50"), ...weave, ...x264));
    assert.deepEqual(prepared.plan.video.filters, ["bwdif=mode=send_frame:deint=interlaced"]);
    await checkExact(prepared);
  });

  it("goes on when the picture changes size on its way", async () => {
    const small = await makeSource("small.ts", ...picture(5), ...x264, "-g", "50");
    const large = await makeSource("large.ts", ...picture(5, "25", "320x192"), ...x264, "-output_ts_offset", "5");
    const both = join(await temporaryFolder(), "both.ts");
    await writeFile(both, Buffer.concat([await readFile(small), await readFile(large)]));
    const prepared = await prepare(both);
    const [chunk] = prepared.plan.video.chunks;
    assert.equal(chunk?.frames, 250);
    const cut = join(prepared.folder, "cut.nut");
    await media.cut(prepared.plan, chunk.name, prepared.file, cut, signal);
    await checkRenditions(prepared, chunk, cut, new Map());
  });

  it("shows a chunk whose decoding began at a damaged keyframe, and mends it by decoding from the start", async () => {
    const gops = ["-bf", "0", "-x264-params", "keyint=25:min-keyint=25:scenecut=0:slices=4"];
    const film = await makeSource("film.mp4", ...picture(6), ...x264, ...gops);
    await spoilPacket(film, 50, 0.97, 0.98);
    const prepared = await prepare(film, [48], 2);
    const { plan, file, folder } = prepared;
    const [, first, second] = plan.video.chunks as [Chunk, Chunk, Chunk];
    assert.deepEqual([first.firstFrame, second.firstFrame - second.leadFrames], [50, 50]);
    const proofOf = async (chunk: Chunk, linear: boolean) => {
      const cut = join(folder, "cut.nut");
      await media.cut(plan, chunk.name, file, cut, signal, linear);
      const hashes = await checkRenditions(prepared, chunk, cut, new Map());
      return { hashes, proof: proveFrames(hashes, plan.video, chunk, linear) };
    };
    const [early, late, again] = [
      await proofOf(first, false),
      await proofOf(second, false),
      await proofOf(second, true),
    ];
    assert.notEqual(late.proof.lead, early.proof.last);
    const linear = await frameHashes("-threads", "1", "-i", film);
    assert.deepEqual(again.hashes, linear.slice(second.firstFrame - second.leadFrames));
    const mended = await proofOf(first, true);
    assert.deepEqual([again.proof.lead, again.proof.first], [mended.proof.last, mended.proof.tail]);
  });
});
