/**
 * The blob store: files and their index kept in step. Bytes are received side by side; everything that changes which
 * blobs exist or who owns them runs one at a time.
 *
 * A blob comes into being as: file under its name, then index entry. It goes the other way round. A crash between
 * leaves a file without an entry, which the next start removes.
 */
import { createHash } from "node:crypto";
import { ReelmeshError } from "../../core/errors.js";
import type { BlobStore } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import { abortable, stopped } from "./abortable.js";
import type { BlobFiles, ReceivedFile } from "./blob-files.js";
import type { BlobIndex } from "./blob-index.js";
import type { Durability } from "./database.js";
import { errorCode, storeError } from "./errors.js";
import { Mutex } from "./mutex.js";

/** What `read` may load into memory. */
const READ_LIMIT = 64 * 1024 * 1024;
/** Blobs that one step of a release removes while others wait. */
const RELEASE_STEP = 200;
/** Printable, so that owner and hash can share a key. */
const OWNER = /^\P{Cc}{1,500}$/u;

export interface StoreParts {
  folder: string;
  files: BlobFiles;
  index: BlobIndex;
  durability: Durability;
}

export class FileBlobStore implements BlobStore {
  readonly #parts: StoreParts;
  readonly #mutations = new Mutex();
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #blobs = 0;
  #bytes = 0;

  private constructor(parts: StoreParts) {
    this.#parts = parts;
  }

  /** Empties the scratch folder and brings files and index in step, by names only. */
  static async open(parts: StoreParts): Promise<FileBlobStore> {
    const store = new FileBlobStore(parts);
    await parts.files.emptyScratch();
    await store.#reconcile();
    return store;
  }

  put(
    bytes: AsyncIterable<Uint8Array>,
    owner: string,
    options: { expect?: BlobReference; signal?: AbortSignal } = {},
  ): Promise<BlobReference> {
    const { expect, signal } = options;
    const signals = signal === undefined ? [this.#closing.signal] : [this.#closing.signal, signal];
    return this.#track(async () => {
      checkOwner(owner);
      const wanted = expect === undefined ? bytes : upTo(bytes, expect);
      const received = await this.#receive(abortable(wanted, signals));
      return this.#keep(received, owner, () => {
        if (expect !== undefined) checkExpected(received, expect);
        if (signal?.aborted === true) throw stopped();
      });
    });
  }

  adopt(file: string, owner: string, known?: BlobReference): Promise<BlobReference> {
    return this.#work(async () => {
      checkOwner(owner);
      if (!this.#parts.files.isScratch(file)) {
        const message = `${file} is not in the scratch folder of the store in ${this.#parts.folder}; write it below scratch() first`;
        throw new ReelmeshError("INVALID_INPUT", message);
      }
      const { files } = this.#parts;
      return this.#keep(await (known === undefined ? files.inspect(file) : files.trust(file, known)), owner);
    });
  }

  find(sha256: string): Promise<BlobReference | undefined> {
    return this.#work(() => this.#parts.index.find(sha256));
  }

  async path(sha256: string): Promise<string> {
    await this.#held(sha256);
    return this.#parts.files.path(sha256);
  }

  async read(sha256: string): Promise<Uint8Array> {
    const { bytes } = await this.#held(sha256);
    if (bytes > READ_LIMIT) {
      const message = `blob ${sha256} has ${bytes} bytes, more than the ${READ_LIMIT} that are read at once; open its file instead`;
      throw new ReelmeshError("INVALID_INPUT", message);
    }
    return this.#work(() => this.#checkedBytes(sha256));
  }

  own(sha256: string, owner: string): Promise<boolean> {
    return this.#mutate(async () => {
      checkOwner(owner);
      if ((await this.#parts.index.find(sha256)) === undefined) return false;
      await this.#parts.index.own(sha256, owner, Date.now());
      return true;
    });
  }

  async release(owner: string): Promise<number> {
    let removed = 0;
    for (let more = true; more; ) {
      // In steps, so that others are not held up by an owner of thousands.
      more = await this.#mutate(async () => {
        const step = await this.#parts.index.release(owner, RELEASE_STEP);
        for (const blob of step.ownerless) {
          this.#count(-1, -blob.bytes);
          await this.#parts.files.remove(blob.sha256);
        }
        removed += step.ownerless.length;
        return step.more;
      });
    }
    return removed;
  }

  owners(beginning = ""): Promise<{ owner: string; since: number }[]> {
    return this.#work(() => this.#parts.index.owners(beginning));
  }

  totals(): { blobs: number; bytes: number } {
    return { blobs: this.#blobs, bytes: this.#bytes };
  }

  scratch(): Promise<string> {
    return this.#work(() => this.#parts.files.scratch());
  }

  /** Stops what is being stored and waits until nothing touches the folder any more. */
  async close(): Promise<void> {
    this.#closing.abort();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  async #receive(bytes: AsyncIterable<Uint8Array>): Promise<ReceivedFile> {
    // The source's own errors pass as they are; only what this store's disk says is translated.
    let fromSource: { thrown: unknown } | undefined;
    async function* watched(): AsyncGenerator<Uint8Array> {
      try {
        yield* bytes;
      } catch (thrown) {
        fromSource = { thrown };
        throw thrown;
      }
    }
    try {
      return await this.#parts.files.receive(watched());
    } catch (thrown) {
      throw fromSource === undefined ? storeError(thrown, this.#parts.folder) : fromSource.thrown;
    }
  }

  /** Moves a received file into the store unless the same bytes are there. The received file is gone afterwards. */
  async #keep(received: ReceivedFile, owner: string, check?: () => void): Promise<BlobReference> {
    const { files, index } = this.#parts;
    const { sha256, bytes } = received;
    try {
      await this.#mutate(async () => {
        check?.();
        if ((await index.find(sha256)) !== undefined) return index.own(sha256, owner, Date.now());
        await files.keep(received);
        await index.add({ sha256, bytes }, owner, Date.now());
        this.#count(1, bytes);
      });
      return { sha256, bytes };
    } finally {
      await files.discard(received.file);
    }
  }

  async #held(sha256: string): Promise<BlobReference> {
    const held = await this.find(sha256);
    if (held !== undefined) return held;
    throw new ReelmeshError("NOT_FOUND", `blob ${sha256} is not held on this node; pull it from a holder first`);
  }

  async #checkedBytes(sha256: string): Promise<Uint8Array> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of this.#parts.files.stream(sha256)) chunks.push(chunk);
    } catch (thrown) {
      if (errorCode(thrown) !== "ENOENT") throw thrown;
      throw new ReelmeshError("NOT_FOUND", `the file of blob ${sha256} is gone; pull it from a holder again`);
    }
    const bytes = Buffer.concat(chunks);
    if (createHash("sha256").update(bytes).digest("hex") === sha256) return bytes;
    const message = `the file of blob ${sha256} holds other bytes than its name says; the disk may be failing, so pull it from another holder`;
    throw new ReelmeshError("CORRUPT", message);
  }

  /** Two sorted lists, one pass: a file without an entry is removed, an entry without a file is dropped. */
  async #reconcile(): Promise<void> {
    const { files, index } = this.#parts;
    const names = files.list();
    let name = await names.next();
    for await (const blob of index.entries()) {
      for (; name.done !== true && name.value < blob.sha256; name = await names.next()) await files.remove(name.value);
      if (name.done !== true && name.value === blob.sha256) {
        this.#count(1, blob.bytes);
        name = await names.next();
      } else {
        await index.drop(blob.sha256);
      }
    }
    for (; name.done !== true; name = await names.next()) await files.remove(name.value);
  }

  #count(blobs: number, bytes: number): void {
    this.#blobs += blobs;
    this.#bytes += bytes;
  }

  /** A change of the index: alone, and durable when it returns. */
  #mutate<T>(task: () => Promise<T>): Promise<T> {
    return this.#work(async () => {
      const result = await this.#mutations.run(task);
      await this.#parts.durability.flush();
      return result;
    });
  }

  #work<T>(task: () => Promise<T>): Promise<T> {
    return this.#track(() =>
      task().catch((thrown: unknown) => {
        throw storeError(thrown, this.#parts.folder);
      }),
    );
  }

  /** Anything that `close` has to wait for. */
  async #track<T>(task: () => Promise<T>): Promise<T> {
    if (this.#closing.signal.aborted) {
      throw new ReelmeshError("ABORTED", `the store in ${this.#parts.folder} is closed`);
    }
    const running = task();
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }
}

function checkOwner(owner: string): void {
  if (OWNER.test(owner)) return;
  const message = `an owner is 1 to 500 characters without control characters, not ${JSON.stringify(owner.slice(0, 80))}`;
  throw new ReelmeshError("INVALID_INPUT", message);
}

/** Ends a stream that is longer than expected at once, before it fills the disk. */
async function* upTo(bytes: AsyncIterable<Uint8Array>, expect: BlobReference): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of bytes) {
    length += chunk.byteLength;
    if (length > expect.bytes) {
      const message = `blob ${expect.sha256} should have ${expect.bytes} bytes and more arrived; fetch it from another holder`;
      throw new ReelmeshError("CORRUPT", message);
    }
    yield chunk;
  }
}

function checkExpected(received: BlobReference, expect: BlobReference): void {
  if (received.sha256 === expect.sha256 && received.bytes === expect.bytes) return;
  const message = `blob ${expect.sha256} of ${expect.bytes} bytes was expected, and ${received.sha256} of ${received.bytes} bytes arrived; fetch it from another holder`;
  throw new ReelmeshError("CORRUPT", message);
}
