/**
 * What a node remembers between starts: its id, its mesh. LevelDB has it, and a small file beside it has all of it
 * again, from which a new index is given it back.
 */
import { createHash, randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { storeError } from "./errors.js";
import type { DataFolder } from "./folder.js";
import { Mutex } from "./mutex.js";
import { syncFolder } from "./sync.js";
import type { Tables } from "./tables.js";

export interface Settings {
  /** A value that was put, or undefined. */
  get(name: string): Promise<unknown>;
  /** Keeps a JSON value; it is on the disk when this returns. */
  put(name: string, value: unknown): Promise<void>;
}

/** The file: every setting by its name, and the SHA-256 of them as JSON. */
interface Copy {
  settings: Record<string, unknown>;
  sha256: string;
}

export const SETTINGS_TABLE = "settings";

/**
 * LevelDB is written first, so what it has is at least as new as the copy; but it may have lost its end, and what only the
 * copy has is put back.
 */
export async function openSettings(tables: Tables, folder: DataFolder): Promise<Settings> {
  const values = tables.text(SETTINGS_TABLE);
  const alone = new Mutex();
  const rethrow = (thrown: unknown): never => {
    throw storeError(thrown, folder.root);
  };
  async function get(name: string): Promise<unknown> {
    const text = await values.get(name);
    return text === undefined ? undefined : JSON.parse(text);
  }
  async function all(): Promise<Record<string, unknown>> {
    const rows = (await values.rows().all()).map(([key, text]) => [key, JSON.parse(text) as unknown]);
    return Object.fromEntries(rows) as Record<string, unknown>;
  }
  async function put(name: string, value: unknown): Promise<void> {
    await tables.commit([values.put(name, JSON.stringify(value))], true);
    await writeCopy(folder, await all());
  }
  const copy = await readCopy(folder);
  const known = { ...copy, ...(await all()) };
  const rows = Object.entries(known).map(([name, value]) => values.put(name, JSON.stringify(value)));
  await tables.commit(rows, true);
  if (JSON.stringify(known) !== JSON.stringify(copy)) await writeCopy(folder, known);
  return {
    get: (name) => get(name).catch(rethrow),
    put: (name, value) => alone.run(() => put(name, value)).catch(rethrow),
  };
}

/** What the file has; undefined when there is none, or it is damaged. */
export async function readCopy({ settings: file }: DataFolder): Promise<Record<string, unknown> | undefined> {
  try {
    const { settings, sha256 } = JSON.parse(await readFile(file, "utf8")) as Copy;
    return sha256 === hashOf(settings) ? settings : undefined;
  } catch {
    return undefined;
  }
}

async function writeCopy({ settings: file, tmp }: DataFolder, settings: Record<string, unknown>): Promise<void> {
  const written = join(tmp, `settings-${randomUUID()}`);
  await writeFile(written, `${JSON.stringify({ settings, sha256: hashOf(settings) }, null, 2)}\n`, { flush: true });
  await rename(written, file);
  await syncFolder(dirname(file));
}

function hashOf(settings: Record<string, unknown>): string {
  return createHash("sha256").update(JSON.stringify(settings)).digest("hex");
}
