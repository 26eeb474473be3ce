/** What was made: the bytes of an asset's files, as the node that packaged it gives them first. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { namedFiles } from "../../support/assets.js";

export interface Made {
  asset: string;
  job: string;
  /** Frames of its source. */
  frames: number;
  /** By path below the asset. */
  files: Map<string, Uint8Array>;
  /** Since when every node is known to have held all of it, by the steady clock; undefined before. */
  availableAt: number | undefined;
  /** Somebody has asked to remove it: it may be gone at any moment. */
  leaving: boolean;
}

/** What no playlist names; an asset without pictures or sound lacks some. */
const BESIDE = ["poster.jpg", "thumbnails.vtt", "thumbnails/000001.jpg"];
const TIMEOUT_MS = 20_000;
const GONE = 404;

export const hashOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Reads everything that belongs to an asset; each file's bytes have the hash that its ETag says. */
export async function readMade(base: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const pending = ["master.m3u8", "manifest.mpd", ...BESIDE];
  for (let path = pending.pop(); path !== undefined; path = pending.pop()) {
    const bytes = await readWhole(`${base}/${path}`, BESIDE.includes(path));
    if (bytes === undefined) continue;
    files.set(path, bytes);
    if (!path.endsWith(".m3u8")) continue;
    const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
    for (const name of namedFiles(Buffer.from(bytes).toString())) {
      if (!files.has(folder + name)) pending.push(folder + name);
    }
  }
  return files;
}

async function readWhole(url: string, mayLack: boolean): Promise<Uint8Array | undefined> {
  // Texts that are compressed have another ETag.
  const headers = { "accept-encoding": "identity" };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (mayLack && response.status === GONE) return undefined;
  assert.equal(response.status, 200, `${url}: ${bytes}`);
  assert.equal(
    response.headers.get("etag"),
    `"${hashOf(bytes)}"`,
    `E: the ETag of ${url} is not the hash of its bytes`,
  );
  return bytes;
}
