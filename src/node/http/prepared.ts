/**
 * Answers that are given again and again as they are: playlists in the coding that the client takes, small pictures, and
 * the header that hands a segment to the server in front. A request that was answered so before, and asks for nothing
 * special, gets the same header and body without any of the work, while its asset is what it was.
 */
import type { IncomingMessage } from "node:http";
import { LRUCache } from "lru-cache";
import type { AssetManifest } from "../../core/media.js";
import type { Exchange } from "./listen.js";

/** A 200 with everything in it. */
export interface Ready {
  /** Names and values in turn. */
  header: string[];
  body: Buffer;
  /** For so long it may be given; as long as the asset is what it was when this is absent. */
  lifeMs?: number;
}

interface Prepared {
  asset: string;
  manifest: AssetManifest;
  header: string[];
  /** A character a byte: node:http sends such a text together with the header, and bytes after it. */
  body: string;
  until: number;
}

/** Names of assets -> what `Assets.manifest` has in memory of them. */
type ManifestAtHand = (asset: string) => AssetManifest | undefined;

const ALL_BYTES = 16 * 1024 * 1024;
/** What an answer takes beside its body and its key. */
const ENTRY_BYTES = 2_048;
const LARGEST_BYTES = 64 * 1024;
const LONGEST_KEY = 1_024;
/** With one of these the answer may be another. */
const CONDITIONS = ["range", "if-match", "if-none-match", "if-range"];

export class PreparedAnswers {
  readonly #manifestOf: ManifestAtHand;
  readonly #answers = new LRUCache<string, Prepared>({
    maxSize: ALL_BYTES,
    sizeCalculation: ({ body }, key) => body.length + 2 * key.length + ENTRY_BYTES,
  });

  constructor(manifestOf: ManifestAtHand) {
    this.#manifestOf = manifestOf;
  }

  /** Remembers what was answered. */
  keep({ request }: Pick<Exchange, "request">, asset: string, manifest: AssetManifest, ready: Ready): void {
    const key = keyOf(request);
    if (!isPlain(request) || key.length > LONGEST_KEY || key.includes("?") || ready.body.length > LARGEST_BYTES) return;
    const { header, body, lifeMs = Number.POSITIVE_INFINITY } = ready;
    const until = performance.now() + lifeMs;
    this.#answers.set(key, { asset, manifest, header, body: body.toString("latin1"), until });
  }

  /** True when it has answered; false when it has done nothing. */
  answer(exchange: Pick<Exchange, "request" | "response" | "stallMs" | "bodyBytes">): boolean {
    const { request, response, stallMs } = exchange;
    const prepared = this.#answers.get(keyOf(request));
    if (prepared === undefined || !isPlain(request)) return false;
    const { asset, manifest, header, body, until } = prepared;
    if (this.#manifestOf(asset) !== manifest || until < performance.now()) return false;
    exchange.bodyBytes = body.length;
    response.writeHead(200, header);
    if (stallMs > 0) response.setTimeout(stallMs, () => response.destroy());
    response.end(body, "latin1");
    return true;
  }
}

function isPlain({ method, headers }: IncomingMessage): boolean {
  return method === "GET" && CONDITIONS.every((name) => headers[name] === undefined);
}

function keyOf({ url, headers }: IncomingMessage): string {
  return `${url} ${headers["accept-encoding"] ?? ""}`;
}
