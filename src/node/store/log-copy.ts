/** The adapter of the port LogCopy: entries and where they begin in the data folder's LevelDB. */
import { ReelmeshError } from "../../core/errors.js";
import type { LogBase, LogCopy, LogPlace } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import type { BatchOperation, Database, Durability } from "./database.js";
import { storeError } from "./errors.js";
import { Mutex } from "./mutex.js";

/** Keys of what is kept beside the entries. */
const BASE = "base";
const REMEMBERED = "remembered";

export function openLogCopy(database: Database, durability: Durability, folder: string): LogCopy {
  const entries = database.sublevel<Uint8Array, Uint8Array>("log", { keyEncoding: "view", valueEncoding: "view" });
  const notes = database.sublevel<string, unknown>("log-notes", { valueEncoding: "json" });
  const mutex = new Mutex();
  const rethrow = (thrown: unknown): never => {
    throw storeError(thrown, folder);
  };
  const alone = <T>(task: () => Promise<T>) => mutex.run(task).catch(rethrow);

  async function newest(): Promise<LogPlace | undefined> {
    const [row] = await entries.iterator({ reverse: true, limit: 1 }).all();
    return row === undefined ? undefined : { sequence: sequenceOf(row[0]), bytes: row[1] };
  }

  /** Sequence of the newest entry, once it was looked up; this is the only writer. */
  let known: number | undefined;

  async function end(): Promise<number> {
    const [key] = await entries.keys({ reverse: true, limit: 1 }).all();
    return key === undefined ? ((await base())?.sequence ?? 0) : sequenceOf(key);
  }

  async function write(sequence: number, bytes: Uint8Array): Promise<void> {
    known ??= await end();
    const last = known;
    if (sequence === last + 1) {
      await entries.put(keyOf(sequence), bytes);
      known = sequence;
      return;
    }
    const present = sequence > last ? undefined : await entries.get(keyOf(sequence));
    if (present === undefined) {
      const message = `this node's copy of the mesh log ends at ${last} and cannot take entry ${sequence}; read the log from ${last + 1}`;
      throw new ReelmeshError("CONFLICT", message);
    }
    if (Buffer.compare(present, bytes) === 0) return;
    const message = `entry ${sequence} of the mesh log is not the one in this node's copy in ${folder}`;
    throw new ReelmeshError("CONFLICT", message);
  }

  const base = async () => (await notes.get(BASE)) as LogBase | undefined;
  const remembered = async () => ((await notes.get(REMEMBERED)) ?? []) as BlobReference[];

  const note = (key: string, value: unknown): BatchOperation =>
    value === undefined ? { type: "del", sublevel: notes, key } : { type: "put", sublevel: notes, key, value };
  // The types of level know one type of key a database; the sublevel encodes its own.
  const removal = (key: Uint8Array) => ({ type: "del", sublevel: entries, key }) as unknown as BatchOperation;
  const addition = ({ sequence, bytes: value }: LogPlace) =>
    ({ type: "put", sublevel: entries, key: keyOf(sequence), value }) as unknown as BatchOperation;
  const commit = (operations: BatchOperation[]) => database.batch(operations, { sync: true });

  return {
    base: () => base().catch(rethrow),
    remembered: () => remembered().catch(rethrow),
    newest: () => newest().catch(rethrow),
    async append(sequence, bytes) {
      await alone(() => write(sequence, bytes));
      // LevelDB refuses every later write once one has failed, so the next append tells of it.
      durability.flush().catch(() => undefined);
    },
    flush: () => durability.flush().catch(rethrow),
    async *read(from) {
      try {
        for await (const [key, bytes] of entries.iterator({ gte: keyOf(from) })) {
          yield { sequence: sequenceOf(key), bytes };
        }
      } catch (thrown) {
        throw storeError(thrown, folder);
      }
    },
    truncate: (begin) =>
      alone(async () => {
        known = undefined;
        const old = await entries.keys({ lte: keyOf(begin.sequence) }).all();
        await commit([note(BASE, begin), ...old.map(removal)]);
      }),
    replace: (begin, places, remembers) =>
      alone(async () => {
        known = undefined;
        const old = await entries.keys().all();
        const beyond = remembers === undefined ? [] : [note(REMEMBERED, [...(await remembered()), remembers])];
        await commit([note(BASE, begin), ...beyond, ...old.map(removal), ...places.map(addition)]);
      }),
    forget: () => alone(() => commit([note(REMEMBERED, undefined)])),
  };
}

/** Big-endian, so that LevelDB's order of keys is the order of sequences. */
function keyOf(sequence: number): Uint8Array {
  const key = new Uint8Array(8);
  new DataView(key.buffer).setBigUint64(0, BigInt(sequence));
  return key;
}

function sequenceOf(key: Uint8Array): number {
  return Number(new DataView(key.buffer, key.byteOffset, key.byteLength).getBigUint64(0));
}
