/** Source files from ffmpeg's generators, small and awkward, and what a plain decoding of them gives. */
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "./temporary.js";

const run = promisify(execFile);
const MOST_OUTPUT = 1 << 26;

/** Runs ffmpeg; returns its standard output. */
async function ffmpeg(...args: string[]): Promise<string> {
  const { stdout } = await run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...args], { maxBuffer: MOST_OUTPUT });
  return stdout;
}

/** Input options for a moving test picture. */
export function picture(seconds: number, rate = "25", size = "160x96"): string[] {
  return ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=${rate}:duration=${seconds}`];
}

/** Input options for silence with a click of 40 ms at 1 s, and every five seconds from there. */
export function clicks(seconds: number): string[] {
  const click = "if(lt(mod(t-1,5),0.04)*gte(t,1),sin(2*PI*1000*t),0)";
  return ["-f", "lavfi", "-i", `aevalsrc='${click}':s=48000:d=${seconds}`];
}

/** A file of a name, made by ffmpeg with these arguments. */
export async function makeSource(name: string, ...args: string[]): Promise<string> {
  const file = join(await temporaryFolder(), name);
  await ffmpeg(...args, file);
  return file;
}

/** Murmur3 of each frame that an input gives, in the order of presentation: cheaper than frameDigests. */
export async function frameHashes(...input: string[]): Promise<string[]> {
  const output = await ffmpeg(
    "-copyts",
    ...input,
    "-fps_mode",
    "passthrough",
    "-f",
    "framehash",
    "-hash",
    "murmur3",
    "-",
  );
  return lastColumn(output);
}

/** MD5 of each frame that an input gives, in the order of presentation. */
export async function frameDigests(...input: string[]): Promise<string[]> {
  const output = await ffmpeg("-copyts", ...input, "-fps_mode", "passthrough", "-f", "framemd5", "-");
  return lastColumn(output);
}

function lastColumn(output: string): string[] {
  const rows = output.split("\n").filter((row) => row !== "" && !row.startsWith("#"));
  return rows.map((row) => row.split(",").at(-1)?.trim() ?? "");
}

/** Seconds at which sounds begin after at least 0.1 s of quiet, by the file's own time stamps. */
export async function soundOnsets(file: string): Promise<number[]> {
  const onTime = ["-af", "aresample=48000:async=1:first_pts=0"];
  const args = ["-v", "error", "-copyts", "-i", file, ...onTime, "-ac", "1", "-f", "s16le", "-"];
  const { stdout } = await run("ffmpeg", args, { maxBuffer: MOST_OUTPUT, encoding: "buffer" });
  const onsets: number[] = [];
  let quiet = Number.POSITIVE_INFINITY;
  for (let at = 0; at + 1 < stdout.length; at += 2) {
    quiet++;
    if (Math.abs(stdout.readInt16LE(at)) < 3000) continue;
    if (quiet > 4800) onsets.push(at / 2 / 48_000);
    quiet = 0;
  }
  return onsets;
}

/** MD5 of each packet of the first stream of a kind ("a"). */
export async function packetDigests(file: string, kind: string): Promise<string[]> {
  const output = await ffmpeg("-i", file, "-map", `0:${kind}:0`, "-c", "copy", "-f", "framemd5", "-");
  const rows = output.split("\n").filter((row) => row !== "" && !row.startsWith("#"));
  return rows.map((row) => row.split(",").at(-1)?.trim() ?? "");
}

/** Pitch of each of a file's channels in Hz: its zero crossings in the second half of the sound. */
export async function pitches(file: string, channels: number): Promise<number[]> {
  const args = ["-v", "error", "-i", file, "-ar", "48000", "-f", "f32le", "-"];
  const { stdout } = await run("ffmpeg", args, { maxBuffer: MOST_OUTPUT, encoding: "buffer" });
  const samples = new Float32Array(stdout.buffer.slice(stdout.byteOffset, stdout.byteOffset + stdout.byteLength));
  const frames = Math.floor(samples.length / channels);
  const from = Math.floor(frames / 2);
  return Array.from({ length: channels }, (_, channel) => {
    const at = (frame: number) => samples[frame * channels + channel] ?? 0;
    let crossings = 0;
    for (let frame = from + 1; frame < frames; frame++) if (at(frame - 1) < 0 && at(frame) >= 0) crossings++;
    return (crossings * 48_000) / (frames - from);
  });
}

/** Overwrites the bytes of a video packet between two shares of its length. */
export async function spoilPacket(file: string, packet: number, from: number, to: number): Promise<void> {
  const entries = ["-select_streams", "v", "-show_entries", "packet=pos,size", "-of", "csv=p=0", file];
  const { stdout } = await run("ffprobe", ["-v", "error", ...entries], { maxBuffer: MOST_OUTPUT });
  const [size = 0, pos = 0] = (stdout.split("\n")[packet] ?? "").split(",").map(Number);
  const bytes = await readFile(file);
  bytes.fill(0x5a, pos + Math.floor(size * from), pos + Math.floor(size * to));
  await writeFile(file, bytes);
}
