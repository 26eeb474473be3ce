/** A clock for what is tested in this process: one that stands still with it, as far as anybody can tell. */
import type { Clock } from "../../src/core/ports.js";
import { systemClock } from "../../src/node/clock.js";

/** Whoever looks at the time looks several times a second: more than this between two looks is a process that stood still. */
const MOST_MS = 500;

/**
 * Of each pause between two looks half a second counts. A coordinator whose process is paused for longer than a follower
 * waits leaves its term, as it must: on a busy machine, in the middle of a test about something else.
 */
export function steadyClock(): Clock {
  let [now, seen] = [0, performance.now()];
  const look = () => {
    const at = performance.now();
    now += Math.min(at - seen, MOST_MS);
    seen = at;
    return now;
  };
  return { ...systemClock, now: look };
}
