/** Checks a finished asset as viewers would meet it: over HTTP, on every node. */
import { createHash } from "node:crypto";
import { basename, dirname } from "node:path/posix";
import { setTimeout as delay } from "node:timers/promises";
import { DASH_MANIFEST, MASTER_PLAYLIST } from "../../src/core/layout.js";
import { decode } from "./film.js";

const APPEAR_MS = 60_000;
const LOOK_AGAIN_MS = 250;

interface Server {
  name: string;
  /** host:port. */
  http: string;
}

export function assetUrl({ http }: Server, asset: string, path: string): string {
  return `http://${http}/assets/${encodeURIComponent(asset)}/${path}`;
}

/** Waits until the node serves the asset: it hears that a job is done a little after the one that packaged. */
export async function waitForAsset(server: Server, asset: string, signal: AbortSignal): Promise<void> {
  const url = assetUrl(server, asset, MASTER_PLAYLIST);
  const deadline = performance.now() + APPEAR_MS;
  for (;;) {
    const response = await request(url, signal);
    await response.body?.cancel();
    if (response.ok) return;
    if (performance.now() > deadline) throw new Error(`${server.name} still answers ${response.status} for ${url}`);
    await delay(LOOK_AGAIN_MS, undefined, { signal });
  }
}

/** Fetches every file of the asset from every server and compares them; how many there are and how big they are. */
export async function compareFiles(
  servers: Server[],
  asset: string,
  signal: AbortSignal,
): Promise<{ files: number; bytes: number }> {
  const first = servers[0];
  if (first === undefined) return { files: 0, bytes: 0 };
  const paths = await listFiles(first, asset, signal);
  let bytes = 0;
  for (const path of paths) {
    const copies = await Promise.all(servers.map((server) => fetchHash(assetUrl(server, asset, path), signal)));
    if (new Set(copies.map((copy) => copy.sha256)).size !== 1) {
      const rows = copies.map((copy, index) => `${servers[index]?.name}: ${copy.sha256}, ${copy.bytes} bytes`);
      throw new Error(`${path} is not the same on all nodes:\n${rows.join("\n")}`);
    }
    bytes += copies[0]?.bytes ?? 0;
  }
  return { files: paths.length, bytes };
}

/** Decodes each rendition to its end; one line a rendition. Fails on a warning, or when frames are missing or too many. */
export async function decodeRenditions(
  server: Server,
  asset: string,
  frames: number | undefined,
  signal: AbortSignal,
): Promise<string[]> {
  const master = await fetchText(assetUrl(server, asset, MASTER_PLAYLIST), signal);
  const lines: string[] = [];
  // Playlists of I-frames show some of the frames, and on purpose.
  const whole = references(master).filter((path) => /^(video|audio)\/.*\/media\.m3u8$/.test(path));
  for (const path of new Set(whole)) {
    const name = basename(dirname(path));
    const decoded = await decode(assetUrl(server, asset, path), signal);
    if (decoded.warnings !== "") throw new Error(`ffmpeg warns about ${path}:\n${decoded.warnings}`);
    const isVideo = path.startsWith("video/");
    if (isVideo && decoded.frames !== frames) {
      throw new Error(`${path} decodes to ${decoded.frames} frames, and the film to ${frames}`);
    }
    lines.push(isVideo ? `${name}: ${decoded.frames} of ${frames} frames` : `${name}: decodes to its end`);
  }
  return lines;
}

/** Paths below the asset's folder: the DASH manifest, the master playlist, and all that playlists lead to. */
async function listFiles(server: Server, asset: string, signal: AbortSignal): Promise<string[]> {
  const paths = new Set([DASH_MANIFEST, MASTER_PLAYLIST]);
  // A set hands out what is added while it is walked.
  for (const path of paths) {
    if (!path.endsWith(".m3u8")) continue;
    const playlist = await fetchText(assetUrl(server, asset, path), signal);
    for (const reference of references(playlist)) {
      paths.add(new URL(reference, `http://asset/${path}`).pathname.slice(1));
    }
  }
  return [...paths];
}

/** What a playlist refers to (RFC 8216, 4.1): lines that are no tags, and URI attributes of tags. */
function references(playlist: string): string[] {
  const lines = playlist.split(/\r?\n/).filter((line) => line !== "");
  return lines.flatMap((line) => {
    if (!line.startsWith("#")) return [line];
    const uri = /[:,]URI="([^"]+)"/.exec(line)?.[1];
    return uri === undefined ? [] : [uri];
  });
}

async function fetchText(url: string, signal: AbortSignal): Promise<string> {
  return (await fetchFile(url, signal)).text();
}

async function fetchHash(url: string, signal: AbortSignal): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash("sha256");
  const content = new Uint8Array(await (await fetchFile(url, signal)).arrayBuffer());
  return { sha256: hash.update(content).digest("hex"), bytes: content.length };
}

async function fetchFile(url: string, signal: AbortSignal): Promise<Response> {
  const response = await request(url, signal);
  if (response.ok) return response;
  await response.body?.cancel();
  throw new Error(`${url} answers ${response.status} ${response.statusText}`);
}

async function request(url: string, signal: AbortSignal): Promise<Response> {
  try {
    return await fetch(url, { signal });
  } catch (error) {
    // fetch says only that it failed; why stands in the cause.
    const { cause } = error as Error;
    throw new Error(`${url} does not answer: ${cause instanceof Error ? cause.message : error}`, { cause: error });
  }
}
