/**
 * One request at a time an upload. A newer one asks the one before to end: its client has come back over another
 * connection, and the old one is dead without anybody having noticed.
 */
import type { Lock, Locker } from "@tus/server";
import { ReelmeshError } from "../../core/errors.js";
import { onAbort } from "../../core/on-abort.js";

/** The library gives the one before some seconds to end. */
const WAIT_MS = 30_000;

interface Holder {
  released: Promise<void>;
  askToEnd(): void;
}

export class UploadLocks implements Locker {
  readonly #holders = new Map<string, Holder>();

  newLock(id: string): Lock {
    let release = () => {};
    return {
      lock: async (signal, askToEnd) => {
        for (let holder = this.#holders.get(id); holder !== undefined; holder = this.#holders.get(id)) {
          holder.askToEnd();
          if (await comesFirst(holder.released, signal)) continue;
          throw new ReelmeshError("UNAVAILABLE", "another request for this upload is under way; send it again");
        }
        const released = new Promise<void>((resolve) => {
          release = () => {
            this.#holders.delete(id);
            resolve();
          };
        });
        this.#holders.set(id, { released, askToEnd: () => void askToEnd() });
      },
      unlock: async () => release(),
    };
  }
}

/** Whether the promise is kept before the signal fires or the time is over. */
function comesFirst(promise: Promise<void>, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const settle = (first: boolean) => {
      clearTimeout(timer);
      forget();
      resolve(first);
    };
    const fail = () => settle(false);
    const timer = setTimeout(fail, WAIT_MS);
    const forget = onAbort(signal, fail);
    promise.then(() => settle(true), fail);
  });
}
