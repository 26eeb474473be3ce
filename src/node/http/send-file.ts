/** Serves a file whose content never changes: Range, conditional requests, HEAD (RFC 9110, sections 13 and 14). */
import { stat } from "node:fs/promises";
import { STATUS_CODES } from "node:http";
import { finished } from "node:stream/promises";
import send from "send";
import { ReelmeshError } from "../../core/errors.js";
import { answer, forgetContent } from "./answers.js";
import type { Exchange } from "./listen.js";

export interface FileAnswer {
  /** Absolute path. */
  file: string;
  /** What the client calls it, for messages. */
  name: string;
  /** Length that the file must have; another one is CORRUPT. */
  bytes?: number;
  /** Strong validator without its quotes; without one, Range is not honoured. */
  etag?: string;
  type: string;
  cacheControl: string;
}

/** Bytes that are read from the disk at once. */
const READ_BYTES = 256 * 1024;
/** A client that takes no bytes for so long is cut off, in milliseconds. */
const STALL_MS = 120_000;

/**
 * Sends the file, or what the request's conditions ask for instead (206, 304, 412, 416). Returns when the client has
 * it, or has gone. NOT_FOUND and CORRUPT before anything was sent.
 */
export async function sendFile(exchange: Exchange, answered: FileAnswer): Promise<void> {
  const { request, response } = exchange;
  await checkFile(answered);
  // The client may have gone while the file was being found; then nothing may be opened any more.
  if (response.destroyed) return;
  setHeaders(exchange, answered);
  response.setTimeout(STALL_MS);
  const { promise: failed, fail } = failure();
  const options: send.SendOptions & { highWaterMark: number } = {
    // Range is defined for GET alone (RFC 9110, section 14.2).
    acceptRanges: answered.etag !== undefined && request.method === "GET",
    cacheControl: false,
    dotfiles: "allow",
    etag: false,
    extensions: false,
    index: false,
    lastModified: false,
    highWaterMark: READ_BYTES,
  };
  send(request, encodeURIComponent(answered.file), options)
    .on("error", (error: Error & { status?: number }) => refuse(exchange, answered, error, fail))
    .pipe(response);
  await Promise.race([finished(response).catch(() => undefined), failed]);
}

async function checkFile({ file, name, bytes }: FileAnswer): Promise<void> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new ReelmeshError("NOT_FOUND", `${name} is not on this node any more; ask another node`, { cause });
  });
  if (bytes === undefined || found.size === bytes) return;
  const message = `the file of ${name} has ${found.size} bytes instead of ${bytes}; ask another node`;
  throw new ReelmeshError("CORRUPT", message);
}

function setHeaders({ request, response }: Exchange, { etag, type, cacheControl }: FileAnswer): void {
  response.setHeader("Content-Type", type);
  response.setHeader("Cache-Control", cacheControl);
  response.setHeader("X-Content-Type-Options", "nosniff");
  if (etag === undefined) return;
  response.setHeader("ETag", `"${etag}"`);
  response.setHeader("Accept-Ranges", "bytes");
  // If-Range wants a strong validator (RFC 9110, section 13.1.5); `send` would take a weak one for a match.
  if (request.headers["if-range"]?.toString().startsWith("W/") === true) delete request.headers.range;
}

function refuse(
  exchange: Exchange,
  { name }: FileAnswer,
  error: Error & { status?: number },
  fail: (error: ReelmeshError) => void,
): void {
  const { response } = exchange;
  if (response.headersSent) {
    // The length is promised already; a connection that ends early is the only way left to say so.
    response.destroy();
    return;
  }
  const { status = 500 } = error;
  if (status !== 412 && status !== 416) {
    fail(new ReelmeshError("INTERNAL", `${name} cannot be read: ${error.message}`, { cause: error }));
    return;
  }
  const contentRange = response.getHeader("Content-Range");
  forgetContent(response);
  if (contentRange !== undefined) response.setHeader("Content-Range", contentRange);
  response.setHeader("Cache-Control", "no-store");
  answer(exchange, { status, body: `${STATUS_CODES[status]}: ${name}\n` });
}

function failure(): { promise: Promise<never>; fail: (error: ReelmeshError) => void } {
  let fail: (error: ReelmeshError) => void = () => undefined;
  const promise = new Promise<never>((_resolve, reject) => {
    fail = reject;
  });
  return { promise, fail };
}
