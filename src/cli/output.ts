/** What commands say: results on stdout, errors on stderr, and with --json one object on stdout in either case. */
import { CommanderError } from "commander";
import { type ErrorCode, ReelmeshError, toReelmeshError } from "../core/errors.js";
import { PeerUnreachable } from "../node/grpc/errors.js";

/**
 * Exit codes beside 0: what was asked did not come about, wrong usage or refused input, no node answers, there is no such
 * job, Ctrl-C.
 */
export const EXIT = { failed: 1, usage: 2, unreachable: 3, notFound: 4, interrupted: 130 } as const;

/** Ctrl-C while waiting. */
export class Interrupted extends ReelmeshError {
  constructor(message: string) {
    super("ABORTED", message);
    this.name = "Interrupted";
  }
}

export function printLines(lines: string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(""));
}

export function printJson(value: object): void {
  printLines([JSON.stringify(value)]);
}

/** A reader that went away (`reelmesh jobs | head -1`) ends the program without a word. */
export function stopQuietlyWithoutReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit();
    });
  }
}

/** Says what went wrong and returns the exit code for it. `commands`: those that have a help of their own. */
export function reportError(thrown: unknown, json: boolean, commands: string[]): number {
  if (thrown instanceof CommanderError) {
    // Help and the version were printed by commander, which throws after it.
    if (thrown.exitCode === 0) return 0;
    if (thrown.code === "commander.help") return EXIT.usage;
  }
  const error = thrown instanceof CommanderError ? usageError(thrown, commands) : toReelmeshError(thrown);
  const message = error instanceof PeerUnreachable ? `${error.message}; start one with: reelmesh up` : error.message;
  process.stderr.write(`reelmesh: ${message}\n`);
  if (json) printJson({ error: { code: error.code, message } });
  return exitCodeOf(error);
}

export function exitCodeOf(error: ReelmeshError): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  const codes: Partial<Record<ErrorCode, number>> = {
    INVALID_INPUT: EXIT.usage,
    UNAVAILABLE: EXIT.unreachable,
    NOT_FOUND: EXIT.notFound,
  };
  return codes[error.code] ?? EXIT.failed;
}

/** Commander's "error: unknown option '--x'" and its hints on further lines, as one sentence. */
function usageError(error: CommanderError, commands: string[]): ReelmeshError {
  const word = process.argv[2] ?? "";
  const command = commands.includes(word) ? `${word} ` : "";
  const sentence = error.message
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
  return new ReelmeshError("INVALID_INPUT", `${sentence}; see: reelmesh ${command}--help`, { cause: error });
}
