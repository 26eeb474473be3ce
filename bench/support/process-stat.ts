/** What the kernel counts of a process and of the machine (Linux, proc(5)), for the benchmarks. */
import { readFile } from "node:fs/promises";

const TICKS_A_SECOND = 100;
const PAGE_BYTES = 4096;

export interface ProcessStat {
  /** Seconds of processor time of all its threads, the kernel's for them included. */
  own: number;
  /** The same with those of its children that have ended and were waited for. */
  withEnded: number;
  /** Bytes that it has in memory. */
  resident: number;
}

/** All 0 when there is no such process. */
export async function processStat(pid: number | "self"): Promise<ProcessStat> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field is the name, in brackets, and may hold blanks: these are those after it.
  const fields = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .map(Number);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return {
    own: (user + system) / TICKS_A_SECOND,
    withEnded: (user + system + endedUser + endedSystem) / TICKS_A_SECOND,
    resident: (fields[21] ?? 0) * PAGE_BYTES,
  };
}

/** Pids of those that its main thread has started and that have not ended (proc_pid_children(5)). */
export async function childrenOf(pid: number): Promise<number[]> {
  const list = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return list.split(" ").filter(Boolean).map(Number);
}

/**
 * Milliseconds for which a process's main thread was ready and had no processor, since it began: the second number of
 * schedstat, nanoseconds (Linux, Documentation/scheduler/sched-stats.rst).
 */
export async function waitedMs(pid: number): Promise<number> {
  return Number((await readFile(`/proc/${pid}/schedstat`, "utf8")).split(" ")[1]) / 1e6;
}

export interface ProcessorTimes {
  /** Seconds in which any processor of the machine did anything. */
  busy: number;
  /** Seconds for which its processors were given to other virtual machines while something here wanted them. */
  stolen: number;
}

export async function processorTimes(): Promise<ProcessorTimes> {
  const [line = ""] = (await readFile("/proc/stat", "utf8")).split("\n");
  const numbers = line.trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, stolen = 0] = numbers;
  return { busy: (user + nice + system + irq + softirq) / TICKS_A_SECOND, stolen: stolen / TICKS_A_SECOND };
}
