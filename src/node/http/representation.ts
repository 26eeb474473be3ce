/** The header of an answer whose bytes are known: conditions, ranges and codings (RFC 9110, sections 8, 13 and 14). */
import { STATUS_CODES } from "node:http";
import { answer, forgetContent } from "./answers.js";
import { type ByteRange, select } from "./byte-range.js";
import type { Coding } from "./codings.js";
import type { Exchange } from "./listen.js";

export interface Representation {
  /** What the client calls it, for messages. */
  name: string;
  bytes: number;
  /** Strong validator without its quotes; without one, neither conditions nor Range are honoured. */
  etag?: string;
  type: string;
  cacheControl: string;
  /** True: with another Accept-Encoding there may be another coding. */
  varies?: boolean;
  /** How the bytes are coded. */
  coding?: Coding;
  /** The name under which a browser saves it. */
  saveAs?: string;
}

type Head = Pick<Exchange, "request" | "response" | "stallMs" | "common" | "bodyBytes">;

/** Sends the header, or the whole answer where no body is asked for. Returns which bytes are to follow. */
export function begin(exchange: Head, representation: Representation): ByteRange | undefined {
  const { request, response, stallMs } = exchange;
  const { etag, bytes } = representation;
  const selection = etag === undefined ? { status: 200 as const } : select(request, etag, bytes);
  if (selection.status === 412 || selection.status === 416) return refuse(exchange, representation, selection.status);
  const range = selection.status === 206 ? selection.range : { first: 0, last: bytes - 1 };
  const headers =
    selection.status === 304 ? validators(exchange, representation) : header(exchange, representation, range);
  if (selection.status === 206) headers.push("Content-Range", `bytes ${range.first}-${range.last}/${bytes}`);
  response.writeHead(selection.status, headers);
  if (selection.status === 304 || request.method === "HEAD" || bytes === 0) {
    response.end();
    return undefined;
  }
  exchange.bodyBytes = range.last - range.first + 1;
  if (stallMs > 0) response.setTimeout(stallMs, () => response.destroy());
  return range;
}

/** Names and values in turn: the form that node:http takes without looking at each twice. */
function validators({ common = [] }: Head, { etag, cacheControl, varies }: Representation): string[] {
  const headers = [...common, "Cache-Control", cacheControl];
  if (etag !== undefined) headers.push("ETag", `"${etag}"`);
  if (varies === true) headers.push("Vary", "Accept-Encoding");
  return headers;
}

/** The header of a 200 with all of it. */
export function wholeHeader(exchange: Head, representation: Representation): string[] {
  return header(exchange, representation, { first: 0, last: representation.bytes - 1 });
}

function header(exchange: Head, representation: Representation, { first, last }: ByteRange): string[] {
  const { etag, type, coding, saveAs } = representation;
  const headers = validators(exchange, representation);
  headers.push("Content-Type", type, "X-Content-Type-Options", "nosniff", "Content-Length", String(last - first + 1));
  if (etag !== undefined) headers.push("Accept-Ranges", "bytes");
  if (coding !== undefined) headers.push("Content-Encoding", coding);
  if (saveAs !== undefined) headers.push("Content-Disposition", `attachment; filename="${saveAs}"`);
  return headers;
}

/** Sends what is in memory. */
export function sendBytes(exchange: Head, representation: Representation, body: Buffer): void {
  const range = begin(exchange, representation);
  if (range === undefined) return;
  const { first, last } = range;
  exchange.response.end(last - first + 1 === body.length ? body : body.subarray(first, last + 1));
}

function refuse(exchange: Head, { name, bytes }: Representation, status: 412 | 416): undefined {
  const { response } = exchange;
  forgetContent(response);
  if (status === 416) response.setHeader("Content-Range", `bytes */${bytes}`);
  response.setHeader("Cache-Control", "no-store");
  answer(exchange, { status, body: `${STATUS_CODES[status]}: ${name}\n` });
}
