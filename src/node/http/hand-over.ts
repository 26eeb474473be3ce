/**
 * A front server on the same machine sends the bytes itself: the answer names the file, and has no body. Only for a
 * listener that nobody else can reach: the header would tell them paths of this machine.
 */
import { isKnown, select } from "./byte-range.js";
import type { Exchange } from "./listen.js";
import { begin } from "./representation.js";

/** nginx maps a location of its own to the folder of the blobs; Apache and lighttpd take the file's path. */
export const SEND_FILE_MODES = ["x-accel-redirect", "x-sendfile"] as const;
export type SendFileMode = (typeof SEND_FILE_MODES)[number];

/** The location in nginx's configuration: examples/nginx/send-file.conf. */
const LOCATION = "/reelmesh-blobs";

interface Handed {
  file: string;
  name: string;
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
  send(exchange: Exchange, { file, name, sha256, bytes, type, cacheControl }: Handed): void {
    const { request, response } = exchange;
    const { headers } = request;
    const { status } = select({ method: "HEAD", headers }, sha256, bytes);
    if (status !== 200 || isKnown(headers, sha256)) {
      begin(exchange, { name, bytes, etag: sha256, type, cacheControl });
      return;
    }
    response.setHeader("ETag", `"${sha256}"`);
    response.setHeader("Cache-Control", cacheControl);
    response.setHeader("Content-Type", type);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Content-Length", 0);
    if (this.#mode === "x-sendfile") response.setHeader("X-Sendfile", file);
    else response.setHeader("X-Accel-Redirect", `${LOCATION}/${sha256.slice(0, 2)}/${sha256.slice(2, 4)}/${sha256}`);
    response.end();
  }
}
