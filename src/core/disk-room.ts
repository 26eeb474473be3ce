/** When a node's disk has too little room for it to take work. */

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

function leastRoom(totalBytes: number): number {
  return Math.min(totalBytes * LEAST_SHARE, LEAST_BYTES);
}
