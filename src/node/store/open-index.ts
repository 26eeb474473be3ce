/**
 * Opens the index, and begins a new one in the place of one that is damaged. What LevelDB itself complains of is damage;
 * so is an index that is gone or empty over a folder in use, and a table that is not what its tally says. The damaged
 * index is kept beside the new one, in a few folders `index-damaged-<time>`.
 */
import { readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Database } from "./database.js";
import { errorCode } from "./errors.js";
import type { DataFolder } from "./folder.js";
import { beginTables, openTables } from "./index-tables.js";
import { tryIndex } from "./index-trial.js";
import { readCopy } from "./settings.js";
import type { AtStep } from "./step.js";
import { syncFolder } from "./sync.js";
import type { Tables } from "./tables.js";

/** A setting: when the index was last begun anew, and why. */
export const REBUILT = "store.rebuilt";

export interface Rebuilt {
  /** Milliseconds since 1970. */
  at: number;
  reason: string;
}

/** Damaged indexes that are kept. */
const KEPT = 2;
const DAMAGED = "index-damaged-";

export interface OpenIndex {
  database: Database;
  tables: Tables;
  /** Why the index was begun anew; undefined when it was not. */
  damage: string | undefined;
}

/** `isUsed`: whether the folder holds blobs. Throws what the system under LevelDB says, such as a lack of room. */
export async function openIndex(
  folder: DataFolder,
  isUsed: () => Promise<boolean>,
  atStep: AtStep,
): Promise<OpenIndex> {
  const copy = await readCopy(folder);
  const inUse = copy !== undefined || (await isUsed());
  const { isBegun, damage } = await look(folder, inUse);
  if (damage !== undefined) {
    await moveAside(folder);
    await atStep("damaged index set aside");
  }
  const database = await Database.open(folder.index);
  try {
    const tables = await openTables(database);
    if (damage !== undefined) {
      const rebuilt: Rebuilt = { at: Date.now(), reason: damage };
      await beginTables(tables, { ...copy, [REBUILT]: rebuilt });
      await atStep("new index begun");
    } else if (!isBegun) await beginTables(tables, {});
    return { database, tables, damage };
  } catch (thrown) {
    await database.close().catch(() => undefined);
    throw thrown;
  }
}

interface Looked {
  /** False while nothing was ever written to it. */
  isBegun: boolean;
  /** What is wrong with it; undefined when it is sound. */
  damage: string | undefined;
}

async function look({ index }: DataFolder, inUse: boolean): Promise<Looked> {
  const files: string[] = await readdir(index).catch((thrown: unknown) => {
    if (errorCode(thrown) === "ENOENT") return [];
    throw thrown;
  });
  const isLevelDb = files.some((name) => /^MANIFEST-|\.(ldb|log)$/.test(name));
  // LevelDB begins anew when the file CURRENT is gone, and removes what it does not know.
  if (isLevelDb && !files.includes("CURRENT")) return { isBegun: true, damage: "its file CURRENT is gone" };
  const { isBegun, wrong } = isLevelDb ? await tryIndex(index) : { isBegun: false, wrong: [] };
  if (wrong.length > 0) return { isBegun, damage: wrong.join(", ") };
  return { isBegun, damage: inUse && !isBegun ? "it is empty" : undefined };
}

async function moveAside({ root, index }: DataFolder): Promise<void> {
  await rename(index, join(root, `${DAMAGED}${Date.now()}`)).catch((thrown: unknown) => {
    if (errorCode(thrown) !== "ENOENT") throw thrown;
  });
  await syncFolder(root);
  const kept = (await readdir(root)).filter((name) => name.startsWith(DAMAGED)).sort();
  for (const name of kept.slice(0, -KEPT)) await rm(join(root, name), { recursive: true, force: true });
}
