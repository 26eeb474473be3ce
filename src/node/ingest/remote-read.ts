/** Reads a remote source on from where it stopped: which part is asked for, and what the answer to that means. */
import type { IncomingMessage } from "node:http";
import { ReelmeshError } from "../../core/errors.js";
import { parseRemote, showRemote } from "../../core/remote-source.js";
import { withoutStall } from "../without-stall.js";
import type { Arrivals } from "./arrivals.js";
import { guardedGet } from "./guarded-get.js";
import type { Arrival } from "./records.js";
import { type S3Options, s3Address, signS3 } from "./s3.js";
import { SourceGuard } from "./source-guard.js";

/** A server that sends no byte for so long is asked anew, in milliseconds. */
const STALL_MS = 60_000;

export interface RemoteOptions {
  /** Hosts, addresses and networks that may be asked whatever they are. */
  allowed: string[];
  s3: S3Options;
}

export class RemoteReader {
  readonly #arrivals: Arrivals;
  readonly #s3: S3Options;
  readonly #guard: SourceGuard;
  readonly #s3Guard: SourceGuard;

  /** INVALID_INPUT when the options are none. */
  constructor(arrivals: Arrivals, { allowed, s3 }: RemoteOptions) {
    this.#arrivals = arrivals;
    this.#s3 = s3;
    this.#guard = new SourceGuard(allowed);
    // The operator has named this one; it is for s3 addresses alone.
    const own = s3.endpoint === undefined ? [] : [new URL(s3.endpoint).hostname.replace(/^\[(.*)\]$/, "$1")];
    this.#s3Guard = new SourceGuard([...allowed, ...own]);
  }

  /**
   * Asks once and writes what comes. Returns when the source is whole; UNAVAILABLE when asking again may help,
   * INVALID_INPUT and others when it cannot.
   */
  async read(arrival: Arrival, signal: AbortSignal): Promise<void> {
    const url = parseRemote(arrival.remote?.url ?? "");
    const have = await this.#startOf(arrival);
    const response = await this.#ask(url, rangeFrom(have, arrival), signal);
    try {
      await this.#begin(arrival, response, have, showRemote(url));
      await this.#write(arrival, response, showRemote(url), signal);
    } finally {
      response.destroy();
    }
  }

  /** Without a validator nobody can tell whether the rest belongs to what is there. */
  async #startOf(arrival: Arrival): Promise<number> {
    const have = await this.#arrivals.length(arrival);
    if (have === 0 || arrival.remote?.validator !== undefined) return have;
    await this.#arrivals.restart(arrival);
    return 0;
  }

  async #ask(url: URL, range: Record<string, string>, signal: AbortSignal): Promise<IncomingMessage> {
    if (url.protocol !== "s3:") {
      return guardedGet({ url, headers: range, guard: this.#guard, redirects: true, signal });
    }
    const address = s3Address(url, this.#s3);
    const headers = { ...range, ...(await signS3(address, this.#s3)) };
    // A signature is for one address, and nobody else is to see it.
    return guardedGet({ url: address, headers, guard: this.#s3Guard, redirects: false, signal });
  }

  /** Looks at the answer's head, and keeps in mind what it says of the source. */
  async #begin(arrival: Arrival, { statusCode = 0, headers }: IncomingMessage, have: number, shown: string) {
    const remote = { ...arrival.remote, url: arrival.remote?.url ?? "" };
    const validator = validatorOf(headers);
    const known = remote.validator;
    if (statusCode !== 200 && statusCode !== 206) throw refusal(statusCode, shown);
    if (have > 0 && validator !== known) throw changed(shown);
    if (statusCode === 206) {
      const [, from, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers["content-range"] ?? "") ?? [];
      if (Number(from) === have && (arrival.expected === null || Number(total) === arrival.expected)) return;
      throw changed(shown);
    }
    // The server does not give parts: all comes again.
    if (have > 0) await this.#arrivals.restart(arrival);
    const length = headers["content-length"];
    const expected = length === undefined ? null : Number(length);
    if (expected !== arrival.expected) await this.#arrivals.checkRoom(expected ?? 0);
    await this.#arrivals.update(arrival, { expected, remote: { url: remote.url, ...(validator && { validator }) } });
  }

  async #write(arrival: Arrival, response: IncomingMessage, shown: string, signal: AbortSignal): Promise<void> {
    const again = (reason: string) => new ReelmeshError("UNAVAILABLE", `${shown} ${reason}`);
    const stalled = () => again(`gave no bytes for ${STALL_MS / 1000} s`);
    try {
      await this.#arrivals.append(arrival, withoutStall(response, STALL_MS, stalled));
    } catch (error) {
      if (signal.aborted) throw new ReelmeshError("ABORTED", "the fetch was stopped", { cause: error });
      if (error instanceof ReelmeshError) throw error;
      throw again(`broke off: ${(error as Error).message}`);
    }
    const length = await this.#arrivals.length(arrival);
    const { expected } = arrival;
    if (!response.complete || (expected !== null && length < expected)) throw again(`broke off after ${length} bytes`);
    if (expected !== null && length > expected) throw changed(shown);
  }
}

/** RFC 9110, sections 13.1.5 and 14.2. */
function rangeFrom(have: number, { remote }: Arrival): Record<string, string> {
  if (have === 0 || remote?.validator === undefined) return {};
  return { range: `bytes=${have}-`, "if-range": remote.validator };
}

/** What changes when the source does: a strong ETag, or else its date (RFC 9110, section 8.8). */
function validatorOf(headers: IncomingMessage["headers"]): string | undefined {
  const { etag } = headers;
  return etag !== undefined && !etag.startsWith("W/") ? etag : headers["last-modified"];
}

function changed(shown: string): ReelmeshError {
  return new ReelmeshError("INVALID_INPUT", `${shown} has changed while it was fetched; submit it again`);
}

function refusal(status: number, shown: string): ReelmeshError {
  if (status >= 500 || status === 429 || status === 408) {
    return new ReelmeshError("UNAVAILABLE", `${shown} answers with HTTP ${status} at present`);
  }
  const reason = REASONS[status] ?? "";
  return new ReelmeshError("INVALID_INPUT", `${shown} cannot be fetched: HTTP ${status}${reason}`);
}

const REASONS: Record<number, string> = {
  401: ", it wants a password",
  403: ", it is not for everybody: an s3 source needs this node's AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  404: ", there is no such file",
  416: ", it has changed while it was fetched; submit it again",
};
