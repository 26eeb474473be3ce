/** Who goes first where one machine plays many. */
import { type ChildProcess, execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { setPriority } from "node:os";

/** As nice(1) has it; below 0 only root may go. */
const NICE = { favoured: -10, usual: 0, others: 10 };
/** Of SCHED_FIFO (sched(7)), which only root may ask for: what times the server goes before the server. */
const REAL_TIME = { server: 1, timed: 2 };

/**
 * What is measured would have its machine to itself: its main thread runs whenever it can, and its other threads before
 * those of other processes. Does nothing when this is not root.
 */
export function favour(child: ChildProcess, role: keyof typeof REAL_TIME): void {
  if (process.getuid?.() !== 0) return;
  setNice(child, "favoured");
  execFileSync("chrt", ["--reset-on-fork", "--fifo", "--pid", `${REAL_TIME[role]}`, `${child.pid}`]);
}

/** Of each thread: setpriority(2) on Linux is a thread's, and those that collect garbage are started before this. */
export function setNice(child: ChildProcess, level: keyof typeof NICE): void {
  if (child.pid === undefined) return;
  for (const thread of readdirSync(`/proc/${child.pid}/task`)) setPriority(Number(thread), NICE[level]);
}
