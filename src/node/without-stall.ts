import type { Readable } from "node:stream";

/**
 * A stream's chunks; when none comes for `stallMs` milliseconds, the stream is destroyed with the error and throws it.
 * Time that the consumer takes with a chunk does not count. Leaving early does not destroy the stream.
 */
export async function* withoutStall(stream: Readable, stallMs: number, error: () => Error): AsyncGenerator<Buffer> {
  let isWaiting = true;
  const timer = setTimeout(() => isWaiting && stream.destroy(error()), stallMs);
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      isWaiting = false;
      yield chunk as Buffer;
      isWaiting = true;
      // Cheaper than a timer for each of a thousand chunks a second; one that has fired begins again too.
      timer.refresh();
    }
  } finally {
    clearTimeout(timer);
  }
}
