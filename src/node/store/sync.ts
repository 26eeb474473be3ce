import { closeSync } from "node:fs";
import { opened, synced } from "../file-calls.js";

/** Forces a folder's entries (new names, renames) to the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const descriptor = await opened(folder, "r");
  try {
    await synced(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
