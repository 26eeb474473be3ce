/** The machine's own time and chance. */
import { randomUUID } from "node:crypto";
import { onAbort } from "../core/on-abort.js";
import type { Clock } from "../core/ports.js";

export const systemClock: Clock = {
  now: () => performance.now(),
  wallClock: () => Date.now(),
  random: Math.random,
  newId: randomUUID,
  // The platform's own makes an Error, with its stack, whenever it is ended early.
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      // A timer takes a millisecond at least: a snapshot of a hundred pieces would hold the log up for as long again.
      if (ms <= 0) return void setImmediate(resolve);
      const timer = setTimeout(() => {
        forget();
        resolve();
      }, ms);
      const forget = onAbort(signal, () => {
        clearTimeout(timer);
        resolve();
      });
    }),
  every(ms, action) {
    const timer = setInterval(action, ms);
    return () => clearInterval(timer);
  },
};
