/**
 * `/assets/<asset>/download.mp4?rendition=720p&audio=audio-1`: a plain MP4 of stored segments, joined while it is sent.
 * Only the tables of samples are held in memory, a few bytes a frame; the frames themselves go from the disk to the
 * client.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { ReelmeshError } from "../../core/errors.js";
import { readSegmentRows } from "../../core/fragment-reader.js";
import { INIT_SEGMENT, renditionFolder } from "../../core/layout.js";
import type { AssetFile, AssetManifest } from "../../core/media.js";
import { layOutProgressive, type ProgressiveTrack } from "../../core/progressive.js";
import { SampleTable } from "../../core/sample-table.js";
import { type ByteRange, isKnown } from "./byte-range.js";
import type { Assets } from "./delivery.js";
import type { Exchange } from "./listen.js";
import { shorten } from "./paths.js";
import { begin } from "./representation.js";

export const DOWNLOAD = "download.mp4";
/** The header of a segment of some seconds; where it is longer, more is read. */
const HEAD_BYTES = 16 * 1024;
/** Layouts that are kept for the next range of the same download: some megabytes each for a long film. */
const KEPT_LAYOUTS = 4;
const CACHE_CONTROL = "public, max-age=60";

/** The files of one rendition, in order. */
interface TrackFiles {
  init: AssetFile;
  segments: AssetFile[];
}

/** A run of bytes of the download: memory, or a part of a stored file. */
type Piece = { bytes: Uint8Array } | { file: AssetFile; from: number; length: number };

interface Layout {
  bytes: number;
  pieces: Piece[];
}

export class Downloads {
  readonly #assets: Pick<Assets, "file">;
  /** By ETag; the one used last stands last. A failure is forgotten. */
  readonly #layouts = new Map<string, Promise<Layout>>();

  constructor(assets: Pick<Assets, "file">) {
    this.#assets = assets;
  }

  /** Answers a request for a download. NOT_FOUND with what there is instead; what `file` throws. */
  async send(exchange: Exchange, asset: string, manifest: AssetManifest): Promise<void> {
    const { request, response, signal } = exchange;
    const query = new URL(request.url ?? "", "http://node").searchParams;
    const tracks = chooseTracks(manifest, asset, query);
    const etag = etagOf(tracks);
    const about = { name: `/assets/${asset}/${DOWNLOAD}`, etag, type: "video/mp4", cacheControl: CACHE_CONTROL };
    if (isKnown(request.headers, etag)) {
      begin(exchange, { ...about, bytes: 0 });
      return;
    }
    const { bytes, pieces } = await this.#layout(etag, tracks, asset, signal);
    if (response.destroyed) return;
    const range = begin(exchange, { ...about, bytes, saveAs: fileName(asset, query) });
    if (range === undefined) return;
    const body = this.#read(pieces, range, asset, signal);
    // the length is promised already: a connection that ends early is the only way left to say that something failed
    await pipeline(Readable.from(body, { objectMode: false }), response).catch(() => response.destroy());
  }

  async #layout(etag: string, tracks: TrackFiles[], asset: string, signal: AbortSignal): Promise<Layout> {
    const known = this.#layouts.get(etag);
    if (known !== undefined) {
      // whoever began it may have gone away
      const layout = await this.#keep(etag, known).catch(() => undefined);
      if (layout !== undefined) return layout;
      signal.throwIfAborted();
    }
    return this.#keep(etag, this.#layOut(tracks, asset, signal));
  }

  #keep(etag: string, layout: Promise<Layout>): Promise<Layout> {
    this.#layouts.delete(etag);
    this.#layouts.set(etag, layout);
    layout.catch(() => {
      if (this.#layouts.get(etag) === layout) this.#layouts.delete(etag);
    });
    for (const oldest of this.#layouts.keys()) {
      if (this.#layouts.size > KEPT_LAYOUTS) this.#layouts.delete(oldest);
    }
    return layout;
  }

  async #layOut(tracks: TrackFiles[], asset: string, signal: AbortSignal): Promise<Layout> {
    const starts: number[][] = [];
    const progressive: ProgressiveTrack[] = [];
    for (const { init, segments } of tracks) {
      const bytes = await readFile(await this.#assets.file(init, asset, signal));
      const table = new SampleTable();
      const own: number[] = [];
      for (const segment of segments) {
        signal.throwIfAborted();
        const rows = await readRows(bytes, await this.#assets.file(segment, asset, signal), segment.bytes);
        table.addChunk(rows);
        own.push(rows[0]?.position ?? 0);
      }
      starts.push(own);
      progressive.push({ init: bytes, table });
    }
    const { head, bytes, chunks } = layOutProgressive(progressive);
    const pieces = chunks.map(({ track, chunk }): Piece => {
      const file = tracks[track]?.segments[chunk] as AssetFile;
      const length = progressive[track]?.table.chunkBytes(chunk) ?? 0;
      return { file, from: starts[track]?.[chunk] ?? 0, length };
    });
    return { bytes, pieces: [{ bytes: head }, ...pieces] };
  }

  async *#read(
    pieces: Piece[],
    { first, last }: ByteRange,
    asset: string,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    let at = 0;
    for (const piece of pieces) {
      const length = "bytes" in piece ? piece.bytes.length : piece.length;
      const [from, to] = [Math.max(0, first - at), Math.min(length, last + 1 - at)];
      at += length;
      if (from >= to) continue;
      if ("bytes" in piece) yield piece.bytes.subarray(from, to);
      else {
        const path = await this.#assets.file(piece.file, asset, signal);
        yield* createReadStream(path, { start: piece.from + from, end: piece.from + to - 1 });
      }
      if (at > last) return;
    }
  }
}

/** The samples of a stored segment, from as few of its bytes as will do. */
async function readRows(init: Uint8Array, path: string, bytes: number) {
  const file = await open(path);
  try {
    for (let length = Math.min(HEAD_BYTES, bytes); ; length = Math.min(4 * length, bytes)) {
      const head = new Uint8Array(length);
      await file.read(head, 0, length, 0);
      const rows = readSegmentRows(init, head, bytes);
      if (rows !== undefined) return rows;
      if (length === bytes) throw new ReelmeshError("CORRUPT", "a stored segment has no fragment in it");
    }
  } finally {
    await file.close();
  }
}

/** The video and the audio that were asked for: the first of each where nothing is said, no audio for "none". */
function chooseTracks(manifest: AssetManifest, asset: string, query: URLSearchParams): TrackFiles[] {
  const video = choose(manifest, asset, "video", query.get("rendition"));
  const wanted = query.get("audio");
  const audio = wanted === "none" && video !== undefined ? undefined : choose(manifest, asset, "audio", wanted);
  const tracks = [video, audio].filter((track) => track !== undefined);
  if (tracks.length === 0) throw new ReelmeshError("NOT_FOUND", `the asset ${shorten(asset)} has nothing to download`);
  return tracks;
}

function choose(
  { files }: AssetManifest,
  asset: string,
  kind: "video" | "audio",
  name: string | null,
): TrackFiles | undefined {
  const names = Object.keys(files).flatMap((path) => {
    const [folder, rendition = "", file] = path.split("/");
    return folder === kind && file === INIT_SEGMENT ? [rendition] : [];
  });
  const chosen = name ?? names[0];
  if (chosen === undefined) return undefined;
  if (!names.includes(chosen)) {
    const there = names.length > 0 ? `there is ${names.join(", ")}` : "it has none";
    const what = kind === "video" ? "rendition" : "audio track";
    throw new ReelmeshError("NOT_FOUND", `the asset ${shorten(asset)} has no ${what} ${shorten(chosen)}: ${there}`);
  }
  const folder = renditionFolder({ kind, name: chosen });
  const segments = Object.keys(files)
    .filter((path) => path.startsWith(`${folder}/`) && path.endsWith(".m4s"))
    .sort();
  return {
    init: files[`${folder}/${INIT_SEGMENT}`] as AssetFile,
    segments: segments.map((path) => files[path] as AssetFile),
  };
}

/** The bytes follow from the segments, and from the way in which they are joined. */
function etagOf(tracks: TrackFiles[]): string {
  const hash = createHash("sha256").update("progressive 1");
  for (const { init, segments } of tracks) for (const { sha256 } of [init, ...segments]) hash.update(sha256);
  return hash.digest("hex").slice(0, 32);
}

function fileName(asset: string, query: URLSearchParams): string {
  const name = [asset, query.get("rendition") ?? ""].filter((part) => part !== "").join("-");
  return `${name.replace(/[^\w.-]+/g, "_")}.mp4`;
}
