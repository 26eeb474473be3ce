import { Interrupted } from "./output.js";
import { onStopSignals } from "./stop-signals.js";

/** Ctrl-C for a command that waits. */
export interface Interrupt {
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** What to tell the person if Ctrl-C came now: what has been done, what goes on, and how to stop that. */
  message: string;
}

/** Runs the work; after the first Ctrl-C it fails as Interrupted once it has stopped, a second one kills. */
export async function interruptible<T>(message: string, work: (interrupt: Interrupt) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const interrupt: Interrupt = { signal: controller.signal, message };
  const release = onStopSignals(["SIGINT"], () => controller.abort());
  try {
    return await work(interrupt);
  } catch (error) {
    throw controller.signal.aborted ? new Interrupted(interrupt.message) : error;
  } finally {
    release();
  }
}
