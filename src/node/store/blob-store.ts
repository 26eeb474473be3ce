/**
 * The blob store: files and their index kept in step. Bytes are received side by side; everything that changes which
 * blobs exist or who owns them runs one at a time.
 *
 * A blob comes into being as: file under its name, then index entry. It goes the other way round. A crash between
 * leaves a file without an entry, which the next start enters for an owner `found:` (reconcile.ts).
 */
import { readFile } from "node:fs/promises";
import { ReelmeshError } from "../../core/errors.js";
import { type BlobScrub, type BlobStore, CACHE_OWNER, type LostBlob } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import { abortable, stopped } from "./abortable.js";
import type { BlobFiles, FileState, Pause, ReceivedFile } from "./blob-files.js";
import type { BlobIndex, BlobRecord } from "./blob-index.js";
import { Comparisons } from "./comparisons.js";
import type { Durability } from "./database.js";
import { outOfRoom, passWithoutRoom, storeError } from "./errors.js";
import { checkExpected, checkLength, checkOwner } from "./expected.js";
import { Leaving } from "./leaving.js";
import { Mutex } from "./mutex.js";
import { reconcile } from "./reconcile.js";
import type { AtStep } from "./step.js";
import { Uses } from "./uses.js";

/** What `read` may load into memory. */
const READ_LIMIT = 64 * 1024 * 1024;
/** Blobs that one step of a release removes while others wait. */
const RELEASE_STEP = 200;

export interface StoreParts {
  folder: string;
  files: BlobFiles;
  index: BlobIndex;
  durability: Durability;
  /** Milliseconds for which the file of a blob that is not held any more stays. */
  graceMs: number;
  /** Bytes that blobs may have together. */
  quota: number;
  atStep: AtStep;
}

export class FileBlobStore implements BlobStore, BlobScrub {
  readonly #parts: StoreParts;
  readonly #mutations = new Mutex();
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  readonly #leaving: Leaving;
  readonly #comparisons: Comparisons;
  readonly #uses: Uses;
  #blobs = 0;
  #bytes = 0;

  private constructor(parts: StoreParts) {
    this.#parts = parts;
    const { files, index, atStep } = parts;
    this.#comparisons = new Comparisons({
      files,
      index,
      atStep,
      alone: (task) => this.#mutations.run(task),
      durable: (task) => this.#mutate(task),
      gone: ({ bytes }) => this.#count(-1, -bytes),
    });
    this.#leaving = new Leaving(parts.graceMs, (sha256s) => this.#removeFiles(sha256s));
    this.#uses = new Uses((used) => this.#work(() => this.#mutations.run(() => index.note(used))));
  }

  /** Empties the scratch folder and brings files and index in step, by names only. */
  static async open(parts: StoreParts): Promise<FileBlobStore> {
    const store = new FileBlobStore(parts);
    await parts.files.emptyScratch();
    const { blobs, bytes, lost } = await reconcile(parts.files, parts.index, Date.now(), parts.atStep);
    store.#count(blobs, bytes);
    for (const one of lost) store.#comparisons.tellLost(one);
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
      const received = await this.#receive(abortable(bytes, signals), expect);
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

  async path(sha256: string, { unchecked = false }: { unchecked?: boolean } = {}): Promise<string> {
    if (await this.#work(() => this.#comparisons.check(sha256, unchecked))) return this.#parts.files.path(sha256);
    throw new ReelmeshError("NOT_FOUND", `blob ${sha256} is not held on this node; pull it from a holder first`);
  }

  async read(sha256: string): Promise<Uint8Array> {
    const { bytes } = (await this.find(sha256)) ?? { bytes: 0 };
    if (bytes > READ_LIMIT) {
      const message = `blob ${sha256} has ${bytes} bytes, more than the ${READ_LIMIT} that are read at once; open its file instead`;
      throw new ReelmeshError("INVALID_INPUT", message);
    }
    const file = await this.path(sha256);
    return this.#work(() => readFile(file));
  }

  async own(sha256: string, owner: string): Promise<boolean> {
    checkOwner(owner);
    // Nothing is written for what is not held, and so nothing waited for.
    if ((await this.find(sha256)) === undefined) return false;
    return this.#mutate(async () => {
      if ((await this.#parts.index.find(sha256)) === undefined) return false;
      await this.#parts.index.own(sha256, owner, Date.now());
      return true;
    });
  }

  async disown(blobs: string[], owner: string): Promise<number> {
    const step = await this.#letGo(async () => {
      return { ownerless: await this.#parts.index.disown([...new Set(blobs)], owner), more: false };
    });
    return step.ownerless.length;
  }

  async release(owner: string): Promise<number> {
    let removed = 0;
    for (let more = true; more; ) {
      // In steps, so that others are not held up by an owner of thousands.
      const step = await this.#letGo(() => this.#parts.index.release(owner, RELEASE_STEP));
      removed += step.ownerless.length;
      more = step.more;
    }
    return removed;
  }

  /** Takes entries from the index; their files go when that is on the disk, and the grace period is over. */
  async #letGo(
    take: () => Promise<{ ownerless: BlobReference[]; more: boolean }>,
  ): Promise<{ ownerless: BlobReference[]; more: boolean }> {
    const step = await this.#mutate(async () => {
      const taken = await take();
      await this.#parts.atStep("entry removed");
      for (const { bytes } of taken.ownerless) this.#count(-1, -bytes);
      return taken;
    });
    await this.#leaving.add(step.ownerless.map(({ sha256 }) => sha256));
    return step;
  }

  owners(beginning = ""): Promise<{ owner: string; since: number }[]> {
    return this.#work(() => this.#parts.index.owners(beginning));
  }

  touch(sha256: string): void {
    this.#uses.add(sha256);
  }

  async evict(bytes: number): Promise<{ blobs: number; bytes: number }> {
    await this.#uses.write().catch(passWithoutRoom);
    const gone = { blobs: 0, bytes: 0 };
    for (const blob of await this.#work(() => this.#parts.index.ownedOnlyBy(CACHE_OWNER))) {
      if (gone.bytes >= bytes) break;
      if (!(await this.#evictOne(blob))) continue;
      gone.blobs++;
      gone.bytes += blob.bytes;
    }
    return gone;
  }

  async #evictOne(blob: BlobReference): Promise<boolean> {
    const { index, files } = this.#parts;
    try {
      const { ownerless } = await this.#letGo(async () => {
        // Somebody may have come to own it meanwhile.
        const isCopy = await index.isOwnedOnlyBy(blob.sha256, CACHE_OWNER);
        if (isCopy) await index.drop(blob.sha256);
        return { ownerless: isCopy ? [blob] : [], more: false };
      });
      return ownerless.length > 0;
    } catch (thrown) {
      passWithoutRoom(thrown);
      // The index cannot even say that it goes: whoever asks for it next finds that it is missing, and fetches it.
      await files.remove(blob.sha256);
      return true;
    }
  }

  onLost(listener: (lost: LostBlob) => void): void {
    this.#comparisons.onLost(listener);
  }

  oldestVerified(limit: number): Promise<{ sha256: string; bytes: number; verifiedAt: number }[]> {
    return this.#work(() => this.#parts.index.oldestVerified(limit));
  }

  verify(sha256: string, pause?: Pause): Promise<boolean> {
    return this.#work(async () => {
      if ((await this.#parts.index.find(sha256)) === undefined) return false;
      return this.#comparisons.compare(sha256, pause);
    });
  }

  findings(): { damaged: number; missing: number } {
    return this.#comparisons.findings;
  }

  totals(): { blobs: number; bytes: number } {
    return { blobs: this.#blobs, bytes: this.#bytes };
  }

  scratch(): Promise<string> {
    return this.#work(() => this.#parts.files.scratch());
  }

  /** Stops what is being stored and waits until nothing touches the folder any more. */
  async close(): Promise<void> {
    if (!this.#closing.signal.aborted) await this.#uses.write().catch(() => undefined);
    this.#closing.abort();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    await this.#leaving.close().catch(() => undefined);
  }

  async #receive(bytes: AsyncIterable<Uint8Array>, expect: BlobReference | undefined): Promise<ReceivedFile> {
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
      return await this.#parts.files.receive(watched(), (length) => {
        if (expect !== undefined) checkLength(length, expect);
        // Bytes on their way are not counted until they are all there: what comes at once may go beyond by as much.
        if (this.#bytes + length > this.#parts.quota) throw outOfRoom("the quota of the data folder is used up");
      });
    } catch (thrown) {
      throw fromSource === undefined ? storeError(thrown, this.#parts.folder) : fromSource.thrown;
    }
  }

  /** Moves a received file into the store unless the same bytes are there. The received file is gone afterwards. */
  async #keep(received: ReceivedFile, owner: string, check?: () => void): Promise<BlobReference> {
    const { files, index, atStep } = this.#parts;
    const { sha256, bytes } = received;
    let moved = false;
    try {
      await this.#mutate(async () => {
        check?.();
        if ((await index.find(sha256)) !== undefined) return index.own(sha256, owner, Date.now());
        const state = await files.keep(received);
        moved = true;
        await index.add([{ sha256, bytes, record: newRecord(bytes, state) }], owner, Date.now());
        await atStep("entry written");
        this.#count(1, bytes);
      });
      return { sha256, bytes };
    } finally {
      if (!moved) await files.discard(received.file);
    }
  }

  /** Files of blobs that were let go and have not come back. */
  async #removeFiles(sha256s: string[]): Promise<void> {
    const { files, index } = this.#parts;
    await this.#mutations.run(async () => {
      for (const sha256 of sha256s) if ((await index.find(sha256)) === undefined) await files.remove(sha256);
    });
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
      await this.#parts.atStep("index synced");
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

function newRecord(bytes: number, state: FileState | undefined): BlobRecord {
  const now = Date.now();
  return { bytes, storedAt: now, verifiedAt: now, ...(state !== undefined && { changedAt: state.changedAt }) };
}
