/** Which part of a representation a request asks for (RFC 9110, sections 13.1.5 and 14). */
import type { IncomingHttpHeaders } from "node:http";

/** First and last byte, both included. */
export interface ByteRange {
  first: number;
  last: number;
}

/**
 * The range; undefined for the whole: also where a range is not understood, names several parts, or is for another
 * version than `etag`. "none": nothing of it is there.
 */
export function requestedRange(
  headers: IncomingHttpHeaders,
  etag: string,
  bytes: number,
): ByteRange | "none" | undefined {
  const ifRange = headers["if-range"];
  if (ifRange !== undefined && ifRange !== `"${etag}"`) return undefined;
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/.exec(headers.range ?? "");
  if (match === null) return undefined;
  const [, from = "", to = ""] = match;
  if (from === "" && to === "") return undefined;
  if (from === "") {
    const length = Math.min(Number(to), bytes);
    return length === 0 ? "none" : { first: bytes - length, last: bytes - 1 };
  }
  const [first, last] = [Number(from), to === "" ? bytes - 1 : Math.min(Number(to), bytes - 1)];
  if (to !== "" && Number(to) < first) return undefined;
  return first >= bytes ? "none" : { first, last };
}

/** Whether If-None-Match names this version: the comparison is weak (RFC 9110, section 13.1.2). */
export function isKnown(headers: IncomingHttpHeaders, etag: string): boolean {
  const known = headers["if-none-match"];
  if (known === undefined) return false;
  return known.split(",").some((one) => one.trim() === "*" || one.trim().replace(/^W\//, "") === `"${etag}"`);
}
