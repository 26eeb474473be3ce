/**
 * What nodes and clients of the mesh ask of each other over HTTP: blobs, uploads of sources, and chunks cut from a
 * source that is here.
 */
import { ReelmeshError } from "../../core/errors.js";
import type { BlobStore } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import { allows, answerJson } from "./answers.js";
import type { Exchange, Service } from "./listen.js";
import { isHash, isIdentifier, shorten } from "./paths.js";
import { sendFile } from "./send-file.js";
import { withoutStall } from "./stall.js";

export interface PeerPorts {
  store: Pick<BlobStore, "find" | "path">;
  /** Hears of each answer to a peer that asked for a blob: the bytes of it that were sent. */
  onServed?(bytes: number): void;
  /** Takes a job's source, or subtitles that go with it. The body throws when the client goes away or stops sending. */
  upload(
    job: string,
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal,
    kind: "source" | "subtitles",
  ): Promise<BlobReference>;
  /** Cuts the chunk file of a task from the source. Whoever asked calls `dispose` when the file is not needed. */
  cut(
    plan: string,
    task: string,
    signal: AbortSignal,
    linear: boolean,
  ): Promise<{ file: string; dispose(): Promise<void> }>;
  /** SHA-256 of the init segments that this node makes for a plan, by rendition. */
  inits(plan: string, signal: AbortSignal): Promise<Record<string, string>>;
}

/** A client that sends no byte of its upload for so long has gone away, in milliseconds. */
const UPLOAD_STALL_MS = 60_000;
const BYTES = "application/octet-stream";

export function peersService(ports: PeerPorts): Service {
  return { answer: async (exchange) => route(exchange, ports), errors: "json", uploads: true };
}

function route(exchange: Exchange, ports: PeerPorts): Promise<void> {
  const [first, second = "", third = "", ...rest] = exchange.path;
  if (rest.length === 0) {
    if (first === "blobs" && third === "") return sendBlob(exchange, ports, second);
    if (first === "uploads" && third === "") return receive(exchange, ports, second, "source");
    if (first === "uploads" && third === "subtitles") return receive(exchange, ports, second, "subtitles");
    if (first === "inits" && third === "") return sendInits(exchange, ports, second);
    if (first === "cuts") return sendCut(exchange, ports, second, third, false);
    // the source is decoded from its start up to the chunk's end, which may take long
    if (first === "linear-cuts") return sendCut(exchange, ports, second, third, true);
  }
  throw new ReelmeshError("NOT_FOUND", `there is nothing at ${shorten(`/${exchange.path.join("/")}`)}`);
}

async function sendBlob(exchange: Exchange, { store, onServed }: PeerPorts, sha256: string): Promise<void> {
  if (!allows(exchange, ["GET", "HEAD"])) return;
  if (!isHash(sha256)) throw new ReelmeshError("NOT_FOUND", `${shorten(sha256)} is not the SHA-256 of a blob`);
  const held = await store.find(sha256);
  if (held === undefined) throw new ReelmeshError("NOT_FOUND", `blob ${sha256} is not held on this node`);
  await sendFile(exchange, {
    // Whoever pulls it compares it with its name.
    file: await store.path(sha256, { unchecked: true }),
    name: `blob ${sha256}`,
    bytes: held.bytes,
    etag: sha256,
    type: BYTES,
    cacheControl: "public, max-age=31536000, immutable",
  });
  const { request, response } = exchange;
  const isAnswered = response.statusCode === 200 || response.statusCode === 206;
  if (isAnswered && request.method === "GET") onServed?.(Number(response.getHeader("Content-Length")));
}

async function receive(exchange: Exchange, ports: PeerPorts, job: string, kind: "source" | "subtitles"): Promise<void> {
  if (!allows(exchange, ["PUT"])) return;
  if (!isIdentifier(job)) throw new ReelmeshError("INVALID_INPUT", `${shorten(job)} is not the id of a job`);
  const reference = await ports.upload(job, uploadedBytes(exchange), exchange.signal, kind);
  answerJson(exchange, reference, 201);
}

/** The body of an upload. INVALID_INPUT when it ends before its Content-Length, UNAVAILABLE when it stops coming. */
async function* uploadedBytes({ request }: Exchange): AsyncGenerator<Uint8Array> {
  const announced = request.headers["content-length"];
  let received = 0;
  const stalled = (): Error =>
    new ReelmeshError("UNAVAILABLE", `the upload gave no bytes for ${UPLOAD_STALL_MS / 1000} s; send it again`);
  try {
    for await (const chunk of withoutStall(request, UPLOAD_STALL_MS, stalled)) {
      received += chunk.length;
      yield chunk;
    }
  } catch (cause) {
    if (cause instanceof ReelmeshError) throw cause;
    const message = `the upload ended after ${received} of ${announced ?? "an unknown number of"} bytes; send it again`;
    throw new ReelmeshError("INVALID_INPUT", message, { cause });
  }
}

async function sendInits(exchange: Exchange, ports: PeerPorts, plan: string): Promise<void> {
  if (!allows(exchange, ["GET"])) return;
  if (!isHash(plan)) throw new ReelmeshError("NOT_FOUND", `${shorten(plan)} is not the SHA-256 of a plan`);
  answerJson(exchange, await ports.inits(plan, exchange.signal), 200);
}

async function sendCut(
  exchange: Exchange,
  ports: PeerPorts,
  plan: string,
  task: string,
  linear: boolean,
): Promise<void> {
  if (!allows(exchange, ["GET"])) return;
  if (!isHash(plan)) throw new ReelmeshError("NOT_FOUND", `${shorten(plan)} is not the SHA-256 of a plan`);
  if (!isIdentifier(task)) throw new ReelmeshError("NOT_FOUND", `${shorten(task)} is not the name of a task`);
  const cut = await ports.cut(plan, task, exchange.signal, linear);
  try {
    const name = `the cut of ${task} of plan ${plan}`;
    await sendFile(exchange, { file: cut.file, name, type: BYTES, cacheControl: "no-store" });
  } finally {
    await cut.dispose();
  }
}
