/** What a viewer's program would fetch of an asset, and what ffmpeg makes of it. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Fetches the playlists, the manifest and every file that they name: path below the asset -> SHA-256 of the bytes. */
export async function fetchAsset(base: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  const pending = ["master.m3u8", "manifest.mpd"];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const response = await fetch(`${base}/${path}`);
    const bytes = Buffer.from(await response.arrayBuffer());
    if (!response.ok) throw new Error(`${base}/${path}: ${response.status} ${bytes}`);
    hashes[path] = createHash("sha256").update(bytes).digest("hex");
    if (!path.endsWith(".m3u8")) continue;
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
    for (const name of namedFiles(bytes.toString())) if (!(folder + name in hashes)) pending.push(folder + name);
  }
  return hashes;
}

/** The files that a playlist names, relative to it. */
export function namedFiles(playlist: string): string[] {
  const lines = playlist.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return [...lines, ...[...playlist.matchAll(/URI="([^"]+)"/g)].map((match) => match[1] as string)];
}

/** Seconds of a media playlist: the sum of its EXTINF. */
export async function playlistSeconds(url: string): Promise<number> {
  const text = await (await fetch(url)).text();
  return [...text.matchAll(/#EXTINF:([\d.]+)/g)].reduce((sum, match) => sum + Number(match[1]), 0);
}

/** Frames that ffprobe decodes from the first video stream of a URL or file. */
export async function decodedFrames(url: string): Promise<number> {
  const words = ["-v", "error", "-count_frames", "-select_streams", "v:0", "-show_entries", "stream=nb_read_frames"];
  const { stdout } = await run("ffprobe", [...words, "-of", "default=nw=1:nk=1", url]);
  return Number(stdout.trim().split("\n")[0]);
}

/** What ffmpeg complains of while decoding everything; "" is good. */
export async function complaints(url: string): Promise<string> {
  const { stderr } = await run("ffmpeg", ["-nostdin", "-v", "warning", "-i", url, "-map", "0", "-f", "null", "-"]);
  return stderr;
}

/** A clip of a moving test picture and a tone, 25 frames a second. */
export async function makeClip(file: string, seconds: number, size = "320x180"): Promise<void> {
  const picture = ["-f", "lavfi", "-i", `testsrc2=size=${size}:rate=25:duration=${seconds}`];
  const tone = ["-f", "lavfi", "-i", `sine=frequency=440:sample_rate=48000:duration=${seconds}`];
  const encoders = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-pix_fmt", "yuv420p", "-c:a", "aac"];
  await run("ffmpeg", ["-nostdin", "-v", "error", "-y", ...picture, ...tone, ...encoders, "-shortest", file]);
}
