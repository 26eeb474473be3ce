/**
 * Loaded into a node's process before the node itself: says how late its event loop was since it was asked last, in
 * milliseconds, to whoever sends it a message.
 */
import { monitorEventLoopDelay } from "node:perf_hooks";

export interface LoopDelay {
  median: number;
  p99: number;
  most: number;
}

const RESOLUTION_MS = 10;
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();

process.on("message", () => {
  // What is measured is the time between two ticks: the resolution is in it.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
  const told: LoopDelay = {
    median: late(delays.percentile(50)),
    p99: late(delays.percentile(99)),
    most: late(delays.max),
  };
  delays.reset();
  process.send?.(told);
});
// The node ends when it has ended, whoever listens.
process.channel?.unref();
