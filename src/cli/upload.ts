/** Sends files to a node so that a broken connection costs nothing: the tus protocol 1.0, as its client. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import type { IncomingHttpHeaders } from "node:http";
import { basename } from "node:path";
import { ReelmeshError } from "../core/errors.js";
import type { BlobReference } from "../core/work.js";
import { askNode } from "./exchange.js";
import { createPatience } from "./patience.js";

/** An upload that has begun is tried to go on with for so long without a byte getting through, in milliseconds. */
const PATIENCE_MS = 600_000;

export interface Upload {
  file: string;
  /** Length of the file in bytes. */
  bytes: number;
  /** "host:port" of the node's peer listener. */
  peer: string;
  /** Job that it is for. */
  job: string;
  /** What it is; the job's source unless said otherwise. */
  kind?: "subtitles";
  /** The same may have been begun before, by another run of this program: goes on where that stopped. */
  again?: boolean;
}

/**
 * Sends a file to a node, and returns what the node stored. Once it has begun, it goes on where it stopped when the
 * connection breaks or the node is started again. Throws what the node answers; UNAVAILABLE when it cannot be reached,
 * INVALID_INPUT when the file becomes shorter meanwhile, CORRUPT when other bytes arrived, ABORTED by the signal.
 */
export async function upload(
  what: Upload,
  signal: AbortSignal,
  onSent: (bytes: number) => void,
): Promise<BlobReference> {
  const { bytes, peer } = what;
  const ask = { peer, signal };
  const { location = "" } = await askNode({ ...ask, method: "POST", path: "/uploads", headers: describe(what) });
  const path = new URL(location, `http://${peer}`).pathname;
  const sent = new SentBytes(what.file, bytes, onSent);
  const patience = createPatience(PATIENCE_MS);
  let offset = what.again ? Number((await askNode({ ...ask, method: "HEAD", path, headers: {} }))["upload-offset"]) : 0;
  await sent.skip(offset);
  for (;;) {
    try {
      const headers = { "content-type": "application/offset+octet-stream", "content-length": bytes - offset };
      const body = sent.from(offset);
      const patch = { ...ask, method: "PATCH" as const, path, headers: { ...headers, "upload-offset": offset }, body };
      return sent.check(await askNode(patch), peer);
    } catch (failure) {
      await patience.afterFailure(failure, signal);
    }
    const held = await askNode({ ...ask, method: "HEAD", path, headers: {} }).catch((failure: unknown) => {
      if (isPassing(failure)) return undefined;
      throw failure;
    });
    if (held === undefined) continue;
    const reached = Number(held["upload-offset"]);
    if (reached > offset) patience.succeeded();
    if (reached === bytes && held["repr-digest"] !== undefined) return sent.check(held, peer);
    offset = reached;
  }
}

/** RFC 4648 base64 for each value, as Upload-Metadata wants it. */
function describe({ file, bytes, job, kind }: Upload): Record<string, string | number> {
  const words = Object.entries({ job, kind: kind ?? "source", filename: basename(file) });
  const metadata = words.map(([key, value]) => `${key} ${Buffer.from(value).toString("base64")}`).join(",");
  return { "upload-length": bytes, "upload-metadata": metadata, "content-length": 0 };
}

function isPassing(failure: unknown): boolean {
  return failure instanceof ReelmeshError && failure.code === "UNAVAILABLE";
}

/** A file's bytes on their way, hashed when they go for the first time. */
class SentBytes {
  readonly #file: string;
  readonly #bytes: number;
  readonly #onSent: (bytes: number) => void;
  readonly #hash = createHash("sha256");
  #hashed = 0;

  constructor(file: string, bytes: number, onSent: (bytes: number) => void) {
    this.#file = file;
    this.#bytes = bytes;
    this.#onSent = onSent;
  }

  /** What another run of this program sent already is part of the hash. */
  async skip(offset: number): Promise<void> {
    if (offset === 0) return;
    for await (const chunk of createReadStream(this.#file, { end: offset - 1 })) this.#hash.update(chunk);
    this.#hashed = offset;
    this.#onSent(offset);
  }

  /** As many as were promised, also when the file grows meanwhile. */
  async *from(offset: number): AsyncIterable<Buffer> {
    // Everything is there, and the node was stopped before it could say so.
    if (offset === this.#bytes) return;
    let sent = offset;
    try {
      for await (const chunk of createReadStream(this.#file, { start: offset, end: this.#bytes - 1 })) {
        const news = chunk.subarray(Math.max(0, this.#hashed - sent));
        this.#hash.update(news);
        this.#hashed += news.byteLength;
        sent += chunk.byteLength;
        this.#onSent(sent);
        yield chunk;
      }
    } catch (cause) {
      const message = `cannot read ${this.#file}: ${(cause as Error).message}`;
      throw new ReelmeshError("ENVIRONMENT", message, { cause });
    }
    if (sent === this.#bytes) return;
    throw new ReelmeshError("INVALID_INPUT", `${this.#file} became shorter while it was uploaded; submit it again`);
  }

  /** What the node says that it has is what was sent. */
  check(headers: IncomingHttpHeaders, peer: string): BlobReference {
    const [, stored = ""] = /sha-256=:([A-Za-z0-9+/=]+):/.exec(String(headers["repr-digest"])) ?? [];
    const digest = this.#hash.digest();
    if (stored === digest.toString("base64")) return { sha256: digest.toString("hex"), bytes: this.#bytes };
    throw new ReelmeshError("CORRUPT", `${peer} stored other bytes than those of ${this.#file}; submit it again`);
  }
}
