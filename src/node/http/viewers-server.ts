/** What viewers may ask of a node. The peers' requests have a listener of their own. */
import { ReelmeshError } from "../../core/errors.js";
import { allows, answer } from "./answers.js";
import { Content } from "./content.js";
import { type Assets, type Delivering, deliver } from "./delivery.js";
import { Downloads } from "./download.js";
import { HandOver, type SendFileMode } from "./hand-over.js";
import { HotFiles } from "./hot-files.js";
import type { Exchange, Service } from "./listen.js";
import { MemoryCache } from "./memory-cache.js";
import { frontHtml } from "./page.js";
import { shorten } from "./paths.js";
import { PreparedAnswers } from "./prepared.js";
import { receivePublicUpload, type Uploads } from "./uploads.js";
import { type Watchable, watch } from "./watch-page.js";

/** Assets on the front page. */
const FRONT_ASSETS = 100;

/** Bytes of what is asked for all the time that are kept in memory. */
const CACHE_BYTES = 64 * 1024 * 1024;
/** The same of segments, as many as four minutes of one film at four megabits a second. */
const HOT_FILES = { heldBytes: 128 * 1024 * 1024, leavingBytes: 32 * 1024 * 1024 };

/** What viewers are offered beside the assets, and how. */
export interface Offered {
  nodes: Watchable["nodes"];
  /** Who shows the token may upload here too. */
  incoming?: { uploads: Uploads; token: string } | undefined;
  /** The bytes of large files are sent by the server in front of this one. */
  sendFile?: SendFileMode | undefined;
}

interface Parts extends Delivering {
  watchable: Watchable;
}

export function viewersService(assets: Assets, offered: Offered = { nodes: () => [] }): Service {
  const { nodes, incoming, sendFile } = offered;
  const handOver = sendFile === undefined ? undefined : new HandOver(sendFile);
  const content = new Content(new MemoryCache(CACHE_BYTES), new HotFiles(HOT_FILES), handOver);
  const prepared = new PreparedAnswers((asset) => assets.manifestAtHand?.(asset));
  const parts = { assets, watchable: { ...assets, nodes }, content, downloads: new Downloads(assets), prepared };
  return {
    answerAtOnce: (exchange) => prepared.answer(exchange),
    answer: (exchange) => {
      if (incoming === undefined || exchange.path[0] !== "uploads") return route(exchange, parts);
      return receivePublicUpload(exchange, incoming.uploads, incoming.token);
    },
    errors: "text",
    uploads: incoming !== undefined,
  };
}

async function route(exchange: Exchange, parts: Parts): Promise<void> {
  const { assets, watchable } = parts;
  const [first] = exchange.path;
  if (first === undefined) return front(exchange, assets);
  if (first === "assets") return deliver(exchange, parts);
  if (first === "watch") return watch(exchange, watchable);
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
