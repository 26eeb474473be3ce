/** Waiting for what tells nobody that it has happened. */
import { setTimeout as delay } from "node:timers/promises";

const LOOK_MS = 100;

/** Looks again and again, until there is something to be seen. */
export async function until<T>(
  look: () => Promise<T | undefined>,
  what: string,
  ms = 60_000,
  lookMs = LOOK_MS,
): Promise<T> {
  const deadline = performance.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited ${ms / 1000} s in vain: ${what}`);
    await delay(lookMs);
  }
}
