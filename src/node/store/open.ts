/** Opens a data folder: blobs, the copy of the mesh log and the settings, over one LevelDB. */

import { ReelmeshError } from "../../core/errors.js";
import type { BlobStore, LogCopy } from "../../core/ports.js";
import { BlobFiles } from "./blob-files.js";
import { BlobIndex } from "./blob-index.js";
import { FileBlobStore } from "./blob-store.js";
import { Durability, openDatabase } from "./database.js";
import { storeError } from "./errors.js";
import { prepareFolder } from "./folder.js";
import { openLogCopy } from "./log-copy.js";
import { openSettings, type Settings } from "./settings.js";

export interface Store {
  blobs: BlobStore;
  log: LogCopy;
  settings: Settings;
  /** Folder on the same file system for what arrives from outside; what is in it stays over restarts. */
  uploads: string;
  /** Stops what is being stored, waits for it and frees the folder. Safe to call again. */
  close(): Promise<void>;
}

/** A setting that every index has, so that one that was lost and begun anew is told apart. */
const MARK = "store.begun";

/**
 * Opens or makes a data folder. ENVIRONMENT when it is in use by another process, of a newer version, not writable,
 * not a folder, somebody else's, or has lost its index.
 */
export async function openStore(folder: string): Promise<Store> {
  const parts = await prepareFolder(folder);
  const rethrow = (thrown: unknown): never => {
    throw storeError(thrown, parts.root);
  };
  // The lock of LevelDB comes before anything is emptied or removed.
  const { database, close: closeDatabase } = await openDatabase(parts.index).catch(rethrow);
  try {
    const durability = new Durability(database);
    const settings = openSettings(database, parts.root);
    const files = new BlobFiles(parts);
    await checkIndex(settings, files, parts.root);
    const blobs = await FileBlobStore.open({
      folder: parts.root,
      files,
      index: new BlobIndex(database),
      durability,
    });
    const log = openLogCopy(database, durability, parts.root);
    let closed: Promise<void> | undefined;
    const close = (): Promise<void> => (closed ??= blobs.close().then(closeDatabase));
    return { blobs, log, settings, uploads: parts.uploads, close };
  } catch (thrown) {
    await closeDatabase().catch(() => undefined);
    return rethrow(thrown);
  }
}

/** Without this, a folder whose index was deleted would have every blob removed as one that nobody entered. */
async function checkIndex(settings: Settings, files: BlobFiles, folder: string): Promise<void> {
  if ((await settings.get(MARK)) !== undefined) return;
  const first = await files.list().next();
  if (first.done !== true) {
    const message = `the data folder ${folder} holds blobs and its index is empty; put the folder "index" back, or move "blobs" away to start empty`;
    throw new ReelmeshError("ENVIRONMENT", message);
  }
  await settings.put(MARK, true);
}
