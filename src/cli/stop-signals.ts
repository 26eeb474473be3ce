import { EXIT } from "./output.js";

/** One Ctrl-C may arrive twice: from the terminal, and passed on by a parent such as npm or timeout. */
const SAME_MS = 500;

/**
 * Calls `stop` at the first of the signals; one that comes later ends the process at once, after a call of `kill`. Returns
 * how to stop listening.
 */
export function onStopSignals(
  signals: NodeJS.Signals[],
  stop: (signal: NodeJS.Signals) => void,
  kill = () => {},
): () => void {
  let stoppedAt: number | undefined;
  const listener = (signal: NodeJS.Signals) => {
    if (stoppedAt === undefined) {
      stoppedAt = performance.now();
      stop(signal);
    } else if (performance.now() - stoppedAt > SAME_MS) {
      kill();
      process.exit(EXIT.interrupted);
    }
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
