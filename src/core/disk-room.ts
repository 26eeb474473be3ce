/** When a node has too little room to take work, on its disk or within its quota, and how much copies must give up. */

const LEAST_SHARE = 0.05;
const LEAST_BYTES = 1024 ** 3;
/** A full node takes work again only with this much more, so that it does not go back and forth. */
const MARGIN = 1.25;

/** Below 5% or 1 GiB, whichever is smaller. */
export function isFull(wasFull: boolean, freeBytes: number, totalBytes: number): boolean {
  const least = leastRoom(totalBytes);
  return freeBytes < (wasFull ? least * MARGIN : least);
}

/** Bytes that one large file may take before the node would count as full. */
export function roomForOneFile(freeBytes: number, totalBytes: number): number {
  return Math.max(0, Math.floor(freeBytes - leastRoom(totalBytes) * MARGIN));
}

/** A quota is full from here on; copies that can be fetched again begin to go before, so that they never make it so. */
const QUOTA_FULL = 0.9;
const QUOTA_CROWDED = 0.85;
const QUOTA_EASY = 0.8;

/** From 90% of the quota on, until it is below 85%. */
export function isQuotaFull(wasFull: boolean, usedBytes: number, quota: number): boolean {
  return usedBytes >= quota * (wasFull ? QUOTA_CROWDED : QUOTA_FULL);
}

/** Bytes that copies which can be fetched again should give up now: back to 80% of the quota, and to room on the disk. */
export function crowdedBytes(usedBytes: number, quota: number, freeBytes: number, totalBytes: number): number {
  const overQuota = usedBytes >= quota * QUOTA_CROWDED ? usedBytes - quota * QUOTA_EASY : 0;
  const enough = leastRoom(totalBytes) * MARGIN;
  return Math.ceil(Math.max(0, overQuota, enough - freeBytes));
}

function leastRoom(totalBytes: number): number {
  return Math.min(totalBytes * LEAST_SHARE, LEAST_BYTES);
}

/** Whether something failed because a disk, or a quota, is full: the system's codes, however deep in the causes. */
export function lacksRoom(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && (cause.code === "ENOSPC" || cause.code === "EDQUOT")) return true;
  }
  return false;
}
