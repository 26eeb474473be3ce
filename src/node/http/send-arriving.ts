/** Serves a file that is only on its way to this node, byte by byte as it comes (RFC 9110, sections 13 and 14). */
import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { type ByteRange, requestedRange } from "./byte-range.js";
import type { Exchange } from "./listen.js";
import { begin } from "./representation.js";
import type { FileAnswer } from "./send-file.js";

/** What can be read before all of it is here. What it passes on may prove wrong only before its last bytes: it throws. */
export interface Arriving {
  read(range: ByteRange, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

export type ArrivingAnswer = Required<Pick<FileAnswer, "bytes" | "etag">> & Omit<FileAnswer, "file">;

/** Conditions that are weighed when the file is here. */
const CONDITIONS = ["if-match", "if-none-match", "if-modified-since", "if-unmodified-since"];

/**
 * Sends what `find` gives; false when nothing was sent, because it gave nothing (the file is here), or because the
 * request is one that is better answered from the file. Returns when the client has it, or has gone.
 */
export async function sendArriving(
  exchange: Exchange,
  answered: ArrivingAnswer,
  find: () => Promise<Arriving | undefined> | undefined,
): Promise<boolean> {
  const { request, response, signal } = exchange;
  const { etag, bytes } = answered;
  const plain = request.method === "GET" && CONDITIONS.every((name) => request.headers[name] === undefined);
  const range = requestedRange(request.headers, etag, bytes);
  if (!plain || bytes === 0 || range === "none") return false;
  const arriving = await find();
  if (arriving === undefined) return false;
  if (response.destroyed) return true;
  const sent = begin(exchange, answered);
  if (sent === undefined) return true;
  try {
    await write(response, arriving.read(sent, signal), signal);
  } catch {
    // The length is promised already; a connection that ends early is the only way left to say that it came to nothing.
    response.destroy();
  }
  return true;
}

async function write(response: ServerResponse, body: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  for await (const piece of body) {
    if (!response.write(piece)) await once(response, "drain", { signal });
  }
  response.end();
}
