/**
 * Makes listeners: the viewers' and the peers' server are two calls of `listen`, the only place that
 * opens an HTTP port.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { finished } from "node:stream/promises";
import { ReelmeshError, toReelmeshError } from "../../core/errors.js";
import { answer, answerError } from "./answers.js";
import { shorten, splitPath } from "./paths.js";

/** One request and its answer. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The decoded parts of the path: ["assets", "film", "720p", "init.mp4"]. None of them leads out of a folder. */
  path: string[];
  /** Fires when the client goes away before it has the whole answer, and when the server is closed. */
  signal: AbortSignal;
}

/** What a listener offers. */
export interface Service {
  /** Answers a request. What it throws becomes the answer, or ends the connection if one has begun. */
  answer(exchange: Exchange): Promise<void>;
  /** How errors are told: as text to people, as JSON `{code, message}` to programs. */
  errors: "text" | "json";
  /** True: requests have bodies that may take any time to arrive. */
  uploads: boolean;
}

export interface ListenOptions {
  /** Address or name to bind, without brackets: "127.0.0.1", "::1". */
  host: string;
  /** 0 picks a free port. */
  port: number;
  /** Hears of failures that are this node's own fault. */
  report: (error: ReelmeshError, request: string) => void;
}

export interface Listener {
  /** "127.0.0.1:7480", "[::1]:7480". */
  address: string;
  port: number;
  /** Takes no more requests, gives those under way some seconds, then ends them. Safe to call again. */
  close(): Promise<void>;
}

/** Time for a request's header, for a whole request without uploads, and for an idle connection to be used again. */
const HEADERS_TIMEOUT_MS = 15_000;
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 10_000;
const MAX_CONNECTIONS = 4_096;
/** How long `close` waits for answers under way. */
const DRAIN_MS = 5_000;

/** Opens a port. ENVIRONMENT when it cannot be had. */
export async function listen(service: Service, options: ListenOptions): Promise<Listener> {
  const server = createServer({
    headersTimeout: HEADERS_TIMEOUT_MS,
    requestTimeout: service.uploads ? 0 : REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
  });
  server.maxConnections = MAX_CONNECTIONS;
  const running = new Set<Promise<void>>();
  server.on("request", (request, response) => {
    const answer = answerRequest(service, request, response, options.report).finally(() => running.delete(answer));
    running.add(answer);
  });
  await bind(server, options);
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    address: formatAddress(options.host, port),
    port,
    close: () => (closed ??= closeServer(server, running)),
  };
}

/** "host:port", with brackets around an IPv6 address (RFC 3986, section 3.2.2). */
export function formatAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

async function bind(server: Server, { host, port }: ListenOptions): Promise<void> {
  server.listen({ host, port });
  try {
    await once(server, "listening");
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === "EADDRINUSE" ? "the port is in use" : String(cause);
    const message = `cannot listen for HTTP on ${formatAddress(host, port)}: ${reason}; choose another address or port (0 picks a free one)`;
    throw new ReelmeshError("ENVIRONMENT", message, { cause });
  }
}

async function answerRequest(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
  report: ListenOptions["report"],
): Promise<void> {
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  // A broken connection also breaks the request's stream; nobody else may be listening to it.
  request.on("error", () => undefined);
  const { method, url = "" } = request;
  const path = splitPath(url);
  try {
    if (path !== undefined) await service.answer({ request, response, path, signal: gone.signal });
    else answer({ request, response }, { status: 400, body: `the path ${shorten(url)} is not a valid one\n` });
  } catch (thrown) {
    const error = toReelmeshError(thrown);
    if (isOwnFault(error) && !gone.signal.aborted) report(error, `${method} ${shorten(url)}`);
    answerError(response, error, service.errors);
  }
  await finished(response).catch(() => undefined);
}

function isOwnFault({ code }: ReelmeshError): boolean {
  return code === "INTERNAL" || code === "ENVIRONMENT" || code === "CORRUPT";
}

async function closeServer(server: Server, running: Set<Promise<void>>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  let timer: NodeJS.Timeout | undefined;
  const drained = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_MS)));
  await Promise.race([Promise.allSettled(running), drained]);
  clearTimeout(timer);
  server.closeAllConnections();
  await Promise.all([closed, Promise.allSettled(running)]);
}
