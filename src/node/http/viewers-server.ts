/** What viewers may ask of a node. The peers' requests have a listener of their own. */
import { ReelmeshError } from "../../core/errors.js";
import { allows, answer } from "./answers.js";
import { Content } from "./content.js";
import { type Assets, deliver } from "./delivery.js";
import { Downloads } from "./download.js";
import { HandOver, type SendFileMode } from "./hand-over.js";
import type { Exchange, Service } from "./listen.js";
import { MemoryCache } from "./memory-cache.js";
import { frontHtml } from "./page.js";
import { shorten } from "./paths.js";
import { watch } from "./watch-page.js";

/** Assets on the front page. */
const FRONT_ASSETS = 100;

/** Bytes of what is asked for all the time that are kept in memory. */
const CACHE_BYTES = 64 * 1024 * 1024;

/** `sendFile`: the bytes of large files are sent by the server in front of this one. */
export function viewersService(assets: Assets, { sendFile }: { sendFile?: SendFileMode | undefined } = {}): Service {
  const downloads = new Downloads(assets);
  const handOver = sendFile === undefined ? undefined : new HandOver(sendFile);
  const content = new Content(new MemoryCache(CACHE_BYTES), handOver);
  return { answer: (exchange) => route(exchange, assets, content, downloads), errors: "text", uploads: false };
}

async function route(exchange: Exchange, assets: Assets, content: Content, downloads: Downloads): Promise<void> {
  const [first] = exchange.path;
  if (first === undefined) return front(exchange, assets);
  if (first === "assets") return deliver(exchange, assets, content, downloads);
  if (first === "watch") return watch(exchange, assets);
  if (first === "healthz" && exchange.path.length === 1) return health(exchange);
  const message = `there is nothing at ${shorten(`/${exchange.path.join("/")}`)}; /assets lists what can be watched`;
  throw new ReelmeshError("NOT_FOUND", message);
}

/** What a person finds who opens the node's address: the newest assets. */
async function front(exchange: Exchange, assets: Assets): Promise<void> {
  if (!allows(exchange, ["GET", "HEAD"])) return;
  exchange.response.setHeader("Cache-Control", "no-store");
  const newest = (await assets.list()).slice(0, FRONT_ASSETS);
  answer(exchange, { type: "text/html; charset=utf-8", body: frontHtml(newest) });
}

function health(exchange: Exchange): void {
  if (!allows(exchange, ["GET", "HEAD"])) return;
  exchange.response.setHeader("Cache-Control", "no-store");
  answer(exchange, { body: "ok" });
}
