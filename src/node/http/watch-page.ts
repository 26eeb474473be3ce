/** `/watch/<asset>`: a page that plays an asset, with everything that it needs from the nodes themselves. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ReelmeshError, toReelmeshError } from "../../core/errors.js";
import { packageRoot } from "../paths.js";
import { allows, answer, answerJson } from "./answers.js";
import { type Assets, findAsset } from "./delivery.js";
import type { Exchange } from "./listen.js";
import { noPageHtml, pageHtml } from "./page.js";
import { isIdentifier, shorten } from "./paths.js";
import { sendFile } from "./send-file.js";

const SCRIPT_TYPE = "text/javascript; charset=utf-8";
const RETRY_SECONDS = 2;
const BRIEFLY = "public, max-age=300";
const FILES = ["player.js", "early-text.js", "hosts.js", "keys.js", "menus.js", "seek-bar.js", "player.css"];

/** What the page plays, and where it may turn to when this node dies. */
export interface Watchable extends Pick<Assets, "list" | "growing" | "manifest"> {
  /** Viewers' addresses of the nodes of the mesh as they advertise them, "host:port"; those that are away last. */
  nodes(): { address: string; live: boolean }[];
}

/** Answers everything below `/watch`. */
export async function watch(exchange: Exchange, assets: Watchable): Promise<void> {
  if (!allows(exchange, ["GET", "HEAD"])) return;
  const [, name = "", ...rest] = exchange.path;
  if (rest.length > 0) throw nothingAt(exchange);
  if (name === "shaka.js") return sendShaka(exchange);
  if (name === "nodes.json") return sendNodes(exchange, assets);
  if (FILES.includes(name)) return sendOwn(exchange, name);
  return sendPage(exchange, assets, name);
}

async function sendPage(exchange: Exchange, assets: Watchable, asset: string): Promise<void> {
  if (!isIdentifier(asset)) throw nothingAt(exchange);
  const found = await findAsset(assets, asset).catch((error: unknown) => sayWhyNot(exchange, error));
  if (found === undefined) return;
  const { name: title } = found;
  const manifest = await assets.manifest(asset);
  const folder = `/assets/${encodeURIComponent(asset)}`;
  const beside = (path: string) => (Object.hasOwn(manifest?.files ?? {}, path) ? `${folder}/${path}` : undefined);
  const nodes = addresses(assets, false);
  const { response } = exchange;
  response.setHeader("Content-Security-Policy", contentSecurityPolicy(nodes));
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Cache-Control", "no-cache");
  const thumbnails = beside("thumbnails.vtt");
  const page = { title, playlist: `${folder}/master.m3u8`, thumbnails, poster: beside("poster.jpg"), nodes };
  answer(exchange, { type: "text/html; charset=utf-8", body: pageHtml(page) });
}

/** A person reads it: one who followed a link to what was removed, or who came before there was anything to see. */
function sayWhyNot(exchange: Exchange, thrown: unknown): undefined {
  const { code, message } = toReelmeshError(thrown);
  if (code !== "NOT_FOUND" && code !== "UNAVAILABLE") throw thrown;
  const { response } = exchange;
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("Content-Security-Policy", "default-src 'none'; img-src data:; base-uri 'none'");
  const status = code === "NOT_FOUND" ? 404 : 503;
  const retry = status === 503 ? RETRY_SECONDS : undefined;
  if (retry !== undefined) response.setHeader("Retry-After", String(retry));
  answer(exchange, { status, type: "text/html; charset=utf-8", body: noPageHtml(`${message}.`, retry) });
}

/**
 * Nothing but the nodes of the mesh, and nothing inline; Shaka Player hands media to the video element as blob: URLs, and
 * the small pictures are such URLs too. The nodes are asked over what the page itself came over.
 */
function contentSecurityPolicy(nodes: string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ["connect-src 'self'", ...nodes].join(" "),
    // Shaka Player makes its text tracks of an empty one.
    "media-src 'self' blob: data:",
    "img-src 'self' blob: data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}

/** For pages on every node: one whose node has died asks another. */
function sendNodes(exchange: Exchange, assets: Watchable): void {
  exchange.response.setHeader("Cache-Control", "no-store");
  exchange.response.setHeader("Access-Control-Allow-Origin", "*");
  answerJson(exchange, { nodes: addresses(assets, true) });
}

/** What can stand in a header and is an address, whatever a node says of itself. */
function addresses(assets: Watchable, live: boolean): string[] {
  const told = assets.nodes().filter((node) => node.live || !live);
  return told.map(({ address }) => address).filter((address) => /^([\w.-]+|\[[\da-f:]+\]):\d+$/i.test(address));
}

async function sendOwn(exchange: Exchange, name: string): Promise<void> {
  exchange.response.setHeader("Cache-Control", BRIEFLY);
  const type = name.endsWith(".css") ? "text/css; charset=utf-8" : SCRIPT_TYPE;
  answer(exchange, { type, body: await readFile(join(packageRoot, "web/watch", name), "utf8") });
}

/** The player library as its package ships it; its version is the validator. */
async function sendShaka(exchange: Exchange): Promise<void> {
  const require = createRequire(import.meta.url);
  const { version } = require("shaka-player/package.json") as { version: string };
  const file = require.resolve("shaka-player/dist/shaka-player.compiled-es2021.js");
  const etag = `shaka-${version}`;
  return sendFile(exchange, { file, name: "/watch/shaka.js", etag, type: SCRIPT_TYPE, cacheControl: BRIEFLY });
}

function nothingAt({ path }: Exchange): ReelmeshError {
  const message = `there is nothing at ${shorten(`/${path.join("/")}`)}; /watch/<asset> plays an asset of /assets`;
  return new ReelmeshError("NOT_FOUND", message);
}
