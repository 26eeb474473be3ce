/** Translates what the file system and LevelDB throw, once, at the edge of the store. */
import { ReelmeshError } from "../../core/errors.js";

/** A thrown value of the file system or of LevelDB as a ReelmeshError that says what to do in this data folder. */
export function storeError(thrown: unknown, folder: string): ReelmeshError {
  if (thrown instanceof ReelmeshError) return thrown;
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new ReelmeshError(isClosed(cause) ? "ABORTED" : "ENVIRONMENT", describe(cause, folder), { cause });
}

/** The `code` of a Node.js or LevelDB error, looking through one layer of cause. */
export function errorCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === "LEVEL_DATABASE_NOT_OPEN" && thrown.cause !== undefined) return errorCode(thrown.cause);
  return code;
}

function isClosed(error: Error): boolean {
  return ["LEVEL_DATABASE_NOT_OPEN", "LEVEL_ITERATOR_NOT_OPEN"].includes(errorCode(error) ?? "");
}

function describe(error: Error, folder: string): string {
  switch (errorCode(error)) {
    case "LEVEL_LOCKED":
      return `the data folder ${folder} is in use by another reelmesh; stop that one or name another folder with --data`;
    case "LEVEL_DATABASE_NOT_OPEN":
    case "LEVEL_ITERATOR_NOT_OPEN":
      return `the store in ${folder} is closed`;
    case "LEVEL_CORRUPTION":
      return `the index of the data folder ${folder} is damaged (${error.message}); move the folder away and start with an empty one`;
    case "ENOSPC":
    case "EDQUOT":
      return `no room on the disk of the data folder ${folder}; free some space or raise the quota, then try again`;
    case "EACCES":
    case "EPERM":
      return `no permission in the data folder ${folder} (${error.message}); give this user the right to write there`;
    case "EROFS":
      return `the data folder ${folder} is on a read-only file system; name another folder with --data`;
    case "ENOTDIR":
    case "EEXIST":
      return `a file stands where the data folder ${folder} should be (${error.message}); name another folder with --data`;
    default:
      return `the data folder ${folder} cannot be used: ${error.message}`;
  }
}
