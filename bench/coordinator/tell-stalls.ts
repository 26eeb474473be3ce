import { constants, monitorEventLoopDelay, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import type { FromLeader } from "./messages.js";

const EVERY_MS = 5_000;

/** Tells the benchmark again and again how late this process's event loop was, and what collecting garbage had to do with it. */
export function tellStalls(): void {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  let collecting = 0;
  let heap = 0;
  new PerformanceObserver((list) => {
    // As of Node 16; its types have no word of it.
    for (const { duration, detail } of list.getEntries() as (PerformanceEntry & { detail: { kind: number } })[]) {
      collecting = Math.max(collecting, duration);
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MAJOR) heap = process.memoryUsage().heapUsed;
    }
  }).observe({ entryTypes: ["gc"] });
  setInterval(() => {
    const [p99, most] = [delay.percentile(99) / 1e6, delay.max / 1e6];
    const message: FromLeader = { kind: "loop", p99, most, collecting, heap };
    process.send?.(message);
    delay.reset();
    collecting = 0;
  }, EVERY_MS);
}
