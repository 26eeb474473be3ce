/**
 * A file that grows as its bytes arrive, over broken connections and restarts, with the hash of what is in it.
 *
 * The hash is taken as bytes are written. After a restart it begins again at the file's start and catches up beside the
 * writing, since a hash cannot be kept on the disk. What survives a power cut is known by `synced`: the length that was
 * forced to the disk, to which a file that is opened again is cut.
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rm, truncate } from "node:fs/promises";
import type { BlobReference } from "../../core/work.js";
import { onDisk } from "./on-disk.js";

/** Bytes after which what was written is forced to the disk. */
const SYNC_BYTES = 64 * 1024 * 1024;
const READ_BYTES = 1 << 20;

export class Landing {
  readonly file: string;
  /** Bytes that are in the file. */
  length: number;
  readonly #onSynced: (length: number) => Promise<void>;
  #hash: Hash = createHash("sha256");
  #hashed = 0;
  #catchingUp: Promise<void> | undefined;

  /** `onSynced` hears what is safe on the disk from now on, and keeps it in mind. */
  private constructor(file: string, length: number, onSynced: (length: number) => Promise<void>) {
    this.file = file;
    this.length = length;
    this.#onSynced = onSynced;
  }

  /** Takes up a file of which `synced` bytes are safe; 0 makes a new one. ENVIRONMENT. */
  static async open(file: string, synced: number, onSynced: (length: number) => Promise<void>): Promise<Landing> {
    return onDisk(file, async () => {
      const handle = await open(file, "a", 0o600);
      try {
        const length = Math.min(synced, (await handle.stat()).size);
        await handle.truncate(length);
        return new Landing(file, length, onSynced);
      } finally {
        await handle.close();
      }
    });
  }

  /**
   * Writes what comes behind what is there, and has `check` look at what is there then. What has come is kept, whatever
   * the stream or the check throws. ENVIRONMENT when it cannot be written.
   */
  async append(bytes: AsyncIterable<Uint8Array>, check: () => Promise<void>): Promise<void> {
    const handle = await onDisk(this.file, () => open(this.file, "r+"));
    let unsynced = 0;
    const sync = async () => {
      unsynced = 0;
      await onDisk(this.file, () => handle.datasync());
      await this.#onSynced(this.length);
    };
    try {
      for await (const chunk of bytes) {
        await onDisk(this.file, () => writeAll(handle, chunk, this.length));
        this.#tookIn(chunk);
        unsynced += chunk.byteLength;
        await check();
        if (unsynced >= SYNC_BYTES) await sync();
      }
    } finally {
      try {
        if (unsynced > 0) await sync();
      } finally {
        await handle.close();
      }
    }
  }

  /** Begins anew: what was there is not what is wanted. */
  async clear(): Promise<void> {
    await this.#catchingUp;
    await truncate(this.file, 0);
    this.length = 0;
    this.#hashed = 0;
    this.#hash = createHash("sha256");
    await this.#onSynced(0);
  }

  /** Name and length of what is in the file. Nothing may be written any more. */
  async reference(): Promise<BlobReference> {
    while (this.#hashed < this.length) await this.#catchUp();
    // A write that failed may have left more behind.
    await truncate(this.file, this.length);
    return { sha256: this.#hash.copy().digest("hex"), bytes: this.length };
  }

  async remove(): Promise<void> {
    await rm(this.file, { force: true });
  }

  #tookIn(chunk: Uint8Array): void {
    if (this.#hashed === this.length) {
      this.#hash.update(chunk);
      this.#hashed += chunk.byteLength;
    } else {
      // A failure shows when the hash is asked for.
      this.#catchUp().catch(() => undefined);
    }
    this.length += chunk.byteLength;
  }

  /** Reads what is in the file and not in the hash yet. */
  #catchUp(): Promise<void> {
    this.#catchingUp ??= this.#readOn().finally(() => {
      this.#catchingUp = undefined;
    });
    return this.#catchingUp;
  }

  async #readOn(): Promise<void> {
    // To where the file ends at this moment: what comes meanwhile is for the next round.
    const end = this.length;
    if (this.#hashed >= end) return;
    const options = { start: this.#hashed, end: end - 1, highWaterMark: READ_BYTES };
    for await (const chunk of createReadStream(this.file, options)) {
      this.#hash.update(chunk as Buffer);
      this.#hashed += (chunk as Buffer).length;
    }
  }
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, chunk: Uint8Array, position: number): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength; ) {
    offset += (await handle.write(chunk, offset, chunk.byteLength - offset, position + offset)).bytesWritten;
  }
}
