/** What is known of everything that arrives from outside, one JSON file each, beside its bytes. */
import { open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ErrorCode } from "../../core/errors.js";
import type { BlobReference } from "../../core/work.js";
import type { Submission } from "../submission.js";
import { onDisk } from "./on-disk.js";

/**
 * Something that arrives: `arriving` until all its bytes are there, then it has a `blob`. One with a `submission`
 * becomes a job by itself; one with a `verdict` has come to its end.
 */
export interface Arrival {
  /** 8 to 40 of a-z, 0-9 and "-": it names files. */
  id: string;
  job: string;
  kind: "source" | "subtitles";
  /** Length in bytes when it is whole; null while nobody has said. */
  expected: number | null;
  /** Bytes that are safe on the disk. */
  synced: number;
  /** When it came or last grew, milliseconds since 1970. */
  touched: number;
  blob?: BlobReference;
  submission?: Submission;
  verdict?: { code: ErrorCode | "SUBMITTED"; message: string };
  /** Of an upload: what its client said of it. */
  metadata?: Record<string, string | null>;
  /** Of a remote source: where it is fetched from, and how a changed one is told (RFC 9110, section 13.1.5). */
  remote?: { url: string; validator?: string };
}

export class Records {
  readonly #folder: string;
  readonly #writing = new Map<string, Promise<void>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where the bytes of an arrival lie. */
  file(id: string): string {
    return join(this.#folder, `${id}.part`);
  }

  /** All that can be read. What has no record, or none that can be read, is removed. */
  async readAll(): Promise<Arrival[]> {
    const found: Arrival[] = [];
    const names = await readdir(this.#folder);
    for (const name of names.filter((one) => one.endsWith(".json"))) {
      const text = await readFile(join(this.#folder, name), "utf8");
      const arrival = parse(text);
      if (arrival !== undefined && `${arrival.id}.json` === name) found.push(arrival);
    }
    const known = new Set(found.flatMap(({ id }) => [`${id}.json`, `${id}.part`]));
    for (const name of names) if (!known.has(name)) await rm(join(this.#folder, name), { force: true });
    return found;
  }

  /** Writes the record as it is now; it is on the disk when this returns. ENVIRONMENT. */
  write(arrival: Arrival): Promise<void> {
    const before = this.#writing.get(arrival.id) ?? Promise.resolve();
    const writing = before.catch(() => undefined).then(() => onDisk(this.#nameOf(arrival), () => this.#write(arrival)));
    this.#writing.set(arrival.id, writing);
    return writing;
  }

  async remove(id: string): Promise<void> {
    await this.#writing.get(id)?.catch(() => undefined);
    this.#writing.delete(id);
    // The record goes last: bytes without one are removed at the next start.
    await rm(this.file(id), { force: true });
    await rm(this.#nameOf({ id }), { force: true });
  }

  #nameOf({ id }: Pick<Arrival, "id">): string {
    return join(this.#folder, `${id}.json`);
  }

  async #write(arrival: Arrival): Promise<void> {
    const file = this.#nameOf(arrival);
    // An address may hold a signature: nobody else on this machine may read it.
    const handle = await open(`${file}.new`, "w", 0o600);
    try {
      await handle.writeFile(JSON.stringify(arrival));
      await handle.datasync();
    } finally {
      await handle.close();
    }
    await rename(`${file}.new`, file);
  }
}

function parse(text: string): Arrival | undefined {
  try {
    return JSON.parse(text) as Arrival;
  } catch {
    return undefined;
  }
}
