import type { Readable } from "node:stream";

/**
 * A stream's chunks; when none comes for `stallMs` milliseconds, the stream is destroyed with the error and throws it.
 * Time that the consumer takes with a chunk does not count. Leaving early does not destroy the stream.
 */
export async function* withoutStall(stream: Readable, stallMs: number, error: () => Error): AsyncGenerator<Buffer> {
  let timer: NodeJS.Timeout | undefined;
  const watch = (): void => {
    timer = setTimeout(() => stream.destroy(error()), stallMs);
  };
  try {
    watch();
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      clearTimeout(timer);
      yield chunk as Buffer;
      watch();
    }
  } finally {
    clearTimeout(timer);
  }
}
