/**
 * Tries a whole index before it is used, in a process of its own: LevelDB is compiled with its assertions, and about
 * one bit in a hundred that flips in a table ends the process that reads it, or later the one that merges tables,
 * instead of throwing an error.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** What a trial found. */
export interface Trial {
  /** What is damaged, in words; empty for a sound index. */
  wrong: string[];
  /** Whether a store has begun it. */
  isBegun: boolean;
}

/** What the system under LevelDB said, such as a lack of room, with its code: it tells nothing of the index. */
export interface TrialFailure {
  code: string;
  reason: string;
}

const PROGRAM = fileURLToPath(new URL("./index-trial-main.js", import.meta.url));
/** How a process ends over what it reads; any other signal came from outside. */
const CRASHES: NodeJS.Signals[] = ["SIGABRT", "SIGBUS", "SIGFPE", "SIGILL", "SIGSEGV"];

/** Nobody may have the index open meanwhile. Throws an error with a code for what is not the index's fault. */
export async function tryIndex(index: string): Promise<Trial> {
  const child = fork(PROGRAM, [index], { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
  let answer: Trial | TrialFailure | undefined;
  child.once("message", (message) => {
    answer = message as Trial | TrialFailure;
  });
  const words = text(child.stderr as NodeJS.ReadableStream);
  const [status, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (signal !== null && CRASHES.includes(signal)) return { wrong: [crash(signal, await words)], isBegun: true };
  if (answer === undefined) {
    throw new Error(`the index ${index} was not read to its end (${signal ?? `exit ${status}`}): ${await words}`);
  }
  if ("code" in answer) throw Object.assign(new Error(answer.reason), { code: answer.code });
  return answer;
}

function crash(signal: string, words: string): string {
  const assertion = /Assertion .* failed/.exec(words)?.[0];
  return `LevelDB crashed over it (${assertion ?? signal})`;
}
