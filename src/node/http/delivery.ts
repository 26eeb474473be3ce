/** Assets for players and caches: `/assets`, `/assets/<asset>`, `/assets/<asset>/<path>`. */
import { manifestType } from "../../core/asset-files.js";
import { tracksOf } from "../../core/asset-tracks.js";
import { ReelmeshError } from "../../core/errors.js";
import { MASTER_PLAYLIST } from "../../core/layout.js";
import type { AssetFile, AssetManifest } from "../../core/media.js";
import type { BlobReference } from "../../core/work.js";
import type { AssetSummary } from "../asset-rows.js";
import type { Playable } from "../growing-assets.js";
import { allows, answerJson } from "./answers.js";
import type { Content } from "./content.js";
import { DOWNLOAD, type Downloads } from "./download.js";
import type { Exchange } from "./listen.js";
import { downloadsOf, pageOfAssets, urlsOf } from "./listing.js";
import { isIdentifier, shorten } from "./paths.js";
import type { PreparedAnswers, Ready } from "./prepared.js";
import type { Arriving } from "./send-arriving.js";
import { readStored } from "./send-file.js";

export interface Assets {
  /** All finished assets of the mesh. */
  list(): Promise<AssetSummary[]> | AssetSummary[];
  /** What an asset consists of; undefined when there is no such asset. */
  manifest(asset: string): Promise<AssetManifest | undefined>;
  /** The same where it is in memory, for what is asked for all the time. */
  manifestAtHand?(asset: string): AssetManifest | undefined;
  /** Absolute path of a file of the asset on this node, pulled from a peer first when it is not here. */
  file(reference: BlobReference, asset: string, signal: AbortSignal): Promise<string>;
  /**
   * A file of the asset that is not here, while it comes from a peer: one fetch for all who ask. Undefined when it is
   * here. Without this, viewers wait until it is.
   */
  arriving?(reference: BlobReference, asset: string, signal: AbortSignal): Promise<Arriving | undefined>;
  /**
   * What can be played already of an asset that is being encoded; undefined when it is not. UNAVAILABLE before there is
   * anything; NOT_FOUND with the reason when it came to nothing.
   */
  growing(asset: string): Promise<Playable | undefined>;
  /** As `file`, of an asset that is being encoded. */
  growingFile(reference: BlobReference, summary: AssetSummary): Promise<string>;
}

const METHODS = ["GET", "HEAD"];
const FOREVER = "public, max-age=31536000, immutable";
/** Playlists and manifests are rewritten when an asset is made again under its name. */
const SHORT = "public, max-age=60";
/** Those of what is being encoded have more in them after the next chunk. */
const MOMENT = "public, max-age=1";

/** What answers are made of. */
export interface Delivering {
  assets: Assets;
  content: Content;
  downloads: Downloads;
  prepared: PreparedAnswers;
}

/** Answers everything below `/assets`. */
export async function deliver(exchange: Exchange, delivering: Delivering): Promise<void> {
  const { assets } = delivering;
  allowOtherOrigins(exchange);
  if (!allows(exchange, METHODS)) return;
  const [, asset, ...file] = exchange.path;
  if (asset === undefined) {
    const query = new URL(exchange.request.url ?? "", "http://node").searchParams;
    return answerJson(exchange, pageOfAssets(await assets.list(), query));
  }
  if (!isIdentifier(asset)) throw noAsset(asset);
  // Caches let go by this name of what they keep, however its URL was written (purge-client.ts).
  exchange.common = [...OTHER_ORIGINS, "X-Asset", encodeURIComponent(asset)];
  if (file.length === 0) return describe(exchange, assets, asset);
  return deliverFile(exchange, delivering, asset, file.join("/"));
}

/** Its row in the listing, its tracks, and the URLs to begin with; downloads when it is whole. */
async function describe(exchange: Exchange, assets: Assets, asset: string): Promise<void> {
  const summary = await findAsset(assets, asset);
  const manifest = await assets.manifest(asset);
  const playable = manifest === undefined ? await assets.growing(asset) : undefined;
  const has = (path: string) =>
    [manifest?.files, playable?.files, playable?.texts].some(
      (files) => files !== undefined && Object.hasOwn(files, path),
    );
  const master = playable?.texts[MASTER_PLAYLIST] ?? (await masterOf(exchange, assets, asset, manifest));
  const downloads = manifest === undefined ? {} : downloadsOf(asset, has, summary.renditions);
  return answerJson(exchange, { ...summary, ...tracksOf(master), urls: urlsOf(asset, has), downloads });
}

/** "" where there is none. */
async function masterOf(
  { signal }: Exchange,
  assets: Assets,
  asset: string,
  manifest: AssetManifest | undefined,
): Promise<string> {
  const entry = manifest?.files[MASTER_PLAYLIST];
  if (entry === undefined) return "";
  const file = await assets.file(entry, asset, signal);
  return String(await readStored(file, { name: `/assets/${asset}/${MASTER_PLAYLIST}`, bytes: entry.bytes }));
}

/** An asset by its name, finished or playable in part. NOT_FOUND; UNAVAILABLE. */
export async function findAsset(assets: Pick<Assets, "list" | "growing">, asset: string): Promise<AssetSummary> {
  const finished = (await assets.list()).find((summary) => summary.asset === asset);
  const found = finished ?? (await assets.growing(asset))?.summary;
  if (found === undefined) throw noAsset(asset);
  return found;
}

async function deliverFile(exchange: Exchange, delivering: Delivering, asset: string, path: string): Promise<void> {
  const { assets, content, downloads, prepared } = delivering;
  const manifest = await assets.manifest(asset);
  if (manifest === undefined) return deliverGrowing(exchange, assets, content, asset, path);
  if (path === DOWNLOAD) return downloads.send(exchange, asset, manifest);
  const { sha256, bytes, type } = entryOf(manifest.files, asset, path);
  const cacheControl = isManifest(path) ? SHORT : FOREVER;
  const name = `/assets/${asset}/${path}`;
  const file = () => assets.file({ sha256, bytes }, asset, exchange.signal);
  const arriving = () => assets.arriving?.({ sha256, bytes }, asset, exchange.signal);
  const ready = (answered: Ready) => prepared.keep(exchange, asset, manifest, answered);
  return content.send(exchange, { sha256, bytes, type, cacheControl, name, path: file, arriving, ready });
}

/** The same paths as those of the finished asset; what is there of its segments never changes. */
async function deliverGrowing(
  exchange: Exchange,
  assets: Assets,
  content: Content,
  asset: string,
  path: string,
): Promise<void> {
  const playable = await assets.growing(asset);
  if (playable === undefined) throw noAsset(asset);
  const { texts, files, summary } = playable;
  const name = `/assets/${asset}/${path}`;
  if (Object.hasOwn(texts, path)) {
    const body = texts[path] as string;
    return content.sendText(exchange, { body, type: manifestType(path), cacheControl: MOMENT, name });
  }
  const { sha256, bytes, type } = entryOf(files, asset, path);
  const file = () => assets.growingFile({ sha256, bytes }, summary);
  return content.send(exchange, { sha256, bytes, type, cacheControl: FOREVER, name, path: file });
}

/** NOT_FOUND. */
function entryOf(files: Record<string, AssetFile>, asset: string, path: string): AssetFile {
  const entry = Object.hasOwn(files, path) ? files[path] : undefined;
  if (entry !== undefined) return entry;
  throw new ReelmeshError("NOT_FOUND", `the asset ${shorten(asset)} has no file ${shorten(path)}`);
}

function isManifest(path: string): boolean {
  return /\.(m3u8|mpd)$/.test(path);
}

/** Players on other sites may read everything here (Fetch standard, section 3.2). */
const OTHER_ORIGINS = [
  ...["Access-Control-Allow-Origin", "*"],
  ...["Access-Control-Expose-Headers", "Content-Length, Content-Range, ETag, Date"],
];
const PREFLIGHT = [
  ...OTHER_ORIGINS,
  ...["Access-Control-Allow-Methods", METHODS.join(", ")],
  ...["Access-Control-Allow-Headers", "Range, If-None-Match, If-Range"],
  ...["Access-Control-Max-Age", "86400"],
];

function allowOtherOrigins(exchange: Exchange): void {
  exchange.common = exchange.request.method === "OPTIONS" ? PREFLIGHT : OTHER_ORIGINS;
}

function noAsset(asset: string): ReelmeshError {
  return new ReelmeshError("NOT_FOUND", `there is no asset ${shorten(asset)}; /assets lists those there are`);
}
