/** What the inside asks of the outside. Each port has one real adapter and a contract suite in test/contract. */
import type { LogEntry } from "./facts.js";
import type { BlobReference } from "./work.js";

/**
 * Bytes named by their SHA-256, each kept as long as somebody owns it. An owner is a string such as `job:<id>` or
 * `asset:<id>`; a blob may have many, and goes with its last.
 */
export interface BlobStore {
  /**
   * Stores a stream: temporary file, hash while writing, fsync, rename, fsync of the folder, index.
   * With `expect`, bytes of another hash or length are CORRUPT and nothing is kept. Aborting keeps nothing.
   */
  put(
    bytes: AsyncIterable<Uint8Array>,
    owner: string,
    options?: { expect?: BlobReference; signal?: AbortSignal },
  ): Promise<BlobReference>;
  /** Moves a finished file from the scratch folder of the same store into the store. The file is gone afterwards. */
  adopt(file: string, owner: string): Promise<BlobReference>;
  /** What is held under a name, or undefined. */
  find(sha256: string): Promise<BlobReference | undefined>;
  /** Absolute path of a held blob's file, for reading only. NOT_FOUND when it is not held. */
  path(sha256: string): Promise<string>;
  /** A small blob's bytes (up to 64 MiB), checked against the name. NOT_FOUND, CORRUPT. */
  read(sha256: string): Promise<Uint8Array>;
  /** Adds an owner to a held blob; false when it is not held. */
  own(sha256: string, owner: string): Promise<boolean>;
  /** Takes an owner away everywhere; blobs that nobody owns any more are deleted. Returns how many were. */
  release(owner: string): Promise<number>;
  /** Every owner, with the time since which it has owned something (milliseconds since 1970). */
  owners(): Promise<{ owner: string; since: number }[]>;
  /** Blobs and bytes held; kept as counters, cheap to ask. */
  totals(): { blobs: number; bytes: number };
  /** A new empty folder on the same file system, for work in progress; emptied whenever the store opens. */
  scratch(): Promise<string>;
}

export interface FollowedEntry {
  sequence: number;
  bytes: Uint8Array;
  entry?: LogEntry;
}

/** The mesh log: one totally ordered list of facts that only the holder of the term can extend. */
export interface MeshLog {
  /**
   * Appends at `after + 1`, and only there: CONFLICT when the log has gone on (somebody else has the term),
   * UNAVAILABLE when the outcome is unknown or the log is away; the same entry may then be tried again at the same
   * place. INVALID_INPUT when it is too large. Returns its sequence, from 1.
   */
  append(entry: LogEntry, after: number, signal?: AbortSignal): Promise<number>;
  /**
   * Every entry from the sequence on, those to come included, in order and each once, until the signal. The bytes are
   * the entry as it is kept; one that cannot be read, such as a newer version's, comes without `entry`.
   */
  follow(from: number, signal: AbortSignal): AsyncIterable<FollowedEntry>;
  /** Sequence of the newest entry; 0 when there is none. */
  last(signal?: AbortSignal): Promise<number>;
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
  /** Resolves after that time, or at once when the signal fires; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Does something at that interval until the function that it returns is called. */
  every(ms: number, action: () => void): () => void;
}
