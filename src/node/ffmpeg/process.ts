/** Runs ffmpeg and ffprobe as child processes that cannot outlive their purpose. */
import { type ChildProcess, spawn } from "node:child_process";
import { setPriority } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { createInterface } from "node:readline";
import { confine, filesOf } from "../../core/confinement.js";
import { ReelmeshError } from "../../core/errors.js";
import { innermost } from "../machine.js";
import { failure } from "./complaints.js";
import { confinement, isThere } from "./sandbox.js";

export type Program = "ffmpeg" | "ffprobe";

export interface RunOptions {
  signal: AbortSignal;
  /** What the run is for, in messages: "reading film.mp4", "encoding chunk-000001". */
  purpose: string;
  /** What to call a failure that lies in the bytes that are read. */
  blame: "INVALID_INPUT" | "MEDIA";
  /** Each line of standard output. Return true for one that shows progress; without it the watchdog ends the run. */
  onLine(line: string): boolean;
  /** Seconds without progress after which the process counts as hung; 45 unless said otherwise. */
  stallSeconds?: number;
  /** The same until the first progress, where that may take longer. */
  startSeconds?: number;
  /** Bytes that a file may grow to which it writes; 64 GiB unless said otherwise. */
  mostBytes?: number;
  /** Each line of its complaints, besides those that are returned. */
  onComplaint?(line: string): void;
  /** Told the process's id now and then while it shows progress. */
  onAlive?(pid: number): void;
}

/** Sooner than the coordinator calls it a hang (60 s), which could not say what was wrong. */
const STALL_SECONDS = 45;
/** A cancelled encode is gone within two seconds everywhere: one for the news, one for this. */
const KILL_AFTER_MS = 1_000;
/** Serving and the node itself come first. */
const NICENESS = 10;
const KEPT_COMPLAINTS = 20;
const MOST_BYTES = 64 * 1024 ** 3;
/** However much progress it shows, nothing lasts longer. */
const LONGEST_MS = 12 * 3600 * 1000;
/** A shell's way, and bubblewrap's, of telling that a signal ended a child. */
const SIGNAL_CODES = 128;

const children = new Set<ChildProcess>();

process.once("exit", () => {
  for (const child of children) child.kill("SIGKILL");
});

/** Path or name of a program: REELMESH_FFMPEG names the ffmpeg to use, and ffprobe lies beside it. */
export function programPath(program: Program): string {
  const chosen = process.env["REELMESH_FFMPEG"];
  if (!chosen) return program;
  if (program === "ffmpeg") return chosen;
  return isAbsolute(chosen) || chosen.includes("/") ? join(dirname(chosen), program) : program;
}

/**
 * Runs a program to its end and returns the last lines of its complaints. Settles only when the process is gone.
 * ABORTED: the signal. ENVIRONMENT: the program is not there, or the disk is full. MEDIA: it hung. The code of `blame`:
 * it failed.
 */
export async function run(program: Program, args: string[], options: RunOptions): Promise<string[]> {
  const { signal, purpose } = options;
  if (signal.aborted) throw aborted(purpose);
  const common = ["-hide_banner", "-loglevel", "error", ...(program === "ffmpeg" ? ["-nostdin", "-y"] : [])];
  const child = await start(program, [...common, ...args], options);
  children.add(child);
  const stallSeconds = options.stallSeconds ?? STALL_SECONDS;
  const ending = new Ending(child, signal, (options.startSeconds ?? stallSeconds) * 1000, stallSeconds * 1000);
  try {
    const complaints = lastLines(child, options.onComplaint);
    createInterface({ input: child.stdout }).on("line", (line) => {
      if (!options.onLine(line)) return;
      ending.alive();
      if (child.pid !== undefined) options.onAlive?.(innermost(child.pid));
    });
    const code = await ended(child);
    if (signal.aborted) throw aborted(purpose);
    if (ending.stalled) {
      throw new ReelmeshError(
        "MEDIA",
        `${purpose} hung: ${program} made no progress and was ended; it will be retried`,
      );
    }
    if (ending.late) {
      const message = `${purpose} took longer than ${LONGEST_MS / 3_600_000} hours and was ended`;
      throw new ReelmeshError(options.blame, `${message}: give a shorter source`);
    }
    if (code !== 0) throw failure(program, options, complaints, code !== null && code > SIGNAL_CODES ? null : code);
    return complaints;
  } catch (error) {
    throw isMissing(error) ? missing(program, error) : error;
  } finally {
    ending.dispose();
    children.delete(child);
  }
}

/** Starts it confined: see confinement.ts. ABORTED; ENVIRONMENT when it is not there. */
async function start(program: Program, args: string[], options: RunOptions) {
  const path = programPath(program);
  const { mostBytes = MOST_BYTES, signal, purpose } = options;
  const confined = { ...filesOf(program, args), mostBytes, niceness: NICENESS };
  const known = await confinement();
  const words = [...confine(known, confined), path];
  if (signal.aborted) throw aborted(purpose);
  if (!isThere(path)) throw missing(program);
  const child = spawn(words[0] as string, [...words.slice(1), ...args], { stdio: ["ignore", "pipe", "pipe"] });
  if (!known.nice) lowerPriority(child);
  return child;
}

/** Ends a child on request or when it shows no progress: politely first, by force a second later. */
class Ending {
  stalled = false;
  late = false;
  readonly #child: ChildProcess;
  readonly #signal: AbortSignal;
  readonly #stallMs: number;
  readonly #deadline: NodeJS.Timeout;
  #watchdog: NodeJS.Timeout;
  #started = false;
  #force: NodeJS.Timeout | undefined;

  constructor(child: ChildProcess, signal: AbortSignal, startMs: number, stallMs: number) {
    this.#child = child;
    this.#signal = signal;
    this.#stallMs = stallMs;
    this.#watchdog = setTimeout(this.#stall, startMs);
    this.#deadline = setTimeout(() => {
      this.late = true;
      this.#end();
    }, LONGEST_MS);
    signal.addEventListener("abort", this.#end, { once: true });
  }

  alive(): void {
    if (this.#started) {
      this.#watchdog.refresh();
      return;
    }
    this.#started = true;
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(this.#stall, this.#stallMs);
  }

  dispose(): void {
    clearTimeout(this.#deadline);
    clearTimeout(this.#watchdog);
    clearTimeout(this.#force);
    this.#signal.removeEventListener("abort", this.#end);
  }

  #stall = (): void => {
    this.stalled = true;
    this.#end();
  };

  #end = (): void => {
    clearTimeout(this.#watchdog);
    this.#child.kill("SIGTERM");
    this.#force ??= setTimeout(() => this.#child.kill("SIGKILL"), KILL_AFTER_MS);
  };
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
}

function lastLines(child: ChildProcess, onComplaint?: (line: string) => void): string[] {
  const kept: string[] = [];
  if (child.stderr === null) return kept;
  createInterface({ input: child.stderr }).on("line", (line) => {
    onComplaint?.(line);
    kept.push(line);
    if (kept.length > KEPT_COMPLAINTS) kept.shift();
  });
  return kept;
}

function lowerPriority({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    setPriority(pid, NICENESS);
  } catch {
    // It has ended already.
  }
}

function aborted(purpose: string): ReelmeshError {
  return new ReelmeshError("ABORTED", `${purpose} was stopped on request`);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "EACCES");
}

function missing(program: Program, cause?: unknown): ReelmeshError {
  const advice = "install ffmpeg, or name one in REELMESH_FFMPEG";
  return new ReelmeshError("ENVIRONMENT", `${programPath(program)} cannot be started: ${advice}`, { cause });
}
