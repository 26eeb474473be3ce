/** Progress while it happens: a bar on a terminal, now and then a line elsewhere. */
import type { WriteStream } from "node:tty";
import { Presets, SingleBar } from "cli-progress";
import type { Fetching__Output as Fetching } from "../gen/reelmesh/v1/Fetching.js";
import type { Job__Output as Job } from "../gen/reelmesh/v1/Job.js";
import { formatBytes } from "./format.js";
import { detailText, percentOf, phaseOf, progressOf } from "./job-text.js";

/** Time between lines about a job whose state stays, in milliseconds. */
const LINE_EVERY_MS = 5_000;

/** What ends sooner needs no bar, in milliseconds. */
const BAR_AFTER_MS = 1_000;

export interface Display<T> {
  show(progress: T): void;
  /** A line of its own. */
  say(line: string): void;
  /** Leaves the terminal in order. Safe to call twice. */
  stop(): void;
}

/** For --json: says nothing. */
export const silent: Display<unknown> = { show() {}, say() {}, stop() {} };

export function jobDisplay(out: WriteStream): Display<Job> {
  return out.isTTY ? jobBar(out) : jobLines(out);
}

/** Bytes that were sent, of `total`. */
export function uploadDisplay(out: WriteStream, total: number): Display<number> {
  const bytes = byteDisplay(out, "uploading");
  return { ...bytes, show: (sent) => bytes.show({ bytes: sent, total, trouble: "" }) };
}

/** How far a node is with a source that it fetches. */
export function fetchDisplay(out: WriteStream): Display<Fetching> {
  return byteDisplay(out, "fetching");
}

/** A bar on a terminal, a line now and then elsewhere. */
function byteDisplay(out: WriteStream, label: string): Display<Pick<Fetching, "bytes" | "total" | "trouble">> {
  const bar = out.isTTY ? newBar(out, label) : undefined;
  const started = performance.now();
  let shownAt = started;
  return {
    show({ bytes, total, trouble }) {
      const now = performance.now();
      if (now - started < BAR_AFTER_MS) return;
      const much = total === 0 ? formatBytes(bytes) : `${formatBytes(bytes)} of ${formatBytes(total)}`;
      const detail = trouble === "" ? much : `${much}; tried again: ${trouble}`;
      if (bar?.isActive) bar.setTotal(Math.max(total, bytes, 1));
      if (bar?.isActive) bar.update(bytes, { detail });
      else if (bar !== undefined) bar.start(Math.max(total, bytes, 1), bytes, { detail });
      else if (now - shownAt >= LINE_EVERY_MS) {
        shownAt = now;
        out.write(`${label}  ${detail}\n`);
      }
    },
    say() {},
    stop: () => bar?.stop(),
  };
}

function jobBar(out: WriteStream): Display<Job> {
  const bar = newBar(out, "{state}", "{percent}");
  return {
    show(job) {
      const { done, total } = progressOf(job);
      const payload = { state: phaseOf(job), percent: percentOf(job), detail: detailText(job) };
      if (!bar.isActive) bar.start(Math.max(total, 1), done, payload);
      bar.setTotal(Math.max(total, 1));
      bar.update(done, payload);
    },
    say(line) {
      bar.stop(); // the next state starts it again, below the line
      out.write(`${line}\n`);
    },
    stop: () => bar.stop(),
  };
}

function jobLines(out: WriteStream): Display<Job> {
  let state = "";
  let shownAt = 0;
  return {
    show(job) {
      const now = performance.now();
      const phase = phaseOf(job);
      if (phase === state && now - shownAt < LINE_EVERY_MS) return;
      state = phase;
      shownAt = now;
      out.write(`${[phase, percentOf(job), detailText(job)].filter((part) => part !== "").join("  ")}\n`);
    },
    say: (line) => out.write(`${line}\n`),
    stop() {},
  };
}

function newBar(out: WriteStream, label: string, percent = "{percentage}%"): SingleBar {
  const format = `${label} [{bar}] ${percent}  {detail}`;
  return new SingleBar({ stream: out, format, barsize: 24, gracefulExit: false }, Presets.legacy);
}
