/** The one LevelDB of a data folder, shared by the index of blobs, the copy of the mesh log and the settings. */
import { mkdir, realpath } from "node:fs/promises";
import { Level, type BatchOperation as LevelOperation } from "level";

export type Database = Level<string, string>;
export type BatchOperation = LevelOperation<Database, string, unknown>;

/**
 * Makes what was written before durable. Writes go to the operating system at once; a call here returns when they
 * are on the disk. Calls that wait at the same time share one flush.
 */
export class Durability {
  readonly #database: Database;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(database: Database) {
    this.#database = database;
  }

  flush(): Promise<void> {
    if (this.#running === undefined) return this.#start();
    // The running flush may have begun before the caller's write, so the caller waits for the one after it.
    this.#next ??= this.#running.then(
      () => this.#start(),
      () => this.#start(),
    );
    return this.#next;
  }

  #start(): Promise<void> {
    this.#next = undefined;
    // Deleting a key that never exists: LevelDB then syncs its journal, in which the earlier writes stand.
    const running = this.#database.del("flush", { sync: true }).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}

/**
 * Folders that this process has open. LevelDB's lock tells processes apart, but a second opening in the same process
 * would release it: closing any descriptor of a file gives up the process's fcntl locks on that file.
 */
const opened = new Set<string>();

/** Opens the LevelDB of a folder; an error with the code LEVEL_LOCKED when it is open already, here or elsewhere. */
export async function openDatabase(folder: string): Promise<{ database: Database; close: () => Promise<void> }> {
  await mkdir(folder, { recursive: true });
  const path = await realpath(folder);
  if (opened.has(path)) throw Object.assign(new Error("already open in this process"), { code: "LEVEL_LOCKED" });
  opened.add(path);
  const database: Database = new Level(path);
  try {
    await database.open();
  } catch (thrown) {
    opened.delete(path);
    throw thrown;
  }
  const close = async (): Promise<void> => {
    await database.close();
    opened.delete(path);
  };
  return { database, close };
}
