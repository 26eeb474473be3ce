/** One HTTP request of an upload to a node, and what its answer says. */
import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { ReelmeshError } from "../core/errors.js";
import { isErrorCode } from "../node/grpc/errors.js";

/** A connection on which nothing moves for this long is given up, in milliseconds: a node may be flushing to disk. */
const IDLE_MS = 120_000;

export interface Asked {
  method: "POST" | "HEAD" | "PATCH" | "DELETE";
  /** "host:port". */
  peer: string;
  path: string;
  headers: Record<string, string | number>;
  body?: AsyncIterable<Buffer>;
  signal: AbortSignal;
}

/**
 * Headers of the answer, when it is one of success. Else throws what the node says; UNAVAILABLE when it cannot be
 * reached or the connection breaks, the body's own ReelmeshError, ABORTED by the signal.
 */
export async function askNode({ method, peer, path, headers, body, signal }: Asked): Promise<IncomingHttpHeaders> {
  const request = httpRequest(`http://${peer}${path}`, {
    method,
    agent: false,
    signal,
    // A node that refuses in the middle must not close before its answer is read.
    headers: { "tus-resumable": "1.0.0", connection: "keep-alive", ...headers },
  });
  request.setTimeout(IDLE_MS, () => request.destroy(new Error(`nothing moved for ${IDLE_MS / 1000} s`)));
  try {
    const response = await exchange(request, body ?? nothing());
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return response.headers;
    throw readRefusal(status, await text(response), peer);
  } catch (error) {
    if (error instanceof ReelmeshError) throw error;
    if (signal.aborted) throw new ReelmeshError("ABORTED", "the upload was stopped");
    const { message, code } = error as NodeJS.ErrnoException;
    const problem = `cannot upload to ${peer}: ${code === "ECONNREFUSED" ? "connection refused" : message}`;
    const next = "is the node's peer port open to this machine?";
    throw new ReelmeshError("UNAVAILABLE", `${problem}; ${next}`, { cause: error });
  } finally {
    request.destroy();
  }
}

/** The answer; when there is none because the source failed, the source's failure. */
async function exchange(request: ClientRequest, source: AsyncIterable<Buffer>): Promise<IncomingMessage> {
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    request.on("response", resolve);
    request.on("error", reject);
  });
  // A node that refuses answers before it has read everything: then the answer counts, and not the broken pipe.
  const sending = pipeline(source, request).catch((failure: unknown) => failure);
  try {
    return await answer;
  } catch (error) {
    const failure = await sending;
    throw failure instanceof ReelmeshError ? failure : error;
  }
}

async function* nothing(): AsyncIterable<Buffer> {}

function readRefusal(status: number, body: string, peer: string): ReelmeshError {
  const { code, message } = parseObject(body);
  if (isErrorCode(code)) return new ReelmeshError(code, String(message));
  return new ReelmeshError("INTERNAL", `${peer} answered the upload with HTTP ${status}; is it a reelmesh node?`);
}

function parseObject(body: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}
