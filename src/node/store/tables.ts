/**
 * The tables of a data folder's LevelDB. Each has a tally, written with every change: how many rows it has, and the
 * exclusive or of the rows' checksums. LevelDB was seen to open with rows missing after damage, and it does not compare
 * the checksums of its blocks when it reads: a table that is not what its tally says has been damaged.
 */
import { crc32 } from "node:zlib";
import { mix } from "../../core/mix.js";
import type { Database, LevelDb, LevelWrite } from "./database.js";
import { Mutex } from "./mutex.js";

/** Text, or bytes where the encoding is "view". */
type Cell = string | Uint8Array;

export interface Tally {
  rows: number;
  /**
   * Exclusive or of the rows' checksums, each the CRC-32 of key and value, mixed. A CRC-32 alone is linear: a bit that
   * flips in what Snappy repeats changes two rows, and their checksums, alike, and the exclusive or not at all.
   */
  checksum: number;
}

export interface Range<K> {
  gt?: K;
  gte?: K;
  lt?: K;
  lte?: K;
  limit?: number;
  reverse?: boolean;
}

/** What a range holds, one after the other or all at once. */
type Listed<T> = AsyncIterable<T> & { all(): Promise<T[]> };

/** A row to be written, or to be removed where there is no value; made by the table. */
export interface Change {
  table: Table<Cell>;
  key: Cell;
  value: Cell | undefined;
  /** What stands at the key now, as the caller knows: it need not be looked for. */
  before?: { value: Cell | undefined };
}

function rowsOf<T extends Cell>(level: LevelDb, name: string, encoding: "utf8" | "view") {
  return level.sublevel<T, T>(name, { keyEncoding: encoding, valueEncoding: encoding });
}

/** A table for reading; all changes go through Tables. */
export class Table<T extends Cell> {
  readonly name: string;
  readonly #database: Database;
  readonly #rows: ReturnType<typeof rowsOf<T>>;

  constructor(database: Database, name: string, encoding: "utf8" | "view") {
    this.#database = database;
    this.name = name;
    this.#rows = rowsOf<T>(database.level, name, encoding);
    database.onReopen(() => this.#rows.open());
  }

  /**
   * Reads in place: a row that LevelDB or the system has in memory, as most are, took 2 us so, and 49 us by way of another
   * thread, of which a blob that comes from another node needs seven.
   */
  async get(key: T): Promise<T | undefined> {
    await this.#database.ready();
    return this.#rows.getSync(key);
  }

  async getMany(keys: T[]): Promise<(T | undefined)[]> {
    await this.#database.ready();
    return keys.map((key) => this.#rows.getSync(key));
  }

  keys(range: Range<T> = {}): Listed<T> {
    return this.#listed(() => this.#rows.keys(range));
  }

  rows(range: Range<T> = {}): Listed<[T, T]> {
    return this.#listed(() => this.#rows.iterator(range));
  }

  #listed<R>(begin: () => Listed<R>): Listed<R> {
    const database = this.#database;
    return {
      async all() {
        await database.ready();
        return begin().all();
      },
      async *[Symbol.asyncIterator]() {
        await database.ready();
        yield* begin();
      },
    };
  }

  put(key: T, value: T): Change {
    return { table: this as unknown as Table<Cell>, key, value };
  }

  /** A row at a key where none stands, as the caller knows. */
  add(key: T, value: T): Change {
    return { before: { value: undefined }, ...this.put(key, value) };
  }

  del(key: T): Change {
    return { table: this as unknown as Table<Cell>, key, value: undefined };
  }

  /** Removes a row that the caller has read. */
  drop(key: T, value: T): Change {
    return { before: { value }, ...this.del(key) };
  }

  /** One operation of a batch on the whole LevelDB. */
  write(key: T, value: T | undefined): LevelWrite {
    const sublevel = this.#rows;
    const write = value === undefined ? { type: "del", sublevel, key } : { type: "put", sublevel, key, value };
    // The types of level know one type of key a database; the sublevel encodes its own.
    return write as unknown as LevelWrite;
  }
}

export class Tables {
  readonly #database: Database;
  readonly #tallies: Table<string>;
  readonly #known = new Map<string, Tally>();
  readonly #opened = new Map<string, Table<Cell>>();
  readonly #alone = new Mutex();

  private constructor(database: Database) {
    this.#database = database;
    this.#tallies = new Table(database, "tallies", "utf8");
  }

  static async open(database: Database): Promise<Tables> {
    const tables = new Tables(database);
    for (const [name, text] of await tables.#tallies.rows().all()) {
      const tally = JSON.parse(text) as Partial<Tally>;
      if (tally.checksum !== undefined) tables.#known.set(name, tally as Tally);
    }
    return tables;
  }

  text(name: string): Table<string> {
    return this.#table(name, "utf8") as unknown as Table<string>;
  }

  bytes(name: string): Table<Uint8Array> {
    return this.#table(name, "view") as unknown as Table<Uint8Array>;
  }

  #table(name: string, encoding: "utf8" | "view"): Table<Cell> {
    const table = this.#opened.get(name) ?? new Table<Cell>(this.#database, name, encoding);
    this.#opened.set(name, table);
    return table;
  }

  /**
   * Reads every row of the tables that are in use, and says which are not what their tally says. Where no table has a
   * tally yet, in an earlier version's folder, each is given one.
   */
  async check(): Promise<string[]> {
    const wrong: string[] = [];
    const isEarlier = this.#known.size === 0;
    for (const [name, table] of this.#opened) {
      const found = await count(table);
      const known = this.#known.get(name);
      if (known === undefined && (isEarlier || found.rows === 0)) await this.#begin(name, found);
      else if (known === undefined)
        wrong.push(`${name} has ${found.rows} rows, and nobody knows how many were written`);
      else if (known.rows !== found.rows || known.checksum !== found.checksum) {
        wrong.push(`${name} has ${found.rows} rows, and ${known.rows} were written`);
      }
    }
    return wrong;
  }

  async #begin(name: string, tally: Tally): Promise<void> {
    this.#known.set(name, tally);
    await this.#database.write([this.#tallies.write(name, JSON.stringify(tally))]);
  }

  /** Makes changes as a whole or not at all. Each row may stand in them once. `sync`: durable when it returns. */
  commit(changes: Change[], sync = false): Promise<void> {
    return this.#alone.run(async () => {
      if (changes.length === 0) return;
      const tallies = await this.#tallied(changes);
      const written = [...tallies].map(([name, tally]) => this.#tallies.write(name, JSON.stringify(tally)));
      await this.#database.write(
        [...changes.map(({ table, key, value }) => table.write(key, value)), ...written],
        sync,
      );
      for (const [name, tally] of tallies) this.#known.set(name, tally);
    });
  }

  /** The tallies of the tables after the changes. */
  async #tallied(changes: Change[]): Promise<Map<string, Tally>> {
    const tallies = new Map<string, Tally>();
    for (const [table, own] of byTable(changes)) {
      const tally = { ...(this.#known.get(table.name) ?? { rows: 0, checksum: 0 }) };
      const unread = own.filter(({ before }) => before === undefined).map(({ key }) => key);
      const read = unread.length === 0 ? [] : await table.getMany(unread);
      for (const [place, key] of unread.entries()) take(tally, key, read[place]);
      for (const { key, value, before } of own) {
        take(tally, key, before?.value);
        if (value !== undefined) add(tally, 1, key, value);
      }
      tallies.set(table.name, tally);
    }
    return tallies;
  }
}

function byTable(changes: Change[]): Map<Table<Cell>, Change[]> {
  const tables = new Map<Table<Cell>, Change[]>();
  for (const change of changes) {
    const own = tables.get(change.table) ?? [];
    own.push(change);
    tables.set(change.table, own);
  }
  return tables;
}

async function count(table: Table<Cell>): Promise<Tally> {
  const tally = { rows: 0, checksum: 0 };
  for await (const [key, value] of table.rows()) add(tally, 1, key, value);
  return tally;
}

function take(tally: Tally, key: Cell, value: Cell | undefined): void {
  if (value !== undefined) add(tally, -1, key, value);
}

function add(tally: Tally, rows: number, key: Cell, value: Cell): void {
  tally.rows += rows;
  tally.checksum = (tally.checksum ^ mix(crc32(value, crc32(key)))) >>> 0;
}
