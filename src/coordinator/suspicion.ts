/**
 * When many workers fall silent at once, it is likelier that this node is cut off than that all of them are gone. From
 * the moment that at least three nodes with leases, and half of all that have any, were silent for 8 s, nothing is granted
 * and no lease ends for 10 s; sooner when they are heard again. Those that are still silent then are taken for lost, 18 s
 * after they were heard last.
 */
import type { Schedule } from "./schedule-state.js";

/** Longer than a renewal that was lost and the one after it take. */
const SILENT_MS = 8_000;
export const SUSPECT_MS = 10_000;
const FEWEST = 3;

/** Counts who is silent, at every tick. */
export function watchSilence(schedule: Schedule, now: number): void {
  let working = 0;
  let silent = 0;
  for (const node of schedule.nodes.values()) {
    if (node.leases === 0) continue;
    working++;
    if (now - node.heardAt > SILENT_MS) silent++;
  }
  const many = silent >= FEWEST && 2 * silent >= working;
  if (many && !schedule.suspected) schedule.suspectUntil = now + SUSPECT_MS;
  if (!many) schedule.suspectUntil = Math.min(schedule.suspectUntil, now);
  schedule.suspected = many;
}

export function isSuspect(schedule: Schedule, now: number): boolean {
  return now < schedule.suspectUntil;
}
