/** What a request's conditions ask for of a representation (RFC 9110, sections 13 and 14). */
import type { IncomingHttpHeaders } from "node:http";

/** First and last byte, both included. */
export interface ByteRange {
  first: number;
  last: number;
}

/** What is to be answered: the whole (200), a part of it (206), or that nothing of it is needed, or to be had. */
export type Selection = { status: 200 | 304 | 412 | 416 } | { status: 206; range: ByteRange };

interface Asked {
  method?: string | undefined;
  headers: IncomingHttpHeaders;
}

/** Weighs the conditions in the order of RFC 9110, section 13.2.2. Range is defined for GET alone (section 14.2). */
export function select({ method, headers }: Asked, etag: string, bytes: number): Selection {
  const wanted = headers["if-match"];
  if (wanted !== undefined && !tags(wanted).some((tag) => tag === "*" || tag === `"${etag}"`)) return { status: 412 };
  if (isKnown(headers, etag)) return { status: 304 };
  const range = method === "GET" ? requestedRange(headers, etag, bytes) : undefined;
  if (range === undefined) return { status: 200 };
  return range === "none" ? { status: 416 } : { status: 206, range };
}

/**
 * The range; undefined for the whole: also where a range is not understood, names several parts (section 14.2 lets a
 * server answer those with the whole, so that a thousand cost nothing), or is for another version than `etag`. "none":
 * nothing of it is there.
 */
export function requestedRange(
  headers: IncomingHttpHeaders,
  etag: string,
  bytes: number,
): ByteRange | "none" | undefined {
  if (headers.range === undefined) return undefined;
  const ifRange = headers["if-range"];
  if (ifRange !== undefined && ifRange !== `"${etag}"`) return undefined;
  const match = /^bytes=\s*(\d*)-(\d*)\s*$/.exec(headers.range);
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
  return tags(known).some((tag) => tag === "*" || tag.replace(/^W\//, "") === `"${etag}"`);
}

function tags(list: string): string[] {
  return list.split(",").map((tag) => tag.trim());
}
