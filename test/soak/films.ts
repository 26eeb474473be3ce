/** Films as people submit them, with sound: what test/support/source-kinds.ts has not, since it is about pictures. */
import { readFile } from "node:fs/promises";
import type { SourceKind } from "../support/source-kinds.js";
import { saved } from "../support/source-kinds.js";
import { clicks, makeSource, picture } from "../support/sources.js";

const SECONDS = 6;
const SIZE = "160x90";
const x264 = ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-bf", "2"];
const x265 = ["-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:keyint=50:pools=1"];
const aac = ["-c:a", "aac", "-ac", "2"];
const show = (rate = "25") => [...picture(SECONDS, rate, SIZE), ...clicks(SECONDS)];
const surround = [
  "-filter_complex",
  "[1:a]pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0[a]",
  "-map",
  "0:v",
  "-map",
  "[a]",
];

/** Starts between two keyframes, so that its edit list leaves frames out. */
async function edited(): Promise<string> {
  const whole = await makeSource("whole.mp4", ...picture(10, "25", SIZE), ...clicks(10), ...x264, ...aac);
  return makeSource("edited.mp4", "-ss", "2.6", "-i", whole, "-c", "copy");
}

async function turned(): Promise<string> {
  const flat = await makeSource("flat.mp4", ...show(), ...x264, ...aac);
  return makeSource("phone.mp4", "-i", flat, "-c", "copy", "-metadata:s:v", "rotate=90");
}

/** A recording whose middle third is noise. */
async function noisy(): Promise<string> {
  const bytes = await readFile(await makeSource("whole.ts", ...show(), ...x264, ...aac));
  const packets = Math.floor(bytes.length / 188);
  for (let packet = Math.floor(packets / 3); packet < (2 * packets) / 3; packet += 7) {
    bytes.fill(packet & 0xff, packet * 188 + 8, packet * 188 + 160);
  }
  return saved("noisy.ts", bytes);
}

function rate(frames: string, file: string): SourceKind {
  return { file, make: [...show(frames), ...x264, ...aac], sound: [2] };
}

const broadcast: Record<string, SourceKind> = {
  "H.264 in a transport stream that starts at ten seconds": {
    file: "late.ts",
    make: [...show(), ...x264, ...aac, "-output_ts_offset", "10"],
    sound: [2],
  },
  "a transport stream whose middle is damaged": { file: "", make: noisy, note: /damaged/, sound: [2] },
  "MPEG-2 with fields and AC-3 in a program stream": {
    file: "disc.mpg",
    make: [
      ...[...picture(SECONDS, "50", "160x96"), ...clicks(SECONDS), "-vf", "tinterlace=interleave_top,setfield=tff"],
      ...["-pix_fmt", "yuv420p", "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-bf", "2", "-c:a", "ac3", "-f", "vob"],
    ],
    sound: [1],
  },
  "MPEG-2 4:2:2 and PCM in MXF": {
    file: "studio.mxf",
    make: [
      ...[...show(), "-pix_fmt", "yuv422p", "-c:v", "mpeg2video", "-g", "12", "-bf", "2"],
      ...["-c:a", "pcm_s16le", "-ac", "2"],
    ],
    sound: [2],
  },
  "ProRes 4:4:4 with PCM": {
    file: "edit.mov",
    make: [...show(), "-c:v", "prores_ks", "-profile:v", "4", "-pix_fmt", "yuv444p10le", "-c:a", "pcm_s24le"],
    sound: [1],
  },
  "5.1, to which stereo is added": {
    file: "cinema.mkv",
    make: [...show(), ...surround, ...x264, "-c:a", "ac3"],
    sound: [2, 6],
  },
  "sixteen audio tracks": {
    file: "un.mkv",
    make: [
      ...[...show(), "-map", "0:v", ...Array.from({ length: 16 }, () => ["-map", "1:a"]).flat(), ...x264],
      ...["-c:a", "flac", "-metadata:s:a:3", "language=fra"],
    ],
    sound: Array.from({ length: 16 }, () => 1),
  },
};

const devices: Record<string, SourceKind> = {
  "an edit list that begins between keyframes": { file: "", make: edited, sound: [2] },
  "a phone's film, turned": { file: "", make: turned, sound: [2] },
  "fragmented MP4": {
    file: "fragments.mp4",
    make: [...show(), ...x264, ...aac, "-movflags", "frag_keyframe+empty_moov"],
    sound: [2],
  },
  "MPEG-4 and AMR in 3GP": {
    file: "phone.3gp",
    make: [...picture(SECONDS, "15", "176x144"), ...clicks(SECONDS), "-c:v", "mpeg4", ...aac],
    sound: [2],
  },
  "H.264 and MP3 in FLV": {
    file: "tube.flv",
    make: [...show(), ...x264, "-c:a", "libmp3lame", "-ar", "44100"],
    sound: [1],
  },
  "MPEG-4 and MP3 in AVI": {
    file: "divx.avi",
    make: [...show(), "-c:v", "mpeg4", "-bf", "2", "-c:a", "libmp3lame"],
    sound: [1],
  },
  "H.264 and PCM in AVI, without time stamps": {
    file: "bare.avi",
    make: [...show(), ...x264, "-c:a", "pcm_s16le"],
    note: /no packet has the time of/,
    sound: [1],
  },
  "a variable rate, as screens are recorded": {
    file: "screen.mkv",
    make: [
      ...[...show(), "-vf", "select='not(eq(mod(n,7),3))*not(between(n,60,90))',setpts='PTS+mod(N,5)*0.006/TB'"],
      ...["-fps_mode", "vfr", "-enc_time_base", "1/1000", ...x264, ...aac],
    ],
    sound: [2],
  },
  "VP9 and Opus in WebM without cues": {
    file: "recorder.webm",
    make: [
      ...[...show(), "-pix_fmt", "yuv420p", "-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"],
      ...["-g", "40", "-c:a", "libopus", "-live", "1"],
    ],
    sound: [1],
  },
  "two video tracks": {
    file: "angles.mp4",
    make: [
      ...[...picture(SECONDS, "25", SIZE), ...picture(SECONDS, "25", "96x64"), ...clicks(SECONDS)],
      ...["-map", "0:v", "-map", "1:v", "-map", "2:a", ...x264, ...aac],
    ],
    sound: [2],
  },
  "sound alone": { file: "song.m4a", make: [...clicks(SECONDS), ...aac], sound: [2] },
  "sound that is longer than the picture": {
    file: "outro.mkv",
    make: [...picture(3, "25", SIZE), ...clicks(SECONDS), ...x264, ...aac],
    sound: [2],
  },
};

const pictures: Record<string, SourceKind> = {
  "23.976 frames a second": rate("24000/1001", "film.mp4"),
  "29.97 frames a second": rate("30000/1001", "ntsc.mkv"),
  "50 frames a second": rate("50", "sport.ts"),
  "59.94 frames a second": rate("60000/1001", "games.mp4"),
  "120 frames a second": rate("120", "slow.mp4"),
  "HEVC 4:2:0 with 10 bits and open GOPs": {
    file: "ten.mkv",
    make: [...show(), "-pix_fmt", "yuv420p10le", ...x265, ...aac],
    sound: [2],
  },
  "HEVC 4:2:2 with 12 bits": {
    file: "twelve.mp4",
    make: [...show(), "-pix_fmt", "yuv422p12le", ...x265, ...aac],
    sound: [2],
  },
  "full range, pixels that are not square": {
    file: "wide.mp4",
    make: [...show(), "-vf", "scale=out_range=full,setsar=4/3", ...x264, "-pix_fmt", "yuvj420p", ...aac],
    sound: [2],
  },
  "one keyframe in the whole film": {
    file: "once.mp4",
    make: [...show(), ...x264, "-g", "9999", ...aac],
    sound: [2],
  },
};

export const films: Record<string, SourceKind> = { ...broadcast, ...devices, ...pictures };
