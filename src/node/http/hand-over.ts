/**
 * A front server on the same machine sends the bytes itself: the answer names the file, and has no body. Only for a
 * listener that nobody else can reach: the header would tell them paths of this machine.
 */
import { isKnown, select } from "./byte-range.js";
import type { Exchange } from "./listen.js";
import type { Ready } from "./prepared.js";
import { begin } from "./representation.js";

/** nginx maps a location of its own to the folder of the blobs; Apache and lighttpd take the file's path. */
export const SEND_FILE_MODES = ["x-accel-redirect", "x-sendfile"] as const;
export type SendFileMode = (typeof SEND_FILE_MODES)[number];

/** The location in nginx's configuration: examples/nginx/send-file.conf. */
const LOCATION = "/reelmesh-blobs";
/** For so long the same is said again without looking whether the file is still there and whole. */
const LIFE_MS = 1_000;

interface Handed {
  file: string;
  name: string;
  /** Hears of an answer that the same request may get again. */
  ready?(answered: Ready): void;
  sha256: string;
  bytes: number;
  type: string;
  cacheControl: string;
}

export class HandOver {
  readonly #mode: SendFileMode;

  constructor(mode: SendFileMode) {
    this.#mode = mode;
  }

  /** Conditions are weighed here, by the hash; ranges are left to the front server. */
  send(exchange: Exchange, handed: Handed): void {
    const { name, sha256, bytes, type, cacheControl, ready } = handed;
    const { request, response } = exchange;
    const { headers } = request;
    const { status } = select({ method: "HEAD", headers }, sha256, bytes);
    if (status !== 200 || isKnown(headers, sha256)) {
      begin(exchange, { name, bytes, etag: sha256, type, cacheControl });
      return;
    }
    const header = [
      ...(exchange.common ?? []),
      ...["ETag", `"${sha256}"`, "Cache-Control", cacheControl, "Content-Type", type],
      ...["X-Content-Type-Options", "nosniff", "Content-Length", "0"],
      ...this.#place(handed),
    ];
    response.writeHead(200, header).end();
    ready?.({ header, body: Buffer.alloc(0), lifeMs: LIFE_MS });
  }

  #place({ file, sha256 }: Handed): string[] {
    if (this.#mode === "x-sendfile") return ["X-Sendfile", file];
    return ["X-Accel-Redirect", `${LOCATION}/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`];
  }
}
