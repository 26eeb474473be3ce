/** Other processes, as /proc shows them (proc(5)). */
import { readdir, readFile } from "node:fs/promises";
import { until } from "./until.js";

export interface ProcessRow {
  pid: number;
  parent: number;
  /** One letter: "R", "S", "T" for stopped, "Z" for a zombie. */
  state: string;
  command: string[];
}

async function processRow(pid: number): Promise<ProcessRow | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    // pid (command) state ppid ...; the command may hold blanks and brackets.
    const [state = "", parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").slice(0, -1);
    return { pid, parent: Number(parent), state, command };
  } catch {
    return undefined;
  }
}

async function allProcesses(): Promise<ProcessRow[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  return (await Promise.all(pids.map(processRow))).filter((row) => row !== undefined);
}

/** Every process below one, its children first. */
export async function descendants(pid: number): Promise<ProcessRow[]> {
  const all = await allProcesses();
  const found: ProcessRow[] = [];
  const below = [pid];
  for (let parent = below.shift(); parent !== undefined; parent = below.shift()) {
    const children = all.filter((row) => row.parent === parent);
    found.push(...children);
    below.push(...children.map((row) => row.pid));
  }
  return found;
}

export interface Resources {
  descriptors: number;
  /** Bytes of memory that it holds. */
  resident: number;
  children: number;
}

export async function resourcesOf(pid: number): Promise<Resources> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return {
    descriptors: (await readdir(`/proc/${pid}/fd`)).length,
    resident: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) * 1024,
    children: (await descendants(pid)).length,
  };
}

/** Resolves when the process holds nothing any more: no port, no file. One that nobody has asked about yet is a zombie. */
export async function untilGone(pid: number): Promise<void> {
  const isGone = async () => ["Z", undefined].includes((await processRow(pid))?.state) || undefined;
  await until(isGone, `process ${pid} is gone`);
}

/** False when it has ended already. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return pid > 0 && process.kill(pid, signal);
  } catch {
    return false;
  }
}
