/** When a node's disk has too little room for it to take work. */

const LEAST_SHARE = 0.05;
const LEAST_BYTES = 1024 ** 3;
/** A full node takes work again only with this much more, so that it does not go back and forth. */
const MARGIN = 1.25;

/** Below 5% or 1 GiB, whichever is smaller. */
export function isFull(wasFull: boolean, freeBytes: number, totalBytes: number): boolean {
  const least = Math.min(totalBytes * LEAST_SHARE, LEAST_BYTES);
  return freeBytes < (wasFull ? least * MARGIN : least);
}
