/** Sources of every kind that people submit, small and short, from ffmpeg's generators. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { boxAt, concatenate, makeBox, words } from "../../src/core/boxes.js";
import { clicks, makeSource, picture } from "./sources.js";
import { temporaryFolder } from "./temporary.js";

const SECONDS = 5;
const SIZE = "160x90";
const x264 = ["-c:v", "libx264", "-preset", "ultrafast"];
const yuv = ["-pix_fmt", "yuv420p"];
const film = [...picture(SECONDS, "25", SIZE), ...yuv];

export interface SourceKind {
  file: string;
  /** Arguments that make it, or a function that does. */
  make: string[] | (() => Promise<string>);
  frames?: number;
  /** What the plan must tell of it; without, it must be cut as it is or remuxed. */
  note?: RegExp;
  like?: string[];
  chunkSeconds?: number;
  /** Channels of each audio track that comes of it; none when absent. */
  sound?: number[];
}

/** A transport stream of whole packets, of which some are gone. */
async function lossyStream(): Promise<string> {
  const whole = await makeSource(
    "whole.ts",
    ...picture(SECONDS, "25", SIZE),
    ...clicks(SECONDS),
    ...yuv,
    ...x264,
    "-bf",
    "2",
    "-g",
    "50",
  );
  const bytes = await readFile(whole);
  const packets = Array.from({ length: bytes.length / 188 }, (_, at) => bytes.subarray(at * 188, (at + 1) * 188));
  const kept = packets.filter((_, at) => at < packets.length / 2 || at > packets.length / 2 + 6);
  return saved("lossy.ts", Buffer.concat(kept));
}

/** Two recordings in one file; the second begins at an earlier time than the first ends. */
async function joinedStream(): Promise<string> {
  const part = (name: string, start: string) =>
    makeSource(name, ...picture(2, "25", SIZE), ...clicks(2), ...yuv, ...x264, "-bf", "2", "-output_ts_offset", start);
  const parts = [await part("one.ts", "100"), await part("two.ts", "3")];
  return saved("joined.ts", Buffer.concat(await Promise.all(parts.map((one) => readFile(one)))));
}

/** An edit list that shows the first second, and from the third second on. */
async function holedFilm(): Promise<string> {
  const whole = await makeSource("whole.mp4", ...film, ...x264, "-g", "50", "-video_track_timescale", "25000");
  const bytes = new Uint8Array(await readFile(whole));
  const movie = boxAt(bytes, { body: 0, end: bytes.length }, "moov");
  const track = boxAt(bytes, movie, "trak");
  const list = boxAt(bytes, track, "edts");
  // two edits of one and two seconds (movie's clock: 1000), from media times of 0 and 3 s, at rate 1.0
  const edits = makeBox("edts", [makeBox("elst", [words(0, 2, 1000, 0, 0x10000, 2000, 75_000, 0x10000)])]);
  const start = list.body - 8;
  const longer = concatenate([bytes.subarray(0, start), edits, bytes.subarray(list.end)]);
  const grown = edits.length - (list.end - start);
  for (const box of [movie, track]) longer.set(words(box.end - box.start + grown), box.start);
  return saved("holed.mp4", longer);
}

export async function saved(name: string, bytes: Uint8Array): Promise<string> {
  const file = join(await temporaryFolder(), name);
  await writeFile(file, bytes);
  return file;
}

/** What is cut as it is or remuxed. */
const cuttable: Record<string, SourceKind> = {
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
    note: /frames? that no packet has the time of/,
    frames: 125,
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
  "MPEG-2 4:2:2 in MXF": {
    file: "studio.mxf",
    make: [...picture(SECONDS, "25", SIZE), "-pix_fmt", "yuv422p", "-c:v", "mpeg2video", "-g", "12", "-bf", "2"],
  },
  "MPEG-2 in a program stream": { file: "disc.mpg", make: [...film, "-c:v", "mpeg2video", "-bf", "2", "-f", "vob"] },
  "MPEG-4 with B-frames in AVI": { file: "divx.avi", make: [...film, "-c:v", "mpeg4", "-bf", "2", "-g", "50"] },
  "H.264 with B-frames in AVI, without time stamps": {
    file: "bare.avi",
    make: [...film, ...x264, "-bf", "2", "-g", "50"],
    note: /frames? that no packet has the time of/,
    frames: 125,
  },
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
    frames: 125,
  },
};

/** What must be decoded in one piece. */
const pieces: Record<string, SourceKind> = {
  "a transport stream that lost packets": {
    file: "",
    make: lossyStream,
    note: /packets? of it (is|are) damaged/,
    sound: [1],
  },
  "recordings joined to one stream": {
    file: "",
    make: joinedStream,
    note: /(damaged|time stamps break off)/,
    sound: [1],
  },
  "an edit list with a hole": { file: "", make: holedFilm, note: /edit list takes \d+ frames out of its middle/ },
  "minutes with one keyframe, and colours that x264 does not keep": {
    file: "screen.mkv",
    make: [
      ...picture(130, "2", "64x48"),
      "-pix_fmt",
      "gbrp",
      ...["-c:v", "libx264rgb", "-preset", "ultrafast", "-g", "999"],
    ],
    note: /next to no keyframes/,
    like: ["format=rgb24"],
    chunkSeconds: 50,
  },
  "a transport stream with frames without time stamps": {
    file: "",
    make: async () => {
      const plain = await makeSource("plain.mp4", ...film, ...x264, "-bf", "2", "-g", "50");
      const some = "setts=pts=if(eq(mod(N\\,10)\\,7)\\,NOPTS\\,PTS)";
      return makeSource("untimed.ts", "-i", plain, "-c", "copy", "-bsf:v", some);
    },
    note: /frames of its video share a time stamp/,
  },
  "frames that share time stamps": {
    file: "",
    make: async () => {
      const plain = await makeSource("plain.mkv", ...film, "-c:v", "mpeg4", "-g", "10");
      return makeSource("twins.mkv", "-i", plain, "-c", "copy", "-bsf:v", "setts=ts=floor(N/2)*80");
    },
    note: /frames of its video share a time stamp/,
  },
};

export const sourceKinds: Record<string, SourceKind> = { ...cuttable, ...pieces };

export function makeKind({ file, make }: SourceKind): Promise<string> {
  return typeof make === "function" ? make() : makeSource(file, ...make);
}
