/**
 * Tells the caches in front of the mesh that an asset has gone. Every node does, each when it has stopped serving the
 * asset itself: so the last word comes after the last node that a cache could have fetched it from again.
 *
 *   known      assets that the mesh state names
 *   leaving    one that it names no more is told to each cache, again and again until the cache has taken it, and once
 *              more a moment later: what a cache was fetching while it was told may have come in after that
 */
import type { Clock } from "../core/ports.js";

const RETRY_MS = 2_000;
const RETRY_MAX_MS = 60_000;
/** A cache that has been away for so long is given up: what it kept in memory is gone when it is back. */
const GIVE_UP_MS = 3_600_000;
/** Until the caches are told again. */
const AGAIN_MS = 10_000;

interface Components {
  /** Finished assets: name -> the job that made it. */
  mesh: { assets: ReadonlyMap<string, string> };
  caches: string[];
  /** Tells one cache; rejects when it has not taken it. */
  send(cache: string, asset: string, signal: AbortSignal): Promise<void>;
  clock: Pick<Clock, "now" | "sleep">;
  report(event: string, details: Record<string, unknown>): void;
}

export class Purger {
  readonly #components: Components;
  readonly #stopped = new AbortController();
  readonly #under = new Set<Promise<void>>();
  #known: Map<string, string>;

  constructor(components: Components) {
    this.#components = components;
    this.#known = new Map(components.mesh.assets);
  }

  /** Everything may be other than before: compares it with what was known. */
  look(): void {
    const { assets } = this.#components.mesh;
    for (const [asset, job] of this.#known) if (assets.get(asset) !== job) this.gone(asset);
    this.#known = new Map(assets);
  }

  /** A job that makes an asset has ended, or was forgotten. */
  ended(asset: string): void {
    const { assets } = this.#components.mesh;
    const [was, is] = [this.#known.get(asset), assets.get(asset)];
    if (is === undefined) this.#known.delete(asset);
    else this.#known.set(asset, is);
    if (is === undefined || (was !== undefined && was !== is)) this.gone(asset);
  }

  /** What caches have of an asset is not to be served any more. */
  gone(asset: string): void {
    for (const cache of this.#components.caches) this.#begin(cache, asset);
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#under);
  }

  #begin(cache: string, asset: string): void {
    const telling = this.#tell(cache, asset).finally(() => this.#under.delete(telling));
    this.#under.add(telling);
  }

  async #tell(cache: string, asset: string): Promise<void> {
    const { clock, report } = this.#components;
    const { signal } = this.#stopped;
    if (!(await this.#untilTaken(cache, asset))) return;
    report("cache told that an asset has gone", { cache, asset });
    await clock.sleep(AGAIN_MS, signal);
    await this.#untilTaken(cache, asset);
  }

  async #untilTaken(cache: string, asset: string): Promise<boolean> {
    const { clock, send, report } = this.#components;
    const { signal } = this.#stopped;
    const began = clock.now();
    for (let wait = RETRY_MS; !signal.aborted; wait = Math.min(2 * wait, RETRY_MAX_MS)) {
      try {
        await send(cache, asset, signal);
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        report("cache not told yet that an asset has gone", { cache, asset, error });
      }
      if (clock.now() - began > GIVE_UP_MS) return false;
      await clock.sleep(wait, signal);
    }
    return false;
  }
}
