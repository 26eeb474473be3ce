/** What the machine has to spare: cores, processor time and memory, within the limits of the node's control group. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, freemem } from "node:os";
import type { Machine } from "../core/slots.js";
import { cpuQuota, cpuSeconds, memoryLeft } from "./control-group.js";

/** Processor time since some moment, in core-seconds: given, and of it left idle. */
export interface ProcessorTime {
  total: number;
  idle: number;
}

export function readMachine(): Machine {
  const quota = cpuQuota();
  const cores = availableParallelism();
  return {
    cores: quota === undefined ? cores : Math.max(1, Math.min(cores, Math.floor(quota))),
    availableBytes: Math.min(availableMemory(), memoryLeft()),
  };
}

/** Two readings tell how much was idle between them. */
export function readProcessor(): ProcessorTime {
  const quota = cpuQuota();
  if (quota !== undefined) {
    const total = (performance.now() / 1000) * quota;
    return { total, idle: total - cpuSeconds() };
  }
  let total = 0;
  let idle = 0;
  for (const { times } of cpus()) {
    total += times.user + times.nice + times.sys + times.idle + times.irq;
    idle += times.idle;
  }
  return { total: total / 1000, idle: idle / 1000 };
}

/** The process that does the work of one which only keeps it in its place: the child of its child, and so on. */
export function innermost(pid: number): number {
  const [child] = (read(`/proc/${pid}/task/${pid}/children`) ?? "").split(" ").filter((word) => word !== "");
  return child === undefined ? pid : innermost(Number(child));
}

/** Peak memory of a process in bytes; 0 when it is gone, or where /proc is not there. */
export function peakMemory(pid: number): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`) ?? "")?.[1];
  return Number(kibibytes ?? 0) * 1024;
}

/** Unlike what is free, it counts what the kernel would give back (proc(5), MemAvailable). */
function availableMemory(): number {
  const kibibytes = /^MemAvailable:\s+(\d+) kB/m.exec(read("/proc/meminfo") ?? "")?.[1];
  return kibibytes === undefined ? freemem() : Number(kibibytes) * 1024;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
