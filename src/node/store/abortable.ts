import { ReelmeshError } from "../../core/errors.js";
import { onAbort } from "../../core/on-abort.js";

/**
 * The same items, but a wait for the next one ends with ABORTED as soon as one of the signals fires, even when the
 * source itself hears of no signal. The source is always told to clean up.
 */
export async function* abortable<T>(source: AsyncIterable<T>, signals: AbortSignal[]): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let rejectWait: ((reason: unknown) => void) | undefined;
  let aborted = signals.some((signal) => signal.aborted);
  const abort = (): void => {
    aborted = true;
    rejectWait?.(stopped());
  };
  // One wait, one promise: racing against a single long-lived promise would keep every chunk's reaction alive.
  const next = (): Promise<IteratorResult<T>> =>
    new Promise((resolve, reject) => {
      rejectWait = reject;
      iterator.next().then(resolve, reject);
    });

  const forgets = signals.map((signal) => onAbort(signal, abort));
  let ended = false;
  try {
    while (true) {
      if (aborted) throw stopped();
      ended = true;
      const item = await next();
      if (item.done === true) return;
      ended = false;
      yield item.value;
    }
  } finally {
    for (const forget of forgets) forget();
    await cleanUp(iterator, ended, aborted);
  }
}

async function cleanUp(iterator: AsyncIterator<unknown>, ended: boolean, aborted: boolean): Promise<void> {
  if (ended && !aborted) return;
  const returned = Promise.resolve(iterator.return?.()).catch(() => undefined);
  // A generator that hangs in its own wait would hold its caller too.
  if (!aborted) await returned;
}

/** What a stopped put throws. */
export function stopped(): ReelmeshError {
  return new ReelmeshError("ABORTED", "storing was stopped on request; nothing was kept");
}
