/** One GET to a peer's listener, over connections that are kept. */
import { type Agent, get, type IncomingMessage } from "node:http";
import { type ErrorCode, ReelmeshError } from "../../core/errors.js";
import { withoutStall } from "../without-stall.js";

export interface PeerRequest {
  /** "host:port" of a peers' listener; an IPv6 address in brackets. */
  source: string;
  path: string;
  headers?: Record<string, string>;
  /** Milliseconds until the answer must have begun. */
  waitMs: number;
  agent: Agent;
  signal: AbortSignal;
}

/** Sends the request and gives the answer once its header is there; the caller reads it to the end or destroys it. */
export function requestPeer(asked: PeerRequest): Promise<IncomingMessage> {
  const { source, path, headers, waitMs, agent, signal } = asked;
  return new Promise((resolve, reject) => {
    const request = get(new URL(`http://${source}${path}`), { agent, headers, signal });
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${waitMs / 1000} s`)), waitMs);
    let answered = false;
    request.once("close", () => clearTimeout(timer));
    request.once("response", (response) => {
      answered = true;
      clearTimeout(timer);
      resolve(response);
    });
    request.on("error", (error: NodeJS.ErrnoException) => {
      // The response's reader is told of it.
      if (answered) return;
      // The peer closed a kept connection just as it was used again, which says nothing about the peer.
      if (request.reusedSocket && error.code === "ECONNRESET") resolve(requestPeer(asked));
      else reject(error);
    });
  });
}

/** The body in chunks, ending with an error when no byte comes for `stallMs`. The connection is freed in any case. */
export async function* bodyOf(response: IncomingMessage, stallMs: number): AsyncGenerator<Buffer> {
  try {
    yield* withoutStall(response, stallMs, () => new Error(`no bytes for ${stallMs / 1000} s`));
  } finally {
    // Only a body that was read to its end leaves a connection that can be used again.
    if (!response.readableEnded) response.destroy();
  }
}

/** Longest error answer that is read, in bytes. */
const ERROR_LIMIT = 16 * 1024;

/** The error that a peer answered as JSON `{code, message}`, or one that names the status. */
export async function peerError(response: IncomingMessage, stallMs: number): Promise<ReelmeshError> {
  let text = "";
  for await (const chunk of bodyOf(response, stallMs)) {
    text += chunk.toString();
    if (text.length > ERROR_LIMIT) break;
  }
  try {
    const { code, message } = JSON.parse(text) as { code?: unknown; message?: unknown };
    if (isErrorCode(code) && typeof message === "string") return new ReelmeshError(code, message);
  } catch {
    // Not one of ours; the status says what there is to say.
  }
  return new ReelmeshError("UNAVAILABLE", `HTTP status ${response.statusCode}`);
}

/** What another node's error may be to this one; the rest are that node's own affair. */
function isErrorCode(code: unknown): code is ErrorCode {
  return ["INVALID_INPUT", "NOT_FOUND", "CONFLICT", "UNAVAILABLE", "MEDIA"].includes(String(code));
}
