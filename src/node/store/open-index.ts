/**
 * Opens the index, and begins a new one in the place of one that is damaged. What LevelDB itself complains of is damage;
 * so is an index that is gone or empty over a folder in use, and a table that is not what its tally says. The damaged
 * index is kept beside the new one, in a few folders `index-damaged-<time>`.
 */
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Database } from "./database.js";
import { errorCode, isEnvironment } from "./errors.js";
import type { DataFolder } from "./folder.js";
import { readCopy, SETTINGS_TABLE } from "./settings.js";
import type { AtStep } from "./step.js";
import { syncFolder } from "./sync.js";
import { Tables } from "./tables.js";

/** A setting: when the index was last begun anew, and why. */
export const REBUILT = "store.rebuilt";

export interface Rebuilt {
  /** Milliseconds since 1970. */
  at: number;
  reason: string;
}

/** A setting that every index has, so that one that was lost and begun anew is told apart. */
const MARK = "store.begun";
/** All that the store keeps, so that every table is checked. */
const TEXT_TABLES = ["blobs", "blob-owners", "owner-blobs", "owners", "log-notes", SETTINGS_TABLE];
const BYTES_TABLES = ["log"];
/** Damaged indexes that are kept. */
const KEPT = 2;
const DAMAGED = "index-damaged-";

export interface OpenIndex {
  database: Database;
  tables: Tables;
  /** Why the index was begun anew; undefined when it was not. */
  damage?: string;
}

/** `isUsed`: whether the folder holds blobs. Throws what the system under LevelDB says, such as a lack of room. */
export async function openIndex(
  folder: DataFolder,
  isUsed: () => Promise<boolean>,
  atStep: AtStep,
): Promise<OpenIndex> {
  const copy = await readCopy(folder);
  const inUse = copy !== undefined || (await isUsed());
  const damage = (await lacksCurrent(folder)) ?? (await trial(folder, inUse));
  if (typeof damage !== "string") return damage;
  await moveAside(folder);
  await atStep("damaged index set aside");
  const database = await Database.open(folder.index);
  try {
    const tables = await openTables(database);
    const rebuilt: Rebuilt = { at: Date.now(), reason: damage };
    await begin(tables, { ...copy, [REBUILT]: rebuilt });
    await atStep("new index begun");
    return { database, tables, damage };
  } catch (thrown) {
    await database.close().catch(() => undefined);
    throw thrown;
  }
}

/** LevelDB begins anew when the file CURRENT is gone, and removes what it does not know. */
async function lacksCurrent({ index }: DataFolder): Promise<string | undefined> {
  const files: string[] = await readdir(index).catch((thrown: unknown) => {
    if (errorCode(thrown) === "ENOENT") return [];
    throw thrown;
  });
  const isLevelDb = files.some((name) => /^MANIFEST-|\.(ldb|log)$/.test(name));
  return isLevelDb && !files.includes("CURRENT") ? "its file CURRENT is gone" : undefined;
}

/** The index when it is sound, otherwise what is wrong with it; then it is closed. */
async function trial(folder: DataFolder, inUse: boolean): Promise<OpenIndex | string> {
  let database: Database | undefined;
  try {
    database = await Database.open(folder.index);
    const tables = await openTables(database);
    const wrong = await tables.check();
    if (wrong.length === 0) {
      const marked = (await tables.text(SETTINGS_TABLE).get(MARK)) !== undefined;
      if (!marked && !inUse) await begin(tables, {});
      if (marked || !inUse) return { database, tables };
      wrong.push("it is empty");
    }
    await database.close();
    return wrong.join(", ");
  } catch (thrown) {
    await database?.close().catch(() => undefined);
    if (isEnvironment(thrown)) throw thrown;
    const { message, cause } = thrown as Error;
    return cause instanceof Error ? cause.message : message;
  }
}

async function openTables(database: Database): Promise<Tables> {
  const tables = await Tables.open(database);
  for (const name of TEXT_TABLES) tables.text(name);
  for (const name of BYTES_TABLES) tables.bytes(name);
  return tables;
}

async function begin(tables: Tables, known: Record<string, unknown>): Promise<void> {
  const table = tables.text(SETTINGS_TABLE);
  const settings = Object.entries({ ...known, [MARK]: true });
  await tables.commit(
    settings.map(([name, value]) => table.put(name, JSON.stringify(value))),
    true,
  );
}

async function moveAside({ root, index }: DataFolder): Promise<void> {
  await rename(index, join(root, `${DAMAGED}${Date.now()}`)).catch((thrown: unknown) => {
    if (errorCode(thrown) !== "ENOENT") throw thrown;
  });
  await syncFolder(root);
  const kept = (await readdir(root)).filter((name) => name.startsWith(DAMAGED)).sort();
  for (const name of kept.slice(0, -KEPT)) await rm(join(root, name), { recursive: true, force: true });
}
