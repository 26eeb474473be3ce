/** What the nodes of a mesh tell in their logs, in the order in which it is heard here, and waiting for what they will. */
import { EventEmitter } from "node:events";

export interface Told {
  /** Name of the node. */
  node: string;
  /** When it was told: milliseconds of this process's steady clock, also where this process stood still and heard it late. */
  at: number;
  /** For example "task granted". */
  event: string;
  details: Record<string, unknown>;
}

export type Match = (told: Told) => boolean;

/** How long anything that is promised may take, in milliseconds, unless the wait says otherwise. */
const PATIENCE_MS = 60_000;

export class Story {
  readonly all: Told[] = [];
  readonly #heard = new EventEmitter().setMaxListeners(0);

  /** A line of a node's log. */
  hear(node: string, line: string): void {
    const { msg, ...details } = parse(line);
    if (typeof msg !== "string") return;
    const told = { node, at: performance.now() - lateness(details["time"]), event: msg, details };
    this.all.push(told);
    this.#heard.emit("told", told);
  }

  /** What was told of an event from a moment on. */
  told(event: string, since = 0): Told[] {
    return this.all.filter((one) => one.event === event && one.at >= since);
  }

  /** The first that fits from a moment on, which may lie in the past; an error that says what was waited for. */
  async next(
    event: string,
    fits: Match = () => true,
    since = performance.now(),
    withinMs = PATIENCE_MS,
  ): Promise<Told> {
    const isIt = (one: Told) => one.event === event && one.at >= since && fits(one);
    const known = this.all.find(isIt);
    if (known !== undefined) return known;
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#heard.off("told", listener);
        act();
      };
      const listener = (one: Told) => {
        if (isIt(one)) settle(() => resolve(one));
      };
      const timer = setTimeout(() => {
        const failure = new Error(
          `no node told "${event}" within ${withinMs / 1000} s; the last words were\n${this.end()}`,
        );
        settle(() => reject(failure));
      }, withinMs);
      this.#heard.on("told", listener);
    });
  }

  /** The last lines, for a failure's message. */
  end(lines = 40): string {
    return describeAll(this.all.slice(-lines));
  }
}

/** A line each. */
export function describeAll(told: Told[]): string {
  const text = ({ node, at, event, details }: Told) => {
    const { level, time, pid, hostname, name, ...rest } = details;
    // Each line has its node's name; one about another node has that one's id there.
    if (rest["node"] === node) delete rest["node"];
    return `  ${(at / 1000).toFixed(2)} ${node}: ${event} ${JSON.stringify(rest)}`;
  };
  return told.map(text).join("\n");
}

/** Longer than anybody stands still; a wall clock that differs by more is one that a test has shifted. */
const LATEST_MS = 60_000;

/** Milliseconds since a line was written, never more than there were: all nodes have the wall clock of this machine. */
function lateness(writtenMs: unknown): number {
  const late = Date.now() - Number(writtenMs) - 1;
  return late > 0 && late < LATEST_MS ? late : 0;
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return { msg: "a line that is not JSON", line };
  }
}
