/** What viewers may ask of a node. The peers' requests have a listener of their own. */
import { ReelmeshError } from "../../core/errors.js";
import { allows, answer } from "./answers.js";
import { type Assets, deliver } from "./delivery.js";
import { Downloads } from "./download.js";
import type { Exchange, Service } from "./listen.js";
import { frontHtml } from "./page.js";
import { shorten } from "./paths.js";
import { receivePublicUpload, type Uploads } from "./uploads.js";
import { type Watchable, watch } from "./watch-page.js";

/** Assets on the front page. */
const FRONT_ASSETS = 100;

/** What viewers are offered beside the assets. */
export interface Offered {
  nodes: Watchable["nodes"];
  /** Who shows the token may upload here too. */
  incoming?: { uploads: Uploads; token: string } | undefined;
}

export function viewersService(assets: Assets, { nodes, incoming }: Offered = { nodes: () => [] }): Service {
  const watchable = { ...assets, nodes };
  const downloads = new Downloads(assets);
  return {
    answer: (exchange) => {
      if (incoming === undefined || exchange.path[0] !== "uploads")
        return route(exchange, assets, downloads, watchable);
      return receivePublicUpload(exchange, incoming.uploads, incoming.token);
    },
    errors: "text",
    uploads: incoming !== undefined,
  };
}

async function route(exchange: Exchange, assets: Assets, downloads: Downloads, watchable: Watchable): Promise<void> {
  const [first] = exchange.path;
  if (first === undefined) return front(exchange, assets);
  if (first === "assets") return deliver(exchange, assets, downloads);
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
