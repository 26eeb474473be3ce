/** Hands a request of node:http to something that speaks in Request and Response, and its answer back. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough, Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";

/** A client that is refused in the middle of its body may send on for so long before it is cut off, in milliseconds. */
const LINGER_MS = 5_000;

/**
 * Answers with what `handler` returns and these headers. A refusal reaches a client that is still sending: what it sends
 * is read and thrown away for a while, since a connection that is closed over unread bytes may take the answer with it.
 */
export async function bridge(
  request: IncomingMessage,
  response: ServerResponse,
  handler: (request: Request) => Promise<Response>,
  added: Record<string, string> = {},
): Promise<void> {
  const body = new PassThrough();
  const gone = () => {
    if (!request.complete) body.destroy(new Error("the client has gone"));
  };
  request.once("close", gone);
  try {
    const answer = await handler(toRequest(request, request.pipe(body)));
    for (const [name, value] of [...answer.headers, ...Object.entries(added)]) {
      // Whether the connection stays is for the listener to say.
      if (name !== "connection") response.setHeader(name, value);
    }
    response.statusCode = answer.status;
    response.end(Buffer.from(await answer.arrayBuffer()));
  } finally {
    request.off("close", gone);
    request.unpipe(body);
    body.destroy();
    if (!request.complete && !request.destroyed) linger(request);
  }
}

function toRequest(request: IncomingMessage, body: PassThrough): Request {
  const { method = "GET", url = "/" } = request;
  // Only the path is looked at.
  const address = new URL(url, "http://node");
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headersDistinct)) {
    for (const one of value ?? []) headers.append(name, one);
  }
  if (method === "GET" || method === "HEAD") return new Request(address, { method, headers });
  const stream: ReadableStream = Readable.toWeb(body);
  return new Request(address, { method, headers, body: stream, duplex: "half" } as RequestInit);
}

function linger(request: IncomingMessage): void {
  request.on("error", () => undefined);
  const timer = setTimeout(() => request.destroy(), LINGER_MS);
  // Once it is answered, a request hears no more of its connection.
  request.socket.once("close", () => clearTimeout(timer));
  request.once("end", () => clearTimeout(timer));
  if (request.socket.destroyed) clearTimeout(timer);
  request.resume();
}
