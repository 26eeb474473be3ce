import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "mocha";
import { checkExact, prepare } from "../support/exactness.js";
import { clicks, makeSource, picture } from "../support/sources.js";
import { temporaryFolder } from "../support/temporary.js";

const SECONDS = 5;
const SIZE = "160x90";
const x264 = ["-c:v", "libx264", "-preset", "ultrafast"];
const yuv = ["-pix_fmt", "yuv420p"];
const film = [...picture(SECONDS, "25", SIZE), ...yuv];

interface Row {
  file: string;
  /** Arguments that make it, or a function that does. */
  make: string[] | (() => Promise<string>);
  frames?: number;
  /** What the plan must tell of it; without, it must be cut as it is or remuxed. */
  note?: RegExp;
  like?: string[];
}

const rows: Record<string, Row> = {
  "MPEG-4 in 3GP": { file: "phone.3gp", make: [...film, "-c:v", "mpeg4", "-bf", "2"] },
  "H.264 in fragmented MP4": {
    file: "fragments.mp4",
    make: [...film, ...x264, "-bf", "2", "-movflags", "frag_keyframe+empty_moov"],
  },
  "H.264 with open GOPs, 23.976 a second": {
    file: "open.mov",
    make: [
      ...picture(SECONDS, "24000/1001", SIZE),
      ...yuv,
      ...x264,
      "-bf",
      "3",
      "-x264-params",
      "open-gop=1:keyint=30",
    ],
  },
  "H.264 with one keyframe, 120 a second": {
    file: "once.mp4",
    make: [...picture(2, "120", SIZE), ...yuv, ...x264, "-bf", "2", "-g", "9999"],
  },
  "H.264 in full range, with pixels that are not square": {
    file: "wide.mp4",
    make: [...picture(SECONDS, "25", SIZE), "-vf", "scale=out_range=full,setsar=4/3", "-pix_fmt", "yuvj420p", ...x264],
  },
  "H.264 4:2:2 with 10 bits in MXF": {
    file: "camera.mxf",
    make: [...picture(SECONDS, "25", SIZE), "-pix_fmt", "yuv422p10le", ...x264, "-g", "25", "-bf", "2"],
  },
  "HEVC 4:2:0 with 12 bits in Matroska without cues": {
    file: "deep.mkv",
    make: [
      ...[...picture(SECONDS, "25", SIZE), "-pix_fmt", "yuv420p12le", "-c:v", "libx265", "-preset", "ultrafast"],
      ...["-x265-params", "log-level=error:keyint=30:pools=1:frame-threads=1", "-live", "1"],
    ],
  },
  "HEVC 4:4:4 in MP4": {
    file: "full.mp4",
    make: [
      ...[...picture(SECONDS, "25", SIZE), "-pix_fmt", "yuv444p", "-c:v", "libx265", "-preset", "ultrafast"],
      ...["-x265-params", "log-level=error:keyint=30:pools=1:frame-threads=1"],
    ],
  },
  "VP8 in WebM": { file: "old.webm", make: [...film, "-c:v", "libvpx", "-deadline", "realtime", "-g", "40"] },
  "VP9 in WebM": {
    file: "new.webm",
    make: [...film, "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "40", "-auto-alt-ref", "1"],
  },
  "AV1 in MP4": { file: "av1.mp4", make: [...film, "-c:v", "libsvtav1", "-preset", "12", "-g", "40"] },
  "MPEG-2 in a transport stream, interlaced, that starts at ten seconds": {
    file: "air.ts",
    make: [
      ...[...picture(SECONDS, "50", "160x96"), "-vf", "tinterlace=interleave_top,setfield=tff", ...yuv],
      ...["-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-g", "12", "-bf", "2", "-output_ts_offset", "10"],
    ],
  },
  "MPEG-2 in a program stream": { file: "disc.mpg", make: [...film, "-c:v", "mpeg2video", "-bf", "2", "-f", "vob"] },
  "MPEG-4 with B-frames in AVI": { file: "divx.avi", make: [...film, "-c:v", "mpeg4", "-bf", "2", "-g", "50"] },
  "H.264 in FLV": { file: "tube.flv", make: [...film, ...x264, "-bf", "2", "-g", "40"] },
  "Theora in Ogg": { file: "free.ogv", make: [...film, "-c:v", "libtheora", "-g", "32"] },
  "ProRes 4:2:2 with 10 bits": { file: "edit.mov", make: [...picture(2, "25", SIZE), "-c:v", "prores_ks"] },
  "DNxHR in MOV": {
    file: "avid.mov",
    make: [...picture(2, "25", "256x144"), "-pix_fmt", "yuv422p", "-c:v", "dnxhd", "-profile:v", "dnxhr_lb"],
  },
  "the default one of several video tracks": {
    file: "angles.mkv",
    make: [
      ...[...picture(2, "25", "320x180"), ...film, "-map", "0:v", "-map", "1:v", ...x264],
      ...["-disposition:v:0", "0", "-disposition:v:1", "default"],
    ],
  },
};

describe("sources of every kind, cut and encoded", function () {
  this.timeout(60_000);

  for (const [kind, { file, make, note, like, frames }] of Object.entries(rows)) {
    it(`is exact for ${kind}`, async () => {
      const source = typeof make === "function" ? await make() : await makeSource(file, ...make);
      const prepared = await prepare(source, [48], 2);
      const { notes, video } = prepared.plan;
      if (note === undefined) assert.deepEqual(notes, []);
      else assert.match(notes.join("\n"), note);
      if (frames !== undefined) assert.equal(video.frames, frames);
      await checkExact(prepared, like);
    });
  }
});
