/** Small fragmented MP4s from ffmpeg's generators, and what ffmpeg says of files. */
import { execFile } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "./temporary.js";

const run = promisify(execFile);

const CMAF_FLAGS = "+cmaf+frag_keyframe+frag_discont";

async function ffmpeg(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return await run("ffmpeg", ["-nostdin", "-v", "warning", "-y", ...args], { maxBuffer: 1 << 26 });
}

async function made(...args: string[]): Promise<Uint8Array> {
  const file = join(await temporaryFolder(), "clip.mp4");
  await ffmpeg(...args, file);
  return new Uint8Array(await readFile(file));
}

export interface VideoClip {
  seconds: number;
  /** "25" or "30000/1001". */
  rate?: string;
  /** "160x120". */
  size?: string;
  timescale?: number;
  /** Frames that count, as a range; the encoder sees only these, with their time stamps in the whole clip. */
  frames?: [from: number, to: number];
  openGop?: boolean;
  movflags?: string;
  /** What it shows, for ffmpeg's lavfi; a moving test picture when absent. */
  source?: string;
}

/** H.264 with B-frames and a GOP of 25 frames. */
export async function videoClip(clip: VideoClip): Promise<Uint8Array> {
  const { seconds, rate = "25", size = "160x120", timescale = 25_000, frames, movflags = CMAF_FLAGS } = clip;
  const trim = frames ? ["-vf", `trim=start_frame=${frames[0]}:end_frame=${frames[1]}`] : [];
  const gop = `keyint=25:min-keyint=25:scenecut=0:open-gop=${clip.openGop ? 1 : 0}:stitchable=1`;
  const shown = clip.source ?? `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`;
  const source = ["-f", "lavfi", "-i", shown];
  const encoder = ["-c:v", "libx264", "-preset", "fast", "-bf", "3", "-threads", "1", "-x264-params", gop];
  const muxer = ["-video_track_timescale", String(timescale), "-movflags", movflags];
  return await made("-copyts", ...source, ...trim, "-pix_fmt", "yuv420p", ...encoder, ...muxer);
}

/** AAC, stereo, 48 kHz, without the frame of priming. */
export async function audioClip(seconds: number, frequency = 440): Promise<Uint8Array> {
  const source = ["-f", "lavfi", "-i", `sine=frequency=${frequency}:sample_rate=48000:duration=${seconds}`, "-ac", "2"];
  const encoder = ["-c:a", "aac", "-b:a", "64k", "-bsf:a", "noise=drop=lt(n\\,1)"];
  return await made(...source, ...encoder, "-frag_duration", "1000000", "-movflags", CMAF_FLAGS);
}

/** Small pictures of a lavfi source on sheets, as JPEG. */
export async function thumbnailSheets(
  source: string,
  images: { width: number; height: number; columns: number; rows: number; interval: number },
): Promise<Uint8Array[]> {
  const { width, height, columns, rows, interval } = images;
  const folder = await temporaryFolder();
  const filters = `fps=1/${interval}:round=down:start_time=0,scale=${width}:${height},tile=${columns}x${rows}`;
  await ffmpeg("-f", "lavfi", "-i", source, "-vf", filters, join(folder, "%06d.jpg"));
  const names = (await readdir(folder)).sort();
  return Promise.all(names.map(async (name) => new Uint8Array(await readFile(join(folder, name)))));
}

/** Decodes a whole input; everything that ffmpeg has to complain about, which should be "". */
export async function decodeComplaints(input: string): Promise<string> {
  return (await ffmpeg("-xerror", "-i", input, "-map", "0", "-f", "null", "-")).stderr;
}

/** Times in seconds at which frames of the first video and audio track are shown, as ffmpeg reads them. */
export async function shownTimes(input: string): Promise<{ video: string[]; audio: string[] }> {
  const times = async (track: string) => {
    const entries = ["-select_streams", track, "-show_entries", "frame=pts_time", "-of", "csv=p=0"];
    const { stdout } = await run("ffprobe", ["-v", "error", ...entries, input], { maxBuffer: 1 << 26 });
    return (stdout.match(/^[\d.]+/gm) ?? []).map(String);
  };
  const [video, audio] = await Promise.all([times("v:0"), times("a:0")]);
  return { video, audio };
}

/** Hash of each decoded frame with its times, and ffmpeg's complaints. */
export async function frameHashes(bytes: Uint8Array): Promise<{ hashes: string; complaints: string }> {
  const { stdout, stderr } = await ffmpeg("-i", await asFile(bytes), "-f", "framemd5", "-");
  return { hashes: stdout, complaints: stderr };
}

/** One row a packet: "pts,dts,duration,size,flags". */
export async function packetRows(bytes: Uint8Array): Promise<string[]> {
  const entries = "packet=pts,dts,duration,size,flags";
  const args = ["-v", "warning", "-show_entries", entries, "-of", "csv=p=0", await asFile(bytes)];
  const { stdout } = await run("ffprobe", args, { maxBuffer: 1 << 26 });
  return stdout.trim().split("\n");
}

async function asFile(bytes: Uint8Array): Promise<string> {
  const file = join(await temporaryFolder(), "joined.mp4");
  await writeFile(file, bytes);
  return file;
}
