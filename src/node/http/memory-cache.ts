/** Small things that are asked for all the time, in memory: by hash, so that what is held is never stale. */
import { LRUCache } from "lru-cache";

/** What an entry costs beside its bytes. */
const ENTRY_BYTES = 256;

export class MemoryCache {
  readonly #held: LRUCache<string, Buffer>;
  readonly #coming = new Map<string, Promise<Buffer>>();

  /** `maxBytes` of everything together; what was used longest ago goes first. */
  constructor(maxBytes: number) {
    this.#held = new LRUCache({ maxSize: maxBytes, sizeCalculation: ({ length }) => length + ENTRY_BYTES });
  }

  find(key: string): Buffer | undefined {
    return this.#held.get(key);
  }

  /** Makes it once for all who ask meanwhile; what could not be made is asked for again. */
  async load(key: string, make: () => Promise<Buffer>): Promise<Buffer> {
    const held = this.#held.get(key);
    if (held !== undefined) return held;
    const coming = this.#coming.get(key) ?? this.#make(key, make);
    return coming;
  }

  #make(key: string, make: () => Promise<Buffer>): Promise<Buffer> {
    const coming = make()
      .then((bytes) => {
        this.#held.set(key, bytes);
        return bytes;
      })
      .finally(() => this.#coming.delete(key));
    this.#coming.set(key, coming);
    return coming;
  }
}
