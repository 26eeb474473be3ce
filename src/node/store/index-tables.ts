/** The tables of the index, and the setting that tells one that was begun from one that LevelDB has just made. */
import type { Database } from "./database.js";
import { SETTINGS_TABLE } from "./settings.js";
import { Tables } from "./tables.js";

/** A setting that every index has, so that one that was lost and begun anew is told apart. */
const MARK = "store.begun";
/** All that the store keeps, so that every table is checked. */
const TEXT_TABLES = ["blobs", "blob-owners", "owner-blobs", "owners", "log-notes", SETTINGS_TABLE];
const BYTES_TABLES = ["log"];

export async function openTables(database: Database): Promise<Tables> {
  const tables = await Tables.open(database);
  for (const name of TEXT_TABLES) tables.text(name);
  for (const name of BYTES_TABLES) tables.bytes(name);
  return tables;
}

/** Writes the first settings of an index. */
export async function beginTables(tables: Tables, known: Record<string, unknown>): Promise<void> {
  const table = tables.text(SETTINGS_TABLE);
  const settings = Object.entries({ ...known, [MARK]: true });
  await tables.commit(
    settings.map(([name, value]) => table.put(name, JSON.stringify(value))),
    true,
  );
}

export async function areBegun(tables: Tables): Promise<boolean> {
  return (await tables.text(SETTINGS_TABLE).get(MARK)) !== undefined;
}
