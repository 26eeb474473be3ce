/** Serves a file whose content never changes, a piece at a time: the next is read when the client has taken the last. */
import { closeSync, constants, fstatSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { ReelmeshError } from "../../core/errors.js";
import { opened, readInto } from "../file-calls.js";
import type { ByteRange } from "./byte-range.js";
import type { Exchange } from "./listen.js";
import { Pieces } from "./pieces.js";
import { begin, type Representation } from "./representation.js";

/** `bytes`: length that the file must have, another one is CORRUPT; it may be as long as it is when that is absent. */
export interface FileAnswer extends Omit<Representation, "bytes"> {
  /** Absolute path. */
  file: string;
  bytes?: number;
}

const pieces = new Pieces();

/**
 * Sends the file, or what the request's conditions ask for instead (206, 304, 412, 416). Returns when the client has
 * it, or has gone. NOT_FOUND and CORRUPT before anything was sent.
 */
export async function sendFile(exchange: Exchange, { file, ...answered }: FileAnswer): Promise<void> {
  const { descriptor, size } = await openStored(file, answered);
  try {
    // The client may have gone while the file was being found.
    if (exchange.response.destroyed) return;
    const range = begin(exchange, { ...answered, bytes: size });
    if (range !== undefined) await copy(descriptor, range, exchange.response);
  } finally {
    closeSync(descriptor);
  }
}

/** A whole file. NOT_FOUND, CORRUPT. */
export async function readStored(file: string, about: { name: string; bytes: number }): Promise<Buffer> {
  const { descriptor, size } = await openStored(file, about);
  try {
    const bytes = Buffer.allocUnsafe(size);
    for (let at = 0; at < size; ) {
      const length = await readInto(descriptor, bytes.subarray(at), size - at, at);
      if (length === 0)
        throw new ReelmeshError("CORRUPT", `the file of ${about.name} became shorter while it was read`);
      at += length;
    }
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

/** A link in the place of a file, or what never ends, is not what was stored: neither is followed nor waited for. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function openStored(
  file: string,
  { name, bytes }: { name: string; bytes?: number },
): Promise<{ descriptor: number; size: number }> {
  const descriptor = await opened(file, FLAGS).catch((cause: NodeJS.ErrnoException) => {
    const [code, what] =
      cause.code === "ELOOP" ? (["CORRUPT", "is a link"] as const) : (["NOT_FOUND", "is gone"] as const);
    throw new ReelmeshError(code, `the file of ${name} ${what} on this node; ask another node`, { cause });
  });
  try {
    const found = fstatSync(descriptor);
    if (found.isFile() && found.size === (bytes ?? found.size)) return { descriptor, size: found.size };
    const what = found.isFile() ? `has ${found.size} bytes instead of ${bytes}` : "is no file";
    throw new ReelmeshError("CORRUPT", `the file of ${name} ${what}; ask another node`);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
}

/** Bytes of a file to a client. Gives up, by ending the connection, when the file cannot be read: the length is promised. */
async function copy(descriptor: number, { first, last }: ByteRange, response: ServerResponse): Promise<void> {
  const client = new Client(response);
  const piece = pieces.take(last - first + 1);
  let clean = false;
  try {
    for (let at = first; at <= last; ) {
      const length = await readInto(descriptor, piece, Math.min(piece.length, last - at + 1), at);
      if (length === 0) throw new ReelmeshError("CORRUPT", "a file became shorter while it was sent");
      at += length;
      if (!(await client.takes(length === piece.length ? piece : piece.subarray(0, length)))) return;
    }
    clean = true;
    response.end();
  } finally {
    // What a connection that broke was given may still be on its way to the kernel.
    pieces.give(piece, clean);
  }
}

/** Whoever reads an answer. Of a connection that breaks, nobody else says that its last write will never end. */
class Client {
  readonly #response: ServerResponse;
  #settle: (taken: boolean) => void = () => {};

  constructor(response: ServerResponse) {
    this.#response = response;
    response.once("close", () => this.#settle(false));
  }

  /** Resolves when the bytes are with the kernel and their memory may be used again; false when the client has gone. */
  takes(bytes: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      if (this.#response.destroyed) resolve(false);
      else this.#response.write(bytes, (error) => resolve(error === null || error === undefined));
    });
  }
}
