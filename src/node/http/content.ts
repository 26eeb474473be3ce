/**
 * What is sent of stored files: small ones from memory, texts in the coding that the client likes, large ones from memory
 * while many ask for them and else from the disk a piece at a time, or by a front server that reads the same disk.
 */
import { createHash } from "node:crypto";
import { ReelmeshError } from "../../core/errors.js";
import { isKnown } from "./byte-range.js";
import { type Coding, chooseCoding, encode, isCompressible } from "./codings.js";
import type { HandOver } from "./hand-over.js";
import type { HotFiles } from "./hot-files.js";
import type { Exchange } from "./listen.js";
import type { MemoryCache } from "./memory-cache.js";
import type { Ready } from "./prepared.js";
import { begin, sendBytes, wholeHeader } from "./representation.js";
import { type Arriving, sendArriving } from "./send-arriving.js";
import { readStored, sendFile } from "./send-file.js";

/** A file named by its hash. */
export interface StoredFile {
  sha256: string;
  bytes: number;
  type: string;
  cacheControl: string;
  /** What the client calls it, for messages. */
  name: string;
  /** Absolute path on this node, pulled from a peer first when it is not here. */
  path(): Promise<string>;
  /** What can be sent of it before all of it is here; undefined when it is. */
  arriving?(): Promise<Arriving | undefined> | undefined;
  /** Hears of an answer that the same request may get again. */
  ready?(answered: Ready): void;
}

/** Larger ones are in memory only while many ask for them. */
const SMALL_BYTES = 512 * 1024;

export class Content {
  readonly #cache: MemoryCache;
  readonly #hot: HotFiles;
  readonly #handOver: HandOver | undefined;

  constructor(cache: MemoryCache, hot: HotFiles, handOver?: HandOver) {
    this.#cache = cache;
    this.#hot = hot;
    this.#handOver = handOver;
  }

  /** NOT_FOUND, CORRUPT; what `path` throws. */
  async send(exchange: Exchange, stored: StoredFile): Promise<void> {
    const { sha256, bytes, type, cacheControl, name } = stored;
    const answered = { name, bytes, etag: sha256, type, cacheControl };
    const isSmall = bytes <= SMALL_BYTES;
    const isAtHand = isSmall && (isCompressible(stored) || this.#cache.find(sha256) !== undefined);
    if (!isAtHand && isKnown(exchange.request.headers, sha256)) {
      begin(exchange, answered);
      return;
    }
    const hot = isSmall ? undefined : this.#hot.take(sha256, exchange.response);
    if (hot !== undefined) return sendBytes(exchange, answered, hot);
    if (!isAtHand && (await sendArriving(exchange, answered, () => stored.arriving?.()))) return;
    if (isSmall) {
      const read = () => this.#cache.load(sha256, () => readChecked(stored));
      return this.#sendSmall(exchange, { ...stored, key: sha256, read });
    }
    if (this.#handOver !== undefined) return this.#handOver.send(exchange, { ...stored, file: await stored.path() });
    const admitted = await this.#hot.admit(stored, exchange.response, () => readChecked(stored));
    if (admitted !== undefined)
      return exchange.response.destroyed ? undefined : sendBytes(exchange, answered, admitted);
    return sendFile(exchange, { ...answered, file: await stored.path() });
  }

  /** A text that is in no file, such as a playlist that grows. */
  sendText(exchange: Exchange, text: TextAnswer): Promise<void> {
    const body = Buffer.from(text.body);
    const key = text.key ?? hashOf(body);
    return this.#sendSmall(exchange, { ...text, key, bytes: body.length, read: async () => body });
  }

  async #sendSmall(exchange: Exchange, small: Small): Promise<void> {
    const { request, response } = exchange;
    const { key, type, cacheControl, name } = small;
    const varies = isCompressible(small);
    const coding = varies ? codingFor(exchange) : undefined;
    const etag = coding === undefined ? key : `${key}-${coding}`;
    const about = { name, etag, type, cacheControl, varies };
    if (isKnown(request.headers, etag)) {
      begin(exchange, { ...about, bytes: small.bytes });
      return;
    }
    const held = this.#cache.find(etag);
    const body = held ?? (await (coding === undefined ? small.read() : this.#coded(small, coding)));
    if (response.destroyed) return;
    const whole = { ...about, bytes: body.length, ...(coding !== undefined && { coding }) };
    sendBytes(exchange, whole, body);
    small.ready?.({ header: wholeHeader(exchange, whole), body });
  }

  #coded({ key, read }: Small, coding: Coding): Promise<Buffer> {
    return this.#cache.load(`${key}-${coding}`, async () => encode(coding, await read()));
  }
}

/** A range is one of the plain text: nobody asks for parts of a compressed one. */
function codingFor({ request }: Exchange): Coding | undefined {
  return request.headers.range === undefined ? chooseCoding(request.headers["accept-encoding"]) : undefined;
}

interface TextAnswer {
  /** Names the body: another body has another. Its hash when absent. */
  key?: string;
  body: string;
  type: string;
  cacheControl: string;
  name: string;
}

interface Small extends Pick<StoredFile, "bytes" | "type" | "cacheControl" | "name" | "ready"> {
  key: string;
  read(): Promise<Buffer>;
}

/** What is kept in memory is what the name says. */
async function readChecked({ sha256, name, bytes, path }: StoredFile): Promise<Buffer> {
  const read = await readStored(await path(), { name, bytes });
  if (hashOf(read) === sha256) return read;
  throw new ReelmeshError("CORRUPT", `the file of ${name} is not what its name ${sha256} says; ask another node`);
}

function hashOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
