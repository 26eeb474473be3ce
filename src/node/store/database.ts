/** The one LevelDB of a data folder, shared by the index of blobs, the copy of the mesh log and the settings. */
import { mkdir, realpath, statfs } from "node:fs/promises";
import { Level, type BatchOperation as LevelOperation } from "level";
import { outOfRoom } from "./errors.js";

export type LevelDb = Level<string, string>;
export type LevelWrite = LevelOperation<LevelDb, string, unknown>;

interface Compactable {
  compactRange(start: string, end: string): Promise<void>;
}

/**
 * Room that LevelDB needs to open again, in bytes: it writes its journal (up to 4 MiB) as a table, and begins new files.
 */
const OPENING_BYTES = 16 * 1024 * 1024;

/**
 * Folders that this process has open. LevelDB's lock tells processes apart, but a second opening in the same process
 * would release it: closing any descriptor of a file gives up the process's fcntl locks on that file.
 */
const opened = new Set<string>();

/**
 * Makes what was written before durable. Writes go to the operating system at once; a call here returns when they
 * are on the disk. Calls that wait at the same time share one flush.
 */
export class Durability {
  readonly #sync: () => Promise<void>;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(sync: () => Promise<void>) {
    this.#sync = sync;
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
    const running = this.#sync().finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}

/**
 * LevelDB refuses every write once one has failed, until it is opened again, and reads on meanwhile. So after a write
 * that failed the next one opens it again first, as soon as there is the room that this takes.
 */
export class Database {
  readonly level: LevelDb;
  readonly #path: string;
  readonly #reopeners: (() => Promise<void>)[] = [];
  #failed = false;
  #reopening: Promise<void> | undefined;

  private constructor(path: string) {
    this.#path = path;
    this.level = new Level(path);
  }

  /** Opens the LevelDB of a folder; an error with the code LEVEL_LOCKED when it is open already, here or elsewhere. */
  static async open(folder: string): Promise<Database> {
    await mkdir(folder, { recursive: true });
    const path = await realpath(folder);
    if (opened.has(path)) throw Object.assign(new Error("already open in this process"), { code: "LEVEL_LOCKED" });
    opened.add(path);
    const database = new Database(path);
    try {
      await database.level.open();
    } catch (thrown) {
      opened.delete(path);
      throw thrown;
    }
    return database;
  }

  async close(): Promise<void> {
    await this.level.close();
    opened.delete(this.#path);
  }

  /** Has a part open again whenever the whole was opened again. */
  onReopen(reopen: () => Promise<void>): void {
    this.#reopeners.push(reopen);
  }

  /** Makes everything that was written before durable. */
  sync(): Promise<void> {
    // Deleting a key that never exists: LevelDB then syncs its journal, in which the earlier writes stand.
    return this.write([{ type: "del", key: "flush" }], true);
  }

  /**
   * Writes all or nothing. ENOSPC while there is no room to write at all.
   *
   * Here and where else hundreds of objects a second are made: what begins as a copy, { ...a, b }, outlives V8's young
   * collections (Node 20: 40% of such objects, of { b, ...a } none), and level so copies options into each operation.
   */
  async write(operations: LevelWrite[], sync = false): Promise<void> {
    if (this.#failed) await this.#openAgain();
    try {
      await this.level.batch<string, unknown>(operations, sync ? { sync } : {});
    } catch (thrown) {
      this.#failed = true;
      throw thrown;
    }
  }

  /** Writes all tables anew, without the rows that others have replaced. */
  compact(): Promise<void> {
    // Level is ClassicLevel in Node.js; its types are those of the browser's as well, which cannot.
    return (this.level as unknown as Compactable).compactRange("", "\u{10ffff}");
  }

  /** Waits while it is being opened again: whoever reads meanwhile would find it closed. */
  async ready(): Promise<void> {
    await this.#reopening?.catch(() => undefined);
  }

  /** Once for all who write at the time. */
  #openAgain(): Promise<void> {
    this.#reopening ??= this.#reopen().finally(() => {
      this.#reopening = undefined;
    });
    return this.#reopening;
  }

  async #reopen(): Promise<void> {
    const { bavail, bsize } = await statfs(this.#path);
    if (bavail * bsize < OPENING_BYTES) throw outOfRoom("the index cannot be written");
    await this.level.close();
    await this.level.open();
    for (const reopen of this.#reopeners) await reopen();
    this.#failed = false;
  }
}
