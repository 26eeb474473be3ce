/** The files of a store: temporary ones while bytes arrive, `blobs/ab/cd/<sha256>` afterwards. */
import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { ReelmeshError } from "../../core/errors.js";
import type { BlobReference } from "../../core/work.js";
import type { DataFolder } from "./folder.js";
import { syncFolder } from "./sync.js";

/** A complete file in `tmp/`, on the disk, not yet under its name. */
export interface ReceivedFile extends BlobReference {
  file: string;
}

const NAME = /^[0-9a-f]{64}$/;

export class BlobFiles {
  readonly #folder: DataFolder;

  constructor(folder: DataFolder) {
    this.#folder = folder;
  }

  /** Absolute path at which a blob's file stands, held or not. */
  path(sha256: string): string {
    return join(this.#folder.blobs, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  }

  /** Writes a stream into `tmp/`, hashing on the way. Throws what the stream throws, and then leaves no file. */
  async receive(bytes: AsyncIterable<Uint8Array>): Promise<ReceivedFile> {
    const file = join(this.#folder.tmp, `put-${randomUUID()}`);
    const handle = await open(file, "wx");
    const hash = createHash("sha256");
    let length = 0;
    try {
      for await (const chunk of bytes) {
        hash.update(chunk);
        await writeAll(handle, chunk);
        length += chunk.byteLength;
      }
      await handle.sync();
    } catch (thrown) {
      await handle.close().catch(() => undefined);
      await this.discard(file);
      throw thrown;
    }
    await handle.close();
    return { file, sha256: hash.digest("hex"), bytes: length };
  }

  /** Reads a finished file for its name and forces it to the disk. */
  async inspect(file: string): Promise<ReceivedFile> {
    const handle = await open(file, "r");
    try {
      const hash = createHash("sha256");
      let length = 0;
      for await (const chunk of handle.createReadStream({ autoClose: false, highWaterMark: 1 << 20 })) {
        hash.update(chunk as Buffer);
        length += (chunk as Buffer).length;
      }
      await handle.sync();
      return { file, sha256: hash.digest("hex"), bytes: length };
    } finally {
      await handle.close();
    }
  }

  /** As `inspect`, of a file whose name its writer knows: its length is looked at, its bytes are not. */
  async trust(file: string, known: BlobReference): Promise<ReceivedFile> {
    const handle = await open(file, "r");
    try {
      const { size } = await handle.stat();
      if (size !== known.bytes) {
        const message = `${file} has ${size} bytes where ${known.bytes} were written; write it again`;
        throw new ReelmeshError("CORRUPT", message);
      }
      await handle.sync();
      return { file, ...known };
    } finally {
      await handle.close();
    }
  }

  /** Moves a received file under its name, and its new folder entries to the disk. */
  async keep({ file, sha256 }: ReceivedFile): Promise<void> {
    const target = this.path(sha256);
    const folder = dirname(target);
    const made = await mkdir(folder, { recursive: true });
    await rename(file, target);
    await syncFolder(folder);
    if (made === undefined) return;
    await syncFolder(dirname(folder));
    if (made !== folder) await syncFolder(this.#folder.blobs);
  }

  /** Removes a blob's file; one that is gone already is fine. */
  async remove(sha256: string): Promise<void> {
    await rm(this.path(sha256), { force: true });
  }

  /** Removes a temporary file; one that is gone already is fine. */
  async discard(file: string): Promise<void> {
    await rm(file, { force: true });
  }

  /** A blob's bytes in pieces, for checking. */
  stream(sha256: string): AsyncIterable<Buffer> {
    return createReadStream(this.path(sha256), { highWaterMark: 1 << 20 });
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

async function names(folder: string, length: number): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.length === length).sort();
}

async function writeAll(handle: Awaited<ReturnType<typeof open>>, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.byteLength; ) {
    offset += (await handle.write(chunk, offset)).bytesWritten;
  }
}
