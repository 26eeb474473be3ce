/**
 * Sources of every kind as whole jobs of one real node. What viewers get is decoded by ffmpeg from HLS and from the
 * download: every frame of one decoding of the source, sound as long as it must be, and nothing to complain of.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { complaints, playlistSeconds } from "../support/assets.js";
import { reelmesh } from "../support/mesh.js";
import { TestNode } from "../support/node.js";
import { makeKind, sourceKinds } from "../support/source-kinds.js";
import { films } from "./films.js";

const run = promisify(execFile);
/** A frame of AAC at 22.05 kHz: sound ends with a whole frame at most. */
const FRAME_SECONDS = 1024 / 22_050;

describe("films of every kind, from end to end", function () {
  this.timeout(300_000);
  let node: TestNode;

  before(async () => {
    node = await TestNode.start({ name: "soak" });
  });

  after(async () => {
    await node.stop();
  });

  for (const [kind, film] of Object.entries({ ...sourceKinds, ...films })) {
    it(kind, async () => {
      const source = await makeKind(film);
      const { job, asset } = await submit(node, source);
      const { notes } = JSON.parse((await reelmesh("job", job, "--json", "--node", node.grpc)).stdout);
      if (film.note !== undefined) assert.match(notes.join("\n"), film.note);
      const base = `http://${node.http}/assets/${asset}`;
      const frames = film.frames ?? (await framesOf(source));
      const seconds = await checkPictures(base, frames);
      await checkSound(base, film.sound ?? [], seconds);
      for (const name of ["master.m3u8", "manifest.mpd"]) assert.equal(await complaints(`${base}/${name}`), "", name);
      if (frames > 0) {
        assert.equal(await complaints(`${base}/download.mp4`), "");
        assert.equal(await framesOf(`${base}/download.mp4`), frames);
      }
    });
  }
});

async function submit(node: TestNode, source: string): Promise<{ job: string; asset: string }> {
  const options = ["--preset", "ultrafast", "--wait", "--json"];
  const { code, stdout, stderr } = await reelmesh("submit", source, "--node", node.grpc, ...options);
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

/** Every rendition has the frames; returns how long the picture is, 0 without one. */
async function checkPictures(base: string, frames: number): Promise<number> {
  const paths = await playlists(base, "video");
  assert.equal(paths.length > 0, frames > 0, paths.join());
  let seconds = 0;
  for (const path of paths) {
    assert.equal(await framesOf(`${base}/${path}`), frames, path);
    seconds = await playlistSeconds(`${base}/${path}`);
  }
  return seconds;
}

/** Each track has the channels, and its samples last as long as its playlist says: at least as long as the picture. */
async function checkSound(base: string, channels: number[], seconds: number): Promise<void> {
  const paths = await playlists(base, "audio");
  const found: number[] = [];
  for (const path of paths) {
    const told = await playlistSeconds(`${base}/${path}`);
    const words = ["-v", "error", "-count_frames", "-show_entries", "stream=channels,sample_rate:frame=nb_samples"];
    const { stdout } = await run("ffprobe", [...words, "-of", "json", `${base}/${path}`], { maxBuffer: 1 << 26 });
    const { frames, streams } = JSON.parse(stdout) as {
      frames: { nb_samples: number }[];
      streams: { channels: number; sample_rate: string }[];
    };
    const samples = frames.reduce((sum, frame) => sum + frame.nb_samples, 0);
    const heard = samples / Number(streams[0]?.sample_rate);
    assert.ok(Math.abs(heard - told) < FRAME_SECONDS, `${path}: ${heard} s, and its playlist says ${told} s`);
    assert.ok(heard > seconds - FRAME_SECONDS, `${path}: ${heard} s beside a picture of ${seconds} s`);
    found.push(streams[0]?.channels ?? 0);
  }
  assert.deepEqual(found, channels);
}

async function playlists(base: string, kind: "video" | "audio"): Promise<string[]> {
  const master = await (await fetch(`${base}/master.m3u8`)).text();
  const named = master.match(new RegExp(`${kind}/[^/"\\n]+/media\\.m3u8`, "g")) ?? [];
  return [...new Set(named)].sort((one, other) => one.localeCompare(other, "en", { numeric: true }));
}
