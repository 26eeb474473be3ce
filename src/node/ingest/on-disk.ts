/** What the file system refuses to do for an arrival, in words that help whoever sends it. */
import { ReelmeshError } from "../../core/errors.js";

/** ENVIRONMENT in the place of what the file system throws. */
export async function onDisk<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    const full = code === "ENOSPC" || code === "EDQUOT";
    const reason = full ? "no room is left on the disk; free some and go on with the upload" : message;
    throw new ReelmeshError("ENVIRONMENT", `${file} cannot be written: ${reason}`, { cause });
  }
}
