/** The machine's own time and chance. */
import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../core/ports.js";

export const systemClock: Clock = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  random: Math.random,
  newId: randomUUID,
  sleep: (ms, signal) => delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {}),
  every(ms, action) {
    const timer = setInterval(action, ms);
    return () => clearInterval(timer);
  },
};
