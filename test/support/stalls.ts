/**
 * Root hooks (mocha --require): a test that never gives the event loop back runs on for ever, since mocha's own timer is
 * part of that loop. A thread beside it names the test and ends the process; mocha fails the run.
 */
import { writeSync } from "node:fs";
import { isMainThread, parentPort, Worker } from "node:worker_threads";

/** Longer than a busy machine stops for. */
const STALL_MS = 120_000;
const BEAT_MS = 5_000;

/** One for all files that this process runs. */
let watch: Worker | undefined;
let running = "no test";

export const mochaHooks = {
  beforeAll(): void {
    watch ??= startWatch();
  },

  beforeEach(this: Mocha.Context): void {
    running = this.currentTest?.fullTitle() ?? "a hook";
    watch?.postMessage(running);
  },
};

function startWatch(): Worker {
  const worker = new Worker(new URL(import.meta.url));
  worker.unref();
  setInterval(() => worker.postMessage(running), BEAT_MS).unref();
  return worker;
}

function endWhenStill(): void {
  let timer: NodeJS.Timeout | undefined;
  parentPort?.on("message", (title: string) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      writeSync(2, `The event loop has stood still for ${STALL_MS / 1_000} s, in or after the test: ${title}\n`);
      process.kill(process.pid, "SIGKILL");
    }, STALL_MS);
  });
}

if (!isMainThread) endWhenStill();
