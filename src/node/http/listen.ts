/**
 * Makes listeners: the viewers' and the peers' server are two calls of `listen`, the only place that
 * opens an HTTP port.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ReelmeshError, toReelmeshError } from "../../core/errors.js";
import { listenProblem } from "../listen-problem.js";
import { type AccessLog, accessLine } from "./access-log.js";
import { answer, answerError } from "./answers.js";
import { shorten, splitPath } from "./paths.js";
import { inTurn } from "./pipelines.js";
import { Running } from "./running.js";
import { createSecureServer, type SecureServer, type TlsFiles } from "./tls.js";

/** One request and its answer. Over HTTP/2 both are what node:http2 gives in their place. */
export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  /** The decoded parts of the path: ["assets", "film", "720p", "init.mp4"]. None of them leads out of a folder. */
  path: string[];
  /** Fires when the client goes away before it has the whole answer, and when the server is closed. */
  readonly signal: AbortSignal;
  /** A client that takes no byte of a body for so long is cut off, in milliseconds; 0: the connection sees to it. */
  stallMs: number;
  /** Header fields of every answer to it: names and values in turn. */
  common?: string[];
  /** Bytes of the body that is being sent, once it is known. */
  bodyBytes?: number;
}

/** What a listener offers. */
export interface Service {
  /** Answers at once what needs no work; false when it has done nothing, and `answer` is to be asked. */
  answerAtOnce?(exchange: Exchange): boolean;
  /** Answers a request. What it throws becomes the answer, or ends the connection if one has begun. */
  answer(exchange: Exchange): Promise<void>;
  /** How errors are told: as text to people, as JSON `{code, message}` to programs. */
  errors: "text" | "json";
  /** True: requests have bodies that may take any time to arrive. */
  uploads: boolean;
}

/** How long a client may take, in milliseconds. */
export interface Patience {
  /** For a request's header, from the connection's or the last answer's end on. */
  headersMs: number;
  /** For a whole request, where requests have no bodies of any size. */
  requestMs: number;
  /** Until it uses its connection again. */
  keepAliveMs: number;
  /** Without taking a byte of an answer. */
  stallMs: number;
}

export interface ListenOptions {
  /** Address or name to bind, without brackets: "127.0.0.1", "::1". */
  host: string;
  /** 0 picks a free port. */
  port: number;
  /** Hears of failures that are this node's own fault. */
  report: (error: ReelmeshError, request: string) => void;
  patience?: Partial<Patience>;
  /** More are turned away at once. */
  connections?: number;
  /** HTTPS instead of HTTP. */
  tls?: TlsFiles;
  /** Hears what becomes of the certificate. */
  tell?: (event: string, details: Record<string, unknown>) => void;
  accessLog?: AccessLog;
}

export interface Listener {
  /** "127.0.0.1:7480", "[::1]:7480". */
  address: string;
  port: number;
  /** Takes no more requests, gives those under way some seconds, then ends them. Safe to call again. */
  close(): Promise<void>;
}

const PATIENCE: Patience = { headersMs: 15_000, requestMs: 30_000, keepAliveMs: 10_000, stallMs: 120_000 };
const MAX_CONNECTIONS = 4_096;
/** How long `close` waits for answers under way. */
const DRAIN_MS = 5_000;
/** A client that still sends when it has its answer is read from for so long, so that the answer reaches it. */
const LINGER_MS = 1_000;

/** Opens a port. ENVIRONMENT when it cannot be had, or the certificate not used. */
export async function listen(service: Service, options: ListenOptions): Promise<Listener> {
  const patience = { ...PATIENCE, ...options.patience };
  const { headersMs, requestMs, keepAliveMs } = patience;
  const settings = {
    headersTimeout: headersMs,
    requestTimeout: service.uploads ? 0 : Math.max(headersMs, requestMs),
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.min(headersMs, 5_000),
  };
  const running = new Running();
  const ended = () => running.end();
  const answering = { service, running, ended, stallMs: service.uploads ? patience.stallMs : 0, ...options };
  const onRequest: RequestListener = (request, response) => {
    const exchange = new OneExchange(request, response, answering.stallMs);
    if (answerAtOnce(answering, exchange)) return;
    const begin = () => void answerRequest(answering, exchange);
    if (request.httpVersionMajor > 1) begin();
    else inTurn(request.socket, response, begin);
  };
  const { tls, tell = () => undefined } = options;
  const secure = tls === undefined ? undefined : await createSecureServer(tls, settings, onRequest, tell);
  const server: Server = secure?.server ?? createServer(settings, onRequest);
  // Where answers may be long in coming, only their bodies are watched.
  if (!service.uploads) server.setTimeout(patience.stallMs);
  server.maxConnections = options.connections ?? MAX_CONNECTIONS;
  await bind(server, options).catch((error: unknown) => {
    secure?.drain();
    throw error;
  });
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    address: formatAddress(options.host, port),
    port,
    close: () => (closed ??= closeServer(server, secure, running)),
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
    const message = `cannot listen for HTTP on ${formatAddress(host, port)}: ${listenProblem(cause)}`;
    throw new ReelmeshError("ENVIRONMENT", message, { cause });
  }
}

interface Answering extends Pick<ListenOptions, "report" | "accessLog"> {
  service: Service;
  running: Running;
  /** One answer fewer is under way. */
  ended: () => void;
}

/** What is in memory has no turn to wait for, unless an answer before it still has the connection. */
function answerAtOnce({ service, running, accessLog, ended }: Answering, exchange: OneExchange): boolean {
  const { request, response } = exchange;
  const hasConnection = request.httpVersionMajor > 1 || response.socket !== null;
  if (service.answerAtOnce === undefined || !hasConnection || request.socket.destroyed || hasBody(request))
    return false;
  const address = accessLog === undefined ? "" : (request.socket.remoteAddress ?? "-");
  if (!service.answerAtOnce(exchange)) return false;
  running.begin();
  response.once("close", ended);
  if (accessLog !== undefined) response.once("close", () => accessLog.write(accessLine(exchange, address)));
  return true;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined;
}

async function answerRequest(answering: Answering, exchange: OneExchange): Promise<void> {
  const { service, running, report, accessLog } = answering;
  const { request, response } = exchange;
  const { method, url = "" } = request;
  const path = splitPath(url);
  exchange.path = path ?? [];
  const address = accessLog === undefined ? "" : (request.socket.remoteAddress ?? "-");
  running.begin(2);
  response.once("close", () => {
    exchange.end();
    accessLog?.write(accessLine(exchange, address));
    running.end();
  });
  try {
    if (path !== undefined) await service.answer(exchange);
    else answer(exchange, { status: 400, body: `the path ${shorten(url)} is not a valid one\n` });
  } catch (thrown) {
    const error = toReelmeshError(thrown);
    if (isOwnFault(error) && !response.destroyed) report(error, `${method} ${shorten(url)}`);
    answerError(exchange, error, service.errors);
  }
  if (!request.complete && !request.destroyed) linger(request, response);
  running.end();
}

class OneExchange implements Exchange {
  bodyBytes?: number;
  common?: string[];
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  path: string[] = [];
  readonly stallMs: number;
  #gone: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, stallMs: number) {
    this.request = request;
    this.response = response;
    this.stallMs = stallMs;
  }

  /** Made for those that wait for something: most answers are there at once. */
  get signal(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.response.destroyed) this.#gone.abort();
    return this.#gone.signal;
  }

  end(): void {
    this.#gone?.abort();
  }
}

/** Nobody wants the rest of what the client sends: it gets its answer, and a moment later the connection ends. */
function linger(request: IncomingMessage, response: ServerResponse): void {
  const wait = () => {
    const timer = setTimeout(() => request.destroy(), LINGER_MS);
    for (const event of ["end", "close"]) request.once(event, () => clearTimeout(timer));
  };
  request.resume();
  if (response.writableFinished) wait();
  else response.once("finish", wait);
}

function isOwnFault({ code }: ReelmeshError): boolean {
  return code === "INTERNAL" || code === "ENVIRONMENT" || code === "CORRUPT";
}

async function closeServer(server: Server, secure: SecureServer | undefined, running: Running): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeIdleConnections();
  secure?.drain();
  let timer: NodeJS.Timeout | undefined;
  const drained = new Promise<void>((resolve) => (timer = setTimeout(resolve, DRAIN_MS)));
  await Promise.race([running.idle(), drained]);
  clearTimeout(timer);
  server.closeAllConnections();
  secure?.end();
  await Promise.all([closed, running.idle()]);
}
