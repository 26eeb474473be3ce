/** Waiting for what may be called off. */
import { onAbort } from "../../core/on-abort.js";

/** Waits for a promise, or throws the signal's reason. */
export async function untilAborted(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  let forget = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    forget = onAbort(signal, () => reject(signal.reason));
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    forget();
  }
}

/** A signal that fires with the first of two; unlike AbortSignal.any, it leaves no trace on them once released. */
export function joinSignals(first: AbortSignal, second: AbortSignal): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const forgets = [first, second].map((signal) => onAbort(signal, abort));
  const release = (): void => {
    for (const forget of forgets) forget();
  };
  return { signal: controller.signal, release };
}
