/** `/watch/<asset>`: a page that plays an asset, with everything that it needs from this node. */
import { createRequire } from "node:module";
import { ReelmeshError } from "../../core/errors.js";
import { allows, answer } from "./answers.js";
import { type Assets, findAsset } from "./delivery.js";
import type { Exchange } from "./listen.js";
import { pageHtml, pageScript, pageStyle } from "./page.js";
import { isIdentifier, shorten } from "./paths.js";
import { sendFile } from "./send-file.js";

const SCRIPT_TYPE = "text/javascript; charset=utf-8";
const BRIEFLY = "public, max-age=300";
/** Nothing from other hosts and nothing inline; hls.js hands media to the video element as blob: URLs. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "media-src 'self' blob:",
  "img-src data:",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Answers everything below `/watch`. */
export async function watch(exchange: Exchange, assets: Pick<Assets, "list" | "growing">): Promise<void> {
  if (!allows(exchange, ["GET", "HEAD"])) return;
  const [, name = "", ...rest] = exchange.path;
  if (rest.length > 0) throw nothingAt(exchange);
  const { response } = exchange;
  switch (name) {
    case "hls.js":
      return sendHlsJs(exchange);
    case "player.js":
      response.setHeader("Cache-Control", BRIEFLY);
      return answer(exchange, { type: SCRIPT_TYPE, body: pageScript });
    case "player.css":
      response.setHeader("Cache-Control", BRIEFLY);
      return answer(exchange, { type: "text/css; charset=utf-8", body: pageStyle });
    default:
      return sendPage(exchange, assets, name);
  }
}

async function sendPage(exchange: Exchange, assets: Pick<Assets, "list" | "growing">, asset: string): Promise<void> {
  if (!isIdentifier(asset)) throw nothingAt(exchange);
  const { name } = await findAsset(assets, asset);
  const { response } = exchange;
  response.setHeader("Content-Security-Policy", CONTENT_SECURITY_POLICY);
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Cache-Control", "no-cache");
  const playlist = `/assets/${encodeURIComponent(asset)}/master.m3u8`;
  answer(exchange, { type: "text/html; charset=utf-8", body: pageHtml({ title: name, playlist }) });
}

/** The player library as its package ships it; its version is the validator. */
async function sendHlsJs(exchange: Exchange): Promise<void> {
  const require = createRequire(import.meta.url);
  const { version } = require("hls.js/package.json") as { version: string };
  const file = require.resolve("hls.js/dist/hls.min.js");
  const etag = `hls.js-${version}`;
  return sendFile(exchange, { file, name: "/watch/hls.js", etag, type: SCRIPT_TYPE, cacheControl: BRIEFLY });
}

function nothingAt({ path }: Exchange): ReelmeshError {
  const message = `there is nothing at ${shorten(`/${path.join("/")}`)}; /watch/<asset> plays an asset of /assets`;
  return new ReelmeshError("NOT_FOUND", message);
}
