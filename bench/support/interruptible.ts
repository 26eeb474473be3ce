/** A benchmark that is interrupted ends what it runs, removes what it made and exits with 130. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { EXIT } from "../../src/cli/output.js";
import { onStopSignals } from "../../src/cli/stop-signals.js";

const MOST_OUTPUT_BYTES = 1 << 26;
const runFile = promisify(execFile);
const stopping = new AbortController();
onStopSignals(["SIGINT", "SIGTERM"], () => stopping.abort());

export const interrupted = stopping.signal;

/** Runs a command to its end, or until the benchmark is interrupted; rejects when it fails. */
export function run(file: string, words: string[]): Promise<{ stdout: string }> {
  return runFile(file, words, { maxBuffer: MOST_OUTPUT_BYTES, signal: interrupted });
}

/** Throws what is not due to an interruption. */
export function tellInterrupted(error: unknown): void {
  if (!interrupted.aborted) throw error;
  console.error("bench: stopped");
  process.exitCode = EXIT.interrupted;
}
