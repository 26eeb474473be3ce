/** This node's copy of the mesh log, from which a lost or wiped log can be put back. */
import { ReelmeshError } from "../../core/errors.js";
import type { Database, Durability } from "./database.js";
import { storeError } from "./errors.js";
import { Mutex } from "./mutex.js";

export interface LogCopy {
  /**
   * Writes an entry (a protobuf-encoded LogEntry) at its sequence, from 1. Writing the same bytes again is fine.
   * CONFLICT when other bytes stand there, or when the entry before it is missing. The entry survives this process
   * at once, and a power cut a moment later: a reader of the log may need to write thousands in a row.
   */
  append(sequence: number, bytes: Uint8Array): Promise<void>;
  /** The entries from a sequence on, in order, as they stand when reading begins. */
  read(from: number): AsyncIterable<{ sequence: number; bytes: Uint8Array }>;
  /** Sequence of the newest entry; 0 when there is none. */
  last(): Promise<number>;
}

export function openLogCopy(database: Database, durability: Durability, folder: string): LogCopy {
  const entries = database.sublevel<Uint8Array, Uint8Array>("log", { keyEncoding: "view", valueEncoding: "view" });
  const mutex = new Mutex();

  async function last(): Promise<number> {
    const [key] = await entries.keys({ reverse: true, limit: 1 }).all();
    return key === undefined ? 0 : sequenceOf(key);
  }

  async function write(sequence: number, bytes: Uint8Array): Promise<void> {
    const newest = await last();
    if (sequence > newest + 1) {
      const message = `this node's copy of the mesh log ends at ${newest} and cannot take entry ${sequence}; read the log from ${newest + 1}`;
      throw new ReelmeshError("CONFLICT", message);
    }
    if (sequence === newest + 1) return entries.put(keyOf(sequence), bytes);
    const present = await entries.get(keyOf(sequence));
    if (present === undefined || Buffer.compare(present, bytes) !== 0) {
      const message = `entry ${sequence} of the mesh log is not the one in this node's copy in ${folder}: this data folder belongs to another mesh, or the log was lost and begun again`;
      throw new ReelmeshError("CONFLICT", message);
    }
  }

  return {
    async append(sequence, bytes) {
      try {
        await mutex.run(() => write(sequence, bytes));
      } catch (thrown) {
        throw storeError(thrown, folder);
      }
      // LevelDB refuses every later write once one has failed, so the next append tells of it.
      durability.flush().catch(() => undefined);
    },
    async *read(from) {
      try {
        for await (const [key, bytes] of entries.iterator({ gte: keyOf(from) })) {
          yield { sequence: sequenceOf(key), bytes };
        }
      } catch (thrown) {
        throw storeError(thrown, folder);
      }
    },
    last: () => last().catch((thrown: unknown) => Promise.reject(storeError(thrown, folder))),
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
