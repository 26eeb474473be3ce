/** The adapter of the port LogCopy: entries and where they begin in the data folder's LevelDB. */
import { setTimeout as delay } from "node:timers/promises";
import { ReelmeshError } from "../../core/errors.js";
import { leading } from "../../core/leading.js";
import type { LogBase, LogCopy, LogPlace } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";
import type { Durability } from "./database.js";
import { storeError } from "./errors.js";
import { Mutex } from "./mutex.js";
import type { Change, Tables } from "./tables.js";

/** Keys of what is kept beside the entries. */
const BASE = "base";
const REMEMBERED = "remembered";
/** Entries that one step after a truncation drops: some milliseconds. */
const DROPPED = 100;
/** Between two such steps: all together would hold up everything else in this process. */
const PAUSE_MS = 50;

/** An entry that is to be written. */
interface Asked extends LogPlace {
  resolve(): void;
  reject(reason: unknown): void;
}

export function openLogCopy(tables: Tables, durability: Durability, folder: string): LogCopy {
  const entries = tables.bytes("log");
  const notes = tables.text("log-notes");
  const mutex = new Mutex();
  const rethrow = (thrown: unknown): never => {
    throw storeError(thrown, folder);
  };
  const alone = <T>(task: () => Promise<T>) => mutex.run(task).catch(rethrow);

  async function newest(): Promise<LogPlace | undefined> {
    const [row] = await entries.rows({ gt: keyOf(await begins()), reverse: true, limit: 1 }).all();
    return row === undefined ? undefined : { sequence: sequenceOf(row[0]), bytes: row[1] };
  }

  /** Sequence of the newest entry, once it was looked up; this is the only writer. */
  let known: number | undefined;

  async function end(): Promise<number> {
    const [key] = await entries.keys({ reverse: true, limit: 1 }).all();
    return Math.max(await begins(), key === undefined ? 0 : sequenceOf(key));
  }

  const waiting: Asked[] = [];

  /** Once for all that wait: a write costs the same for one as for many. */
  async function writeWaiting(): Promise<void> {
    known ??= await end();
    const asked = waiting.splice(0);
    while (asked.length > 0) {
      const last = known;
      const next = leading(asked, ({ sequence }, place) => sequence === last + 1 + place);
      const run = asked.splice(0, Math.max(1, next.length));
      const written = next.length === 0 ? compare(run[0] as Asked, last) : write(run);
      const failure = await written.then(
        () => undefined,
        (thrown: unknown) => ({ thrown }),
      );
      for (const { resolve, reject } of run) failure === undefined ? resolve() : reject(failure.thrown);
    }
  }

  /** Where the copy ends cannot be read. */
  function rejectWaiting(thrown: unknown): void {
    for (const { reject } of waiting.splice(0)) reject(thrown);
  }

  async function write(run: LogPlace[]): Promise<void> {
    await tables.commit(run.map(({ sequence, bytes }) => entries.add(keyOf(sequence), bytes)));
    known = run.at(-1)?.sequence;
  }

  /** What does not come next is fine when it stands there. */
  async function compare({ sequence, bytes }: LogPlace, last: number): Promise<void> {
    const present = sequence > last ? undefined : await entries.get(keyOf(sequence));
    if (present === undefined) {
      const message = `this node's copy of the mesh log ends at ${last} and cannot take entry ${sequence}; read the log from ${last + 1}`;
      throw new ReelmeshError("CONFLICT", message);
    }
    if (Buffer.compare(present, bytes) === 0) return;
    const message = `entry ${sequence} of the mesh log is not the one in this node's copy in ${folder}`;
    throw new ReelmeshError("CONFLICT", message);
  }

  const noted = async (key: string): Promise<unknown> => {
    const text = await notes.get(key);
    return text === undefined ? undefined : JSON.parse(text);
  };
  const base = async () => (await noted(BASE)) as LogBase | undefined;
  /** Sequence after which the copy begins; a crash may have left entries before. */
  const begins = async () => (await base())?.sequence ?? 0;
  const remembered = async () => ((await noted(REMEMBERED)) ?? []) as BlobReference[];

  /** Some of the entries before the base; true while there may be more. */
  async function dropBefore({ sequence }: LogBase): Promise<boolean> {
    if ((await begins()) !== sequence) return false;
    const old = await entries.rows({ lte: keyOf(sequence), limit: DROPPED }).all();
    await tables.commit(old.map(([key, bytes]) => entries.drop(key, bytes)));
    return old.length === DROPPED;
  }

  /** Nothing waits for it. What is left, by a failure or an end of the process, the next truncation drops. */
  async function dropOld(begin: LogBase): Promise<void> {
    while (await alone(() => dropBefore(begin))) await delay(PAUSE_MS, undefined, { ref: false });
  }

  const note = (key: string, value: unknown): Change =>
    value === undefined ? notes.del(key) : notes.put(key, JSON.stringify(value));
  const addition = ({ sequence, bytes }: LogPlace) => entries.put(keyOf(sequence), bytes);
  const commit = (changes: Change[]) => tables.commit(changes, true);

  return {
    base: () => base().catch(rethrow),
    remembered: () => remembered().catch(rethrow),
    newest: () => newest().catch(rethrow),
    async append(sequence, bytes) {
      const written = new Promise<void>((resolve, reject) => waiting.push({ sequence, bytes, resolve, reject }));
      if (waiting.length === 1) mutex.run(writeWaiting).catch(rejectWaiting);
      await written.catch(rethrow);
      // A disk without room refuses the next append too, which tells of it.
      durability.flush().catch(() => undefined);
    },
    flush: () => durability.flush().catch(rethrow),
    async *read(from) {
      try {
        const first = Math.max(from, (await begins()) + 1);
        for await (const [key, bytes] of entries.rows({ gte: keyOf(first) })) {
          yield { sequence: sequenceOf(key), bytes };
        }
      } catch (thrown) {
        throw storeError(thrown, folder);
      }
    },
    async truncate(begin) {
      await alone(() => {
        known = undefined;
        return commit([note(BASE, begin)]);
      });
      dropOld(begin).catch(() => undefined);
    },
    replace: (begin, places, remembers) =>
      alone(async () => {
        known = undefined;
        const old = await entries.keys().all();
        const beyond = remembers === undefined ? [] : [note(REMEMBERED, [...(await remembered()), remembers])];
        const added = new Set(places.map(({ sequence }) => sequence));
        const gone = old.filter((key) => !added.has(sequenceOf(key))).map((key) => entries.del(key));
        await commit([note(BASE, begin), ...beyond, ...gone, ...places.map(addition)]);
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
