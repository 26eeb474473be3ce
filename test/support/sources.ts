/** Source files from ffmpeg's generators, small and awkward, and what a plain decoding of them gives. */
import { execFile } from "node:child_process";
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

/** Seconds at which sounds begin after at least 0.1 s of quiet. */
export async function soundOnsets(file: string): Promise<number[]> {
  const args = ["-v", "error", "-i", file, "-ac", "1", "-ar", "48000", "-f", "s16le", "-"];
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
