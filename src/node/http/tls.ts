/**
 * TLS for a listener: HTTP/2 for clients that ask for it by ALPN (RFC 7301), HTTP/1.1 for the others. The certificate is
 * read again when its files change, as they do when it is renewed.
 */
import { readFile, stat } from "node:fs/promises";
import type { RequestListener, ServerOptions } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import { createServer as createHttpsServer, type Server } from "node:https";
import type { Socket } from "node:net";
import { createSecureContext, type TLSSocket } from "node:tls";
import { ReelmeshError } from "../../core/errors.js";
import { fileProblem } from "../file-problems.js";

/** Absolute paths of PEM files: the certificate with those that lead to its authority, and its key. */
export interface TlsFiles {
  cert: string;
  key: string;
}

const HANDSHAKE_MS = 10_000;
/** A session on which nothing happens is closed after this long. */
const SESSION_IDLE_MS = 60_000;
/** Streams of a session at once (RFC 9113, section 5.1.2), and what else a client may make the session keep. */
const SETTINGS = { maxConcurrentStreams: 64, maxHeaderListSize: 16 * 1024 };
const SESSION_MEMORY_MIB = 8;
/** How often the files are looked at. */
const LOOK_MS = 1_000;

type Report = (event: string, details: Record<string, unknown>) => void;

export interface SecureServer {
  server: Server;
  /** Lets sessions end what they have begun; what has not ended is cut off by `end`. */
  drain(): void;
  end(): void;
}

/** ENVIRONMENT when the files cannot be read or do not fit each other. */
export async function createSecureServer(
  files: TlsFiles,
  options: ServerOptions,
  onRequest: RequestListener,
  report: Report,
): Promise<SecureServer> {
  // Before they are read: what is renewed meanwhile is read again.
  const stamp = await stampOf(files).catch(() => "");
  const pair = await readPair(files);
  const http2 = createHttp2Server({ settings: SETTINGS, maxSessionMemory: SESSION_MEMORY_MIB });
  // The compatibility API: what answers HTTP/1.1 answers this as well.
  http2.on("request", (request, response) => {
    // A stream that is reset tells its request too, and nobody else may be listening.
    request.on("error", () => undefined);
    (onRequest as unknown as (...both: unknown[]) => void)(request, response);
  });
  http2.setTimeout(SESSION_IDLE_MS);
  const sessions = new Set<ServerHttp2Session>();
  http2.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
  });
  const secure = { ...options, ...pair, ALPNProtocols: ["h2", "http/1.1"], handshakeTimeout: HANDSHAKE_MS };
  const server = createHttpsServer(secure, onRequest);
  // Node's own listener for HTTP/1.1 gets only those connections.
  const http1 = server.listeners("secureConnection") as ((socket: TLSSocket) => void)[];
  server.removeAllListeners("secureConnection");
  server.on("secureConnection", (socket: TLSSocket) => {
    if (socket.alpnProtocol === "h2") http2.emit("connection", socket);
    else for (const listener of http1) listener.call(server, socket);
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const stopWatching = watch(files, stamp, server, report);
  return {
    server,
    drain() {
      stopWatching();
      for (const session of sessions) session.close();
    },
    end() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function readPair({ cert, key }: TlsFiles): Promise<{ cert: Buffer; key: Buffer }> {
  const pair = { cert: await readPem("--tls-cert", cert), key: await readPem("--tls-key", key) };
  try {
    createSecureContext(pair);
    return pair;
  } catch (cause) {
    const message = `--tls-cert ${cert} and --tls-key ${key} cannot be used: ${pairProblem(cause)}; give PEM files that belong together`;
    throw new ReelmeshError("ENVIRONMENT", message, { cause });
  }
}

async function readPem(flag: string, file: string): Promise<Buffer> {
  return readFile(file).catch((cause: unknown) => {
    const message = `${flag} ${file} cannot be read: ${fileProblem(cause)}; give a PEM file that this user may read`;
    throw new ReelmeshError("ENVIRONMENT", message, { cause });
  });
}

/** OpenSSL's own words say which, to those who know them: "error:05800074:x509 certificate routines::key values mismatch". */
function pairProblem(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === "ERR_OSSL_X509_KEY_VALUES_MISMATCH") return "the key is another certificate's";
  if (code === "ERR_OSSL_PEM_NO_START_LINE") return "one of them is not in PEM form";
  return `OpenSSL says "${message}"`;
}

/** Looks now and then: files that are links, as certbot's are, tell no watcher. Connections that are open keep theirs. */
function watch(files: TlsFiles, stamp: string, server: Server, report: Report): () => void {
  let known = stamp;
  let looking = false;
  const look = async () => {
    const seen = await stampOf(files);
    if (seen === known) return;
    known = seen;
    server.setSecureContext(await readPair(files));
    report("the certificate was read again", { cert: files.cert });
  };
  const lookOnce = () => {
    if (looking) return;
    looking = true;
    look()
      .catch((error: unknown) => report("the new certificate cannot be used: the old one stays", { error }))
      .finally(() => {
        looking = false;
      });
  };
  const timer = setInterval(lookOnce, LOOK_MS);
  return () => clearInterval(timer);
}

async function stampOf({ cert, key }: TlsFiles): Promise<string> {
  const rows = await Promise.all([stat(cert), stat(key)]);
  return rows.map(({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`).join();
}
