/** What viewers get of a job's asset, decoded by ffmpeg and ffprobe: pictures, sound, and what they complain of. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { playlistSeconds } from "../support/assets.js";
import { reelmesh } from "../support/mesh.js";
import type { TestNode } from "../support/node.js";

const run = promisify(execFile);
/** A frame of AAC at 22.05 kHz: sound ends with a whole frame at most. */
const FRAME_SECONDS = 1024 / 22_050;

/** Submits a film, waits until it is done, and checks all that viewers get; what was found, for people. */
export async function checkFilm(
  node: TestNode,
  source: string,
  words: string[],
  { frames: known, sound, note }: { frames?: number; sound?: number[]; note?: RegExp },
): Promise<string> {
  const { job, asset } = await submit(node, source, words);
  const { notes } = JSON.parse((await reelmesh("job", job, "--json", "--node", node.grpc)).stdout);
  if (note !== undefined) assert.match(notes.join("\n"), note);
  const base = `http://${node.http}/assets/${asset}`;
  const frames = known ?? (await framesOf(source));
  const pictures = await checkPictures(base, frames);
  const tracks = await checkSound(base, pictures.seconds);
  if (sound !== undefined) {
    assert.deepEqual(
      tracks.map(({ channels }) => channels),
      sound,
    );
  }
  for (const name of ["master.m3u8", "manifest.mpd"]) assert.equal(await complaintsOf(`${base}/${name}`), "", name);
  if (frames > 0) {
    assert.equal(await complaintsOf(`${base}/download.mp4`), "");
    assert.equal(await framesOf(`${base}/download.mp4`), frames);
  }
  const heard = tracks.map(({ name, channels, samples }) => `${name} ${samples} samples in ${channels} channels`);
  return [`${frames} frames in each of ${pictures.names.join(", ") || "no rendition"}`, ...heard, ...notes].join("; ");
}

/** What ffmpeg complains of while decoding pictures and sound; of subtitles, which its HLS cannot read, it says so. */
async function complaintsOf(url: string): Promise<string> {
  const words = ["-nostdin", "-v", "warning", "-i", url, "-map", "0:v?", "-map", "0:a?", "-f", "null", "-"];
  const { stderr } = await run("ffmpeg", words);
  return stderr.replace(/^.*Can't support the subtitle\(uri: .*\)\n/gm, "");
}

async function submit(node: TestNode, source: string, words: string[]): Promise<{ job: string; asset: string }> {
  const { code, stdout, stderr } = await reelmesh("submit", source, "--node", node.grpc, "--wait", "--json", ...words);
  assert.equal(code, 0, stdout + stderr);
  return JSON.parse(stdout);
}

/** Frames that one decoding gives of the picture that ffmpeg would choose; 0 without one. */
async function framesOf(input: string): Promise<number> {
  const words = ["-nostdin", "-v", "error", "-i", input, "-map", "0:V:0?", "-fps_mode", "passthrough", "-f", "null"];
  const { stdout } = await run("ffmpeg", [...words, "-progress", "pipe:1", "-"]).catch((error: { stderr: string }) => {
    if (/does not contain any stream/.test(error.stderr)) return { stdout: "" };
    throw error;
  });
  return Number([...stdout.matchAll(/^frame=\s*(\d+)$/gm)].at(-1)?.[1] ?? 0);
}

/** Every rendition has the frames; their names, and how long the picture is, 0 without one. */
async function checkPictures(base: string, frames: number): Promise<{ names: string[]; seconds: number }> {
  const paths = await playlists(base, "video");
  assert.equal(paths.length > 0, frames > 0, paths.join());
  let seconds = 0;
  for (const path of paths) {
    assert.equal(await framesOf(`${base}/${path}`), frames, path);
    seconds = await playlistSeconds(`${base}/${path}`);
  }
  return { names: paths.map(nameOf), seconds };
}

interface Track {
  name: string;
  channels: number;
  samples: number;
}

/** Each track's samples last as long as its playlist says, and at least as long as the picture. */
async function checkSound(base: string, seconds: number): Promise<Track[]> {
  const found: Track[] = [];
  for (const path of await playlists(base, "audio")) {
    const told = await playlistSeconds(`${base}/${path}`);
    const words = ["-v", "error", "-show_entries", "stream=channels,sample_rate:frame=nb_samples", "-of", "json"];
    const { stdout } = await run("ffprobe", [...words, `${base}/${path}`], { maxBuffer: 1 << 26 });
    const { frames, streams } = JSON.parse(stdout) as {
      frames: { nb_samples: number }[];
      streams: { channels: number; sample_rate: string }[];
    };
    const samples = frames.reduce((sum, frame) => sum + frame.nb_samples, 0);
    const heard = samples / Number(streams[0]?.sample_rate);
    assert.ok(Math.abs(heard - told) < FRAME_SECONDS, `${path}: ${heard} s, and its playlist says ${told} s`);
    assert.ok(heard > seconds - FRAME_SECONDS, `${path}: ${heard} s beside a picture of ${seconds} s`);
    found.push({ name: nameOf(path), channels: streams[0]?.channels ?? 0, samples });
  }
  return found;
}

function nameOf(path: string): string {
  return path.split("/")[1] as string;
}

async function playlists(base: string, kind: "video" | "audio"): Promise<string[]> {
  const master = await (await fetch(`${base}/master.m3u8`)).text();
  const named = master.match(new RegExp(`${kind}/[^/"\\n]+/media\\.m3u8`, "g")) ?? [];
  return [...new Set(named)].sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
}
