/** Translates what the file system and LevelDB throw, once, at the edge of the store. */
import { lacksRoom } from "../../core/disk-room.js";
import { ReelmeshError } from "../../core/errors.js";

/** What LevelDB says of the system under it, in the C library's words; it has no codes for these. */
const SYSTEM: [RegExp, string][] = [
  [/No space left on device/, "ENOSPC"],
  [/Disk quota exceeded/, "EDQUOT"],
  [/Permission denied|Operation not permitted/, "EACCES"],
  [/Read-only file system/, "EROFS"],
  [/Too many open files/, "EMFILE"],
  [/Cannot allocate memory/, "ENOMEM"],
];

/** A thrown value of the file system or of LevelDB as a ReelmeshError that says what to do in this data folder. */
export function storeError(thrown: unknown, folder: string): ReelmeshError {
  if (thrown instanceof ReelmeshError) return thrown;
  const cause = thrown instanceof Error ? thrown : new Error(String(thrown));
  const code = errorCode(cause);
  // Whoever looks for the cause finds the system's code, also where LevelDB has hidden it.
  const named = code === undefined || code === (cause as NodeJS.ErrnoException).code ? cause : withCode(cause, code);
  return new ReelmeshError(isClosed(cause) ? "ABORTED" : "ENVIRONMENT", describe(cause, folder), { cause: named });
}

/** The `code` of a Node.js or LevelDB error, looking through one layer of cause. */
export function errorCode(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const { code } = thrown as NodeJS.ErrnoException;
  if (code === "LEVEL_DATABASE_NOT_OPEN" && thrown.cause !== undefined) return errorCode(thrown.cause);
  if (code !== undefined && !code.startsWith("LEVEL_")) return code;
  return SYSTEM.find(([words]) => words.test(thrown.message))?.[1] ?? code;
}

/** True when LevelDB was stopped by the system under it, or by another that has it open: the index itself may be sound. */
export function isEnvironment(thrown: unknown): boolean {
  const code = errorCode(thrown) ?? "";
  return code === "LEVEL_LOCKED" || SYSTEM.some(([, known]) => known === code);
}

/** For what may fail on a full disk: throws what is no lack of room. */
export function passWithoutRoom(thrown: unknown): void {
  if (!["ENOSPC", "EDQUOT"].includes(errorCode(thrown) ?? "") && !lacksRoom(thrown)) throw thrown;
}

/** What the system says when a disk is full. */
export function outOfRoom(what: string): Error {
  return withCode(new Error(`${what}: no space left on device`), "ENOSPC");
}

function withCode(cause: Error, code: string): Error {
  return Object.assign(new Error(cause.message, { cause }), { code });
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
      return `the index of the data folder ${folder} is damaged (${error.message}); start the node again, and it builds a new one from the files`;
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
