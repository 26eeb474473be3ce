/** One pull of one blob: its bytes in order, from source after source. */
import type { Agent, IncomingMessage } from "node:http";
import { ReelmeshError } from "../../core/errors.js";
import type { BlobReference } from "../../core/work.js";
import { bodyOf, peerError, requestPeer } from "./peer-request.js";
import { Semaphore } from "./semaphore.js";

/** Pulls at once from one source. */
const PER_SOURCE = 2;

export interface Connections {
  agent: Agent;
  /** Milliseconds without a byte after which a source is given up. */
  stallMs: number;
  /** One a source, so that many pulls do not crowd on one node. */
  slots: Map<string, Semaphore>;
}

export class BlobPull {
  readonly #blob: BlobReference;
  readonly #connections: Connections;
  readonly #signal: AbortSignal;
  /** Sources that gave bytes since the last start. */
  readonly contributors = new Set<string>();
  /** Why each source failed, the last time that it did. */
  readonly failures = new Map<string, string>();

  constructor(blob: BlobReference, connections: Connections, signal: AbortSignal) {
    this.#blob = blob;
    this.#connections = connections;
    this.#signal = signal;
  }

  /**
   * The blob's bytes from the start. When a source fails in the middle, the next one goes on at that byte; one that
   * gave something is asked again after the others. UNAVAILABLE when no source is left.
   */
  async *from(sources: string[]): AsyncGenerator<Uint8Array> {
    this.contributors.clear();
    const left = [...sources];
    let offset = 0;
    for (let source = this.#next(left); source !== undefined; source = this.#next(left)) {
      const start = offset;
      try {
        for await (const chunk of this.#fetch(source, offset)) {
          this.contributors.add(source);
          offset += chunk.byteLength;
          yield chunk;
        }
        if (offset === this.#blob.bytes) return;
        throw new Error(`the answer ended ${this.#blob.bytes - offset} bytes early`);
      } catch (thrown) {
        this.#signal.throwIfAborted();
        this.failures.set(source, thrown instanceof Error ? thrown.message : String(thrown));
        if (offset === this.#blob.bytes && offset > 0) return;
        if (offset > start) left.push(source);
      }
    }
    throw this.unavailable();
  }

  unavailable(): ReelmeshError {
    const reasons = [...this.failures].map(([source, reason]) => `${source}: ${reason}`).join("; ");
    const { sha256, bytes } = this.#blob;
    const message = `no source gave blob ${sha256} (${bytes} bytes): ${reasons || "none is known"}; check that these nodes run and hold it`;
    return new ReelmeshError("UNAVAILABLE", message);
  }

  /** The first source that is not busy, else the first. */
  #next(left: string[]): string | undefined {
    const free = left.findIndex((source) => (this.#connections.slots.get(source)?.free ?? PER_SOURCE) > 0);
    return left.splice(Math.max(free, 0), 1)[0];
  }

  async *#fetch(source: string, offset: number): AsyncGenerator<Uint8Array> {
    const { agent, slots, stallMs } = this.#connections;
    const slot = slots.get(source) ?? new Semaphore(PER_SOURCE);
    slots.set(source, slot);
    await slot.acquire(this.#signal);
    try {
      const path = `/blobs/${this.#blob.sha256}`;
      const headers = offset > 0 ? { Range: `bytes=${offset}-`, "If-Range": `"${this.#blob.sha256}"` } : {};
      const response = await requestPeer({ source, path, headers, waitMs: stallMs, agent, signal: this.#signal });
      let skip = await this.#skip(response, offset);
      for await (const chunk of bodyOf(response, stallMs)) {
        if (chunk.length > skip) yield chunk.subarray(skip);
        skip = Math.max(0, skip - chunk.length);
      }
    } finally {
      slot.release();
      if (slot.free === PER_SOURCE) slots.delete(source);
    }
  }

  /** Checks an answer's header; returns how many of its first bytes are there already. */
  async #skip(response: IncomingMessage, offset: number): Promise<number> {
    const { stallMs } = this.#connections;
    const { statusCode, headers } = response;
    if (statusCode !== 200 && statusCode !== 206) throw await peerError(response, stallMs);
    const from = statusCode === 206 ? Number(/^bytes (\d+)-/.exec(headers["content-range"] ?? "")?.[1]) : 0;
    const total = from + Number(headers["content-length"]);
    if ((from === 0 || from === offset) && total === this.#blob.bytes) return offset - from;
    response.destroy();
    const range = headers["content-range"] ?? `${headers["content-length"]} bytes`;
    throw new Error(`it answered with ${range} and not with ${this.#blob.bytes} bytes from ${offset}`);
  }
}
