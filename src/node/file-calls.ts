/**
 * Calls on open files by their descriptors: a FileHandle costs twice as much. Each call by way of another thread costs
 * some 50 us, so what never waits for the disk (closing what was synced or only read, asking an open file how long it is)
 * is called in place, as `closeSync` and `fstatSync`.
 */
import { fsync, open, read, writev } from "node:fs";
import { promisify } from "node:util";

export const opened = promisify<string, string | number, number>(open);
export const synced = promisify(fsync);

/** Bytes that were read from `position` on into the beginning of `into`, at most `length`; 0 at the end. */
export function readInto(descriptor: number, into: Uint8Array, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, into, 0, length, position, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}

/** Bytes that were written at the file's end so far; a full disk takes fewer than all before it throws. */
export function written(descriptor: number, pieces: Uint8Array[]): Promise<number> {
  return new Promise((resolve, reject) => {
    writev(descriptor, pieces, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
  });
}
