/** When a blob's file may be given out without comparing its bytes with its name again. */
import type { FileState } from "./blob-files.js";
import type { BlobRecord } from "./blob-index.js";

/** Blobs up to this size are compared in some milliseconds: segments, playlists, pictures. */
const SMALL_BYTES = 16 * 1024 * 1024;
const DAY_MS = 24 * 3_600_000;
const WEEK_MS = 7 * DAY_MS;

/**
 * A file that was touched since it was compared is not trusted. A small one is trusted for a day, and when this process
 * has compared it: what is read then is what the disk gives now, and stays in memory for the viewers to come. Sources and
 * other large ones, which no viewer is sent, are trusted for a week. Times are milliseconds since 1970.
 */
export function isTrusted(record: BlobRecord, file: FileState, openedAt: number, now: number): boolean {
  const { bytes, verifiedAt, changedAt } = record;
  if (changedAt !== file.changedAt || verifiedAt > now) return false;
  return bytes <= SMALL_BYTES ? verifiedAt >= Math.max(openedAt, now - DAY_MS) : verifiedAt >= now - WEEK_MS;
}
