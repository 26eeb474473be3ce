/** Waiting for what may be called off. */
import { setMaxListeners } from "node:events";

/** Waits for a promise, or throws the signal's reason. */
export async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** A signal that fires with the first of two; unlike AbortSignal.any, it leaves no trace on them once released. */
export function joinSignals(first: AbortSignal, second: AbortSignal): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  // A node's own stop signal is listened to by all that it does at the time, which is no leak.
  setMaxListeners(0, first, second);
  for (const signal of [first, second]) signal.addEventListener("abort", abort, { once: true });
  if (first.aborted || second.aborted) abort();
  const release = (): void => {
    for (const signal of [first, second]) signal.removeEventListener("abort", abort);
  };
  return { signal: controller.signal, release };
}
