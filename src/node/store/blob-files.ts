/**
 * The files of a store: temporary ones while bytes arrive, `blobs/ab/cd/<sha256>` afterwards, and `quarantine/` for
 * those that turned out to hold other bytes.
 */
import { createHash, randomUUID } from "node:crypto";
import { closeSync, fstatSync, type Stats, statSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { ReelmeshError } from "../../core/errors.js";
import type { BlobReference } from "../../core/work.js";
import { opened, readInto, synced } from "../file-calls.js";
import { errorCode } from "./errors.js";
import type { DataFolder } from "./folder.js";
import { GatheredWrites } from "./gathered-writes.js";
import type { AtStep } from "./step.js";
import { syncFolder } from "./sync.js";

/** A complete file in `tmp/`, on the disk, not yet under its name. */
export interface ReceivedFile extends BlobReference {
  file: string;
}

/** What a file system tells of a file at no cost. */
export interface FileState {
  bytes: number;
  /** Milliseconds since 1970; whatever changes the file changes it, and nobody can set it. */
  changedAt: number;
}

/** How many files, and bytes, are kept of those that were set aside. */
const QUARANTINE_FILES = 16;
const QUARANTINE_BYTES = 1024 ** 3;
/** Bytes that are read and hashed at once: a fraction of a millisecond of processor time. */
const PIECE_BYTES = 256 * 1024;
const NAME = /^[0-9a-f]{64}$/;

export class BlobFiles {
  readonly #folder: DataFolder;
  readonly #atStep: AtStep;

  constructor(folder: DataFolder, atStep: AtStep) {
    this.#folder = folder;
    this.#atStep = atStep;
  }

  /** Absolute path at which a blob's file stands, held or not. */
  path(sha256: string): string {
    return join(this.#folder.blobs, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }

  /**
   * Writes a stream into `tmp/`, hashing on the way. Throws what the stream throws, and what `check` throws, which is
   * told of the bytes so far; then it leaves no file.
   */
  async receive(bytes: AsyncIterable<Uint8Array>, check: (bytes: number) => void): Promise<ReceivedFile> {
    const file = join(this.#folder.tmp, `put-${randomUUID()}`);
    const descriptor = await opened(file, "wx");
    const hash = createHash("sha256");
    const writes = new GatheredWrites(descriptor);
    let length = 0;
    try {
      await this.#atStep("temporary file made");
      for await (const piece of bytes) {
        length += piece.byteLength;
        check(length);
        hash.update(piece);
        await writes.add(piece);
      }
      await writes.finish();
      await this.#atStep("bytes written");
      await synced(descriptor);
    } catch (thrown) {
      await writes.settle();
      await this.discard(file).finally(() => closeSync(descriptor));
      throw thrown;
    }
    closeSync(descriptor);
    await this.#atStep("temporary file synced");
    return { file, sha256: hash.digest("hex"), bytes: length };
  }

  /** Reads a finished file for its name and forces it to the disk. */
  async inspect(file: string): Promise<ReceivedFile> {
    const descriptor = await opened(file, "r");
    try {
      const found = await hashed(descriptor);
      await synced(descriptor);
      return { file, ...found };
    } finally {
      closeSync(descriptor);
    }
  }

  /** As `inspect`, of a file whose name its writer knows: its length is looked at, its bytes are not. */
  async trust(file: string, known: BlobReference): Promise<ReceivedFile> {
    const descriptor = await opened(file, "r");
    try {
      const { size } = fstatSync(descriptor);
      if (size !== known.bytes) {
        const message = `${file} has ${size} bytes where ${known.bytes} were written; write it again`;
        throw new ReelmeshError("CORRUPT", message);
      }
      await synced(descriptor);
      return { file, ...known };
    } finally {
      closeSync(descriptor);
    }
  }

  /** What stands under a blob's name, and its state before it was read; undefined when there is no file. */
  async examine(sha256: string, pause?: Pause): Promise<(BlobReference & FileState) | undefined> {
    const descriptor = await ifThere(opened(this.path(sha256), "r"));
    if (descriptor === undefined) return undefined;
    try {
      const { ctimeMs } = fstatSync(descriptor);
      return { ...(await hashed(descriptor, pause)), changedAt: ctimeMs };
    } finally {
      closeSync(descriptor);
    }
  }

  /** Undefined when there is no file under a blob's name. */
  async state(sha256: string): Promise<FileState | undefined> {
    return stateOf(await ifThere(stat(this.path(sha256))));
  }

  /** Moves a received file under its name, and its new folder entries to the disk; its state there, as long as it is. */
  async keep({ file, sha256 }: ReceivedFile): Promise<FileState | undefined> {
    const target = this.path(sha256);
    const folder = dirname(target);
    const made = await mkdir(folder, { recursive: true });
    await rename(file, target);
    await this.#atStep("file placed");
    const changed = [folder];
    if (made !== undefined) changed.push(dirname(folder));
    if (made !== undefined && made !== folder) changed.push(this.#folder.blobs);
    await Promise.all(changed.map(syncFolder));
    await this.#atStep("folder synced");
    // What was just renamed is in memory.
    return stateOf(statSync(target, { throwIfNoEntry: false }));
  }

  /** Removes a blob's file; one that is gone already is fine. */
  async remove(sha256: string): Promise<void> {
    await rm(this.path(sha256), { force: true });
    await this.#atStep("file removed");
  }

  /** Moves a blob's file, if there is one, to where nobody serves it; few of them are kept. */
  async setAside(sha256: string): Promise<void> {
    const { quarantine } = this.#folder;
    await mkdir(quarantine, { recursive: true });
    // Times of the same length, so that the names' order is the order in time.
    await ifThere(rename(this.path(sha256), join(quarantine, `${Date.now()}-${sha256}`)));
    await this.#atStep("file set aside");
    const kept = (await readdir(quarantine)).sort().reverse();
    let bytes = 0;
    for (const [place, name] of kept.entries()) {
      const file = join(quarantine, name);
      bytes += (await ifThere(stat(file)))?.size ?? 0;
      if (place >= QUARANTINE_FILES || bytes > QUARANTINE_BYTES) await rm(file, { force: true });
    }
  }

  /** Removes a temporary file; one that is gone already is fine. */
  async discard(file: string): Promise<void> {
    await rm(file, { force: true });
  }

  /** A new empty folder in `tmp/`. */
  scratch(): Promise<string> {
    return mkdtemp(join(this.#folder.tmp, "work-"));
  }

  /** True for a path below `tmp/` or `uploads/`. */
  isScratch(file: string): boolean {
    return [this.#folder.tmp, this.#folder.uploads].some((folder) => resolve(file).startsWith(folder + sep));
  }

  async emptyScratch(): Promise<void> {
    for (const name of await readdir(this.#folder.tmp)) {
      await rm(join(this.#folder.tmp, name), { recursive: true, force: true });
    }
  }

  /** Names of all files that stand where blobs stand, in ascending order. Files with other names are left alone. */
  async *list(): AsyncGenerator<string> {
    for (const first of await names(this.#folder.blobs, 2)) {
      for (const second of await names(join(this.#folder.blobs, first), 2)) {
        for (const name of await names(join(this.#folder.blobs, first, second), 64)) {
          if (NAME.test(name) && name.startsWith(first + second)) yield name;
        }
      }
    }
  }
}

function stateOf(found: Stats | undefined): FileState | undefined {
  return found && { bytes: found.size, changedAt: found.ctimeMs };
}

async function names(folder: string, length: number): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.length === length).sort();
}

/** Called after each piece that was read, with its length; reading goes on when it resolves. */
export type Pause = (bytes: number) => Promise<void>;

async function hashed(descriptor: number, pause?: Pause): Promise<BlobReference> {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  for (let bytes = 0; ; ) {
    const length = await readInto(descriptor, piece, PIECE_BYTES, bytes);
    if (length === 0) return { sha256: hash.digest("hex"), bytes };
    hash.update(piece.subarray(0, length));
    bytes += length;
    await pause?.(length);
  }
}

async function ifThere<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (thrown) {
    if (errorCode(thrown) === "ENOENT") return undefined;
    throw thrown;
  }
}
