import { open } from "node:fs/promises";

/** Forces a folder's entries (new names, renames) to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
