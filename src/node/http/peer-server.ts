/**
 * What nodes and clients of the mesh ask of each other over HTTP: blobs, uploads of sources, and chunks cut from a
 * source that is here.
 */
import { ReelmeshError } from "../../core/errors.js";
import type { BlobStore } from "../../core/ports.js";
import { allows, answerJson } from "./answers.js";
import type { Exchange, Service } from "./listen.js";
import { isHash, isIdentifier, shorten } from "./paths.js";
import { sendFile } from "./send-file.js";
import { receiveUpload, type Uploads } from "./uploads.js";

export interface PeerPorts {
  store: Pick<BlobStore, "find" | "path">;
  /** Uploads of sources, and of subtitles that go with them. */
  uploads: Uploads;
  /** Hears of each answer to a peer that asked for a blob: the bytes of it that were sent. */
  onServed?(bytes: number): void;
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

const BYTES = "application/octet-stream";

export function peersService(ports: PeerPorts): Service {
  return { answer: async (exchange) => route(exchange, ports), errors: "json", uploads: true };
}

function route(exchange: Exchange, ports: PeerPorts): Promise<void> {
  const [first, second = "", third = "", ...rest] = exchange.path;
  if (rest.length === 0) {
    if (first === "blobs" && third === "") return sendBlob(exchange, ports, second);
    if (first === "uploads" && third === "") return receiveUpload(exchange, ports.uploads);
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
  if (isAnswered && request.method === "GET") onServed?.(exchange.bodyBytes ?? 0);
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
