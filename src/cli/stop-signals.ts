import { EXIT } from "./output.js";

/** One Ctrl-C may arrive twice: from the terminal, and passed on by a parent such as npm or timeout. */
const SAME_MS = 500;

/** Calls `stop` at the first of the signals; one that comes later ends the process at once. Returns how to stop listening. */
export function onStopSignals(signals: NodeJS.Signals[], stop: () => void): () => void {
  let stoppedAt: number | undefined;
  const listener = () => {
    if (stoppedAt === undefined) {
      stoppedAt = performance.now();
      stop();
    } else if (performance.now() - stoppedAt > SAME_MS) process.exit(EXIT.interrupted);
  };
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}
