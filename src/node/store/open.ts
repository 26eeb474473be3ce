/** Opens a data folder: blobs, the copy of the mesh log and the settings, over one LevelDB. */

import type { BlobScrub, BlobStore, LogCopy } from "../../core/ports.js";
import { BlobFiles } from "./blob-files.js";
import { BlobIndex } from "./blob-index.js";
import { FileBlobStore } from "./blob-store.js";
import { Durability } from "./database.js";
import { storeError } from "./errors.js";
import { prepareFolder } from "./folder.js";
import { openLogCopy } from "./log-copy.js";
import { openIndex } from "./open-index.js";
import { openSettings, type Settings } from "./settings.js";
import { type AtStep, noStep } from "./step.js";

export interface Store {
  blobs: BlobStore & BlobScrub;
  log: LogCopy;
  settings: Settings;
  /** Folder on the same file system for what arrives from outside; what is in it stays over restarts. */
  uploads: string;
  /** Why the index was begun anew at this opening; undefined when it was not. */
  damage: string | undefined;
  /** Stops what is being stored, waits for it and frees the folder. Safe to call again. */
  close(): Promise<void>;
}

export interface StoreOptions {
  /** Milliseconds for which the file of a blob that is not held any more stays. Default: a minute. */
  graceMs?: number;
  /** Bytes that blobs may have together. Default: what the disk has. */
  quota?: number;
  /** Is told of each step of the write path, which goes on when it resolves. */
  atStep?: AtStep;
}

const GRACE_MS = 60_000;

/**
 * Opens or makes a data folder. An index that is damaged or gone is begun anew from the files and the copy of the
 * settings; the copy of the mesh log is then empty. ENVIRONMENT when the folder is in use by another process, of a newer
 * version, not writable, not a folder, somebody else's, or its disk is full.
 */
export async function openStore(folder: string, options: StoreOptions = {}): Promise<Store> {
  const { graceMs = GRACE_MS, quota = Number.POSITIVE_INFINITY, atStep = noStep } = options;
  const parts = await prepareFolder(folder);
  const rethrow = (thrown: unknown): never => {
    throw storeError(thrown, parts.root);
  };
  const files = new BlobFiles(parts, atStep);
  // The lock of LevelDB comes before anything is emptied or removed.
  const isUsed = async () => (await files.list().next()).done !== true;
  const { database, tables, damage } = await openIndex(parts, isUsed, atStep).catch(rethrow);
  try {
    const durability = new Durability(() => database.sync());
    const settings = await openSettings(tables, parts);
    const index = new BlobIndex(tables);
    const blobs = await FileBlobStore.open({ folder: parts.root, files, index, durability, graceMs, quota, atStep });
    const log = openLogCopy(tables, durability, parts.root);
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => (closed ??= blobs.close().then(() => database.close()));
    return { blobs, log, settings, uploads: parts.uploads, damage, close };
  } catch (thrown) {
    await database.close().catch(() => undefined);
    return rethrow(thrown);
  }
}
