/** What the inside asks of the outside. Each port has one real adapter and a contract suite in test/contract. */
import type { LogEntry } from "./facts.js";
import type { BlobReference } from "./work.js";

/** Owners that begin so own copies that can be fetched again at any time: `cache:<asset>`. */
export const CACHE_OWNER = "cache:";

/**
 * Owners that begin so own files of which nobody knows what they are for: a new index found them, or the process was
 * killed while they came or went.
 */
export const FOUND_OWNER = "found:";

/** A blob that was held and is not any more, though nobody released it: its file is gone or holds other bytes. */
export interface LostBlob extends BlobReference {
  how: "damaged" | "missing";
  /** Who owned it. */
  owners: string[];
}

/**
 * Bytes named by their SHA-256, each kept as long as somebody owns it. An owner is a string such as `job:<id>`,
 * `asset:<id>` or `cache:<id>`; a blob may have many, and goes with its last.
 */
export interface BlobStore {
  /**
   * Stores a stream: temporary file, hash while writing, fsync, rename, fsync of the folder, index.
   * With `expect`, bytes of another hash or length are CORRUPT and nothing is kept. Aborting keeps nothing. The pieces
   * of the stream must not change after they were given.
   */
  put(
    bytes: AsyncIterable<Uint8Array>,
    owner: string,
    options?: { expect?: BlobReference; signal?: AbortSignal },
  ): Promise<BlobReference>;
  /**
   * Moves a finished file from the scratch folder of the same store, or its folder of uploads, into the store. The file
   * is gone afterwards. `known`: its name and length, from who hashed it while it was written; it is not read again.
   */
  adopt(file: string, owner: string, known?: BlobReference): Promise<BlobReference>;
  /** What is held under a name, or undefined. */
  find(sha256: string): Promise<BlobReference | undefined>;
  /**
   * Absolute path of a held blob's file, for reading only. Its bytes have been compared with the name lately, and the
   * file has not been touched since; `unchecked`, for who compares them anyway: only its length has. It stays for the
   * grace period (about a minute) when the blob is released meanwhile. NOT_FOUND when it is not held: also when it was
   * until now, and turned out to be damaged; a pull brings it back.
   */
  path(sha256: string, options?: { unchecked?: boolean }): Promise<string>;
  /** A small blob's bytes (up to 64 MiB), compared with the name. NOT_FOUND as for `path`. */
  read(sha256: string): Promise<Uint8Array>;
  /** Adds an owner to a held blob; false when it is not held. */
  own(sha256: string, owner: string): Promise<boolean>;
  /**
   * Takes an owner away everywhere. Blobs that nobody owns any more are not held from here on; their files go after the
   * grace period. Returns how many they were.
   */
  release(owner: string): Promise<number>;
  /** Takes an owner away from these blobs alone; those that nobody owns any more are deleted. Returns how many were. */
  disown(blobs: string[], owner: string): Promise<number>;
  /** The owners that begin so, with the time since which each has owned something (milliseconds since 1970). */
  owners(beginning?: string): Promise<{ owner: string; since: number }[]>;
  /** Notes that a copy is used now, for `evict`. Noted in memory, and written down now and then. */
  touch(sha256: string): void;
  /**
   * Lets go of copies that only `cache:` owners own, the least recently used first, until that many bytes have gone or
   * there are no more. What an asset or a job owns is never touched. Returns what went.
   */
  evict(bytes: number): Promise<{ blobs: number; bytes: number }>;
  /** Tells of every blob that is lost, those included that were lost before the first listener came. */
  onLost(listener: (lost: LostBlob) => void): void;
  /** Blobs and bytes held; kept as counters, cheap to ask. */
  totals(): { blobs: number; bytes: number };
  /** A new empty folder on the same file system, for work in progress; emptied whenever the store opens. */
  scratch(): Promise<string>;
}

/** What comparing blobs with their names again takes. */
export interface BlobScrub {
  /** The blobs whose last comparison is the longest ago, longest first; milliseconds since 1970, 0 for never. */
  oldestVerified(limit: number): Promise<{ sha256: string; bytes: number; verifiedAt: number }[]>;
  /** Compares a blob with its name, calling `pause` after each piece; false when it was not held, or is lost now. */
  verify(sha256: string, pause?: (bytes: number) => Promise<void>): Promise<boolean>;
  /** How many blobs were found damaged (other bytes, or another length) and missing since the store opened. */
  findings(): { damaged: number; missing: number };
}

/** An entry of the mesh log as it is kept. */
export interface LogPlace {
  sequence: number;
  bytes: Uint8Array;
}

/** `entry` is absent where it cannot be read, such as a newer version's. */
export interface FollowedEntry extends LogPlace {
  entry?: LogEntry;
}

export interface LogState {
  /** Sequence of the oldest entry that is kept; of the one to come when there is none. */
  first: number;
  /** Sequence of the newest entry; `first - 1` when there is none. */
  last: number;
  /** Tells one founding from another. */
  created: string;
  /** For how long the server that answers has not heard of a majority; milliseconds, 0 where it is one by itself. */
  silentMs: number;
}

/**
 * The mesh log: one totally ordered list of facts that only the holder of the term can extend. It begins with the
 * first entry ever, or with a snapshot in the place of all that came before.
 */
export interface MeshLog {
  /** Undefined when there is no log. UNAVAILABLE when nobody can say. */
  state(signal?: AbortSignal): Promise<LogState | undefined>;
  /**
   * Makes an empty log whose first entry will have that sequence; changes nothing where there is a log. UNAVAILABLE
   * when it may be there or not: try again. Only a log for which this has returned may be given its first entry,
   * which is a snapshot that founds it where it is not the first entry ever: until then it takes no other (UNAVAILABLE).
   */
  found(first: number, signal?: AbortSignal): Promise<void>;
  /**
   * Appends at `after + 1`, and only there: CONFLICT when the log does not end at `after` (somebody else has the term, or
   * it has lost its end), UNAVAILABLE when the outcome is unknown or the log is away; the same entry may then be tried
   * again at the same place. INVALID_INPUT when it is too large. Returns its sequence, from 1. The next entry may be
   * appended before the answer. The log looks at the place alone: what stands behind other entries than its writer had read
   * (since it has lost its end, or since another's entry came where one under way was to be) changes nothing for its
   * readers (src/core/history.ts).
   */
  append(entry: LogEntry, after: number, signal?: AbortSignal): Promise<number>;
  /**
   * Every entry after the one that the reader holds (without one: every entry), those to come included, in order and
   * each once, until the signal; what has come meanwhile comes together. Where entries have been deleted that the reader
   * has not read, a snapshot is the first that comes. It ends with an error when there is nothing more to follow:
   *   CONFLICT   the log does not hold the reader's entry: it was replaced, or has lost its end
   *   NOT_FOUND  there is no log, or an empty one that has had entries or should have
   *   CORRUPT    entries have been deleted and no snapshot stands in their place
   * An outage is waited out.
   */
  follow(held: LogPlace | undefined, signal: AbortSignal): AsyncIterable<FollowedEntry[]>;
  /**
   * Whether an entry stands as it was read; also when it has been truncated away. UNAVAILABLE when nobody can say, as
   * while the log is being made anew.
   */
  holds(place: LogPlace, signal?: AbortSignal): Promise<boolean>;
  /** Deletes the entries before that sequence. ENVIRONMENT when the log was made so that it cannot be. */
  truncate(before: number, signal?: AbortSignal): Promise<void>;
}

/** Where a copy of the mesh log begins: the state after that entry is in the blob. */
export interface LogBase {
  sequence: number;
  snapshot: BlobReference;
}

/** This node's copy of the mesh log, from which a lost or wiped log can be put back. */
export interface LogCopy {
  /** Undefined when the copy begins with the first entry ever. */
  base(): Promise<LogBase | undefined>;
  /**
   * Writes an entry at its sequence. Writing the same bytes again is fine. CONFLICT when other bytes stand there, or
   * when the entry before it is missing. The entry survives this process at once, and a power cut a moment later: a
   * reader of the log may need to write thousands in a row. Those that wait at the same time are written together.
   */
  append(sequence: number, bytes: Uint8Array): Promise<void>;
  /** Resolves when everything that was appended before is on the disk; calls that wait at the same time share one wait. */
  flush(): Promise<void>;
  /** The entries from a sequence on, in order, as they stand when reading begins. */
  read(from: number): AsyncIterable<LogPlace>;
  /** The newest entry. */
  newest(): Promise<LogPlace | undefined>;
  /**
   * The copy begins after the base; the room of the entries up to it is given back in time. This and the next two are done
   * as a whole, and on the disk, or not at all.
   */
  truncate(base: LogBase): Promise<void>;
  /** Takes the place of all that was copied; `remembers`, a snapshot of what is replaced, is added to `remembered`. */
  replace(base: LogBase | undefined, entries: LogPlace[], remembers?: BlobReference): Promise<void>;
  forget(): Promise<void>;
  /** Snapshots of what this node knew when its log was replaced, until it forgets them. */
  remembered(): Promise<BlobReference[]>;
}

/** Time and chance. Whoever waits or tells the time does it through this, so that a simulation can drive it. */
export interface Clock {
  /** Milliseconds of a clock that never goes back. */
  now(): number;
  /** Milliseconds since 1970; for people, no decision rests on it. */
  wallClock(): number;
  /** From 0 to 1. */
  random(): number;
  newId(): string;
  /** Resolves after that time, or at once when the signal fires; never rejects. 0: when all that waits had its turn. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Does something at that interval until the function that it returns is called. */
  every(ms: number, action: () => void): () => void;
}
