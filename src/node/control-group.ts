/** The limits of the control group that the node runs in, of either version (cgroups(7)); none where there are no groups. */
import { readFileSync } from "node:fs";

const ROOT = "/sys/fs/cgroup";

/** Cores that the group may use at once; undefined when it is not limited. */
export function cpuQuota(): number | undefined {
  const [quota, period] = (file("", "cpu.max") ?? olderQuota()).trim().split(" ").map(Number);
  return quota && period && quota > 0 ? quota / period : undefined;
}

/** Seconds of processor time that the group has used. */
export function cpuSeconds(): number {
  const used = /^usage_usec (\d+)/m.exec(file("", "cpu.stat") ?? "")?.[1];
  return used === undefined ? Number(file("cpuacct", "cpuacct.usage") ?? 0) / 1e9 : Number(used) / 1e6;
}

/** Bytes that the group may still take; file pages that are not in use are given back first. */
export function memoryLeft(): number {
  const limit = Number(file("", "memory.max") ?? file("memory", "memory.limit_in_bytes"));
  // Version 1 says "no limit" by a number near 2^63.
  if (!limit || limit > Number.MAX_SAFE_INTEGER) return Number.POSITIVE_INFINITY;
  const used = Number(file("", "memory.current") ?? file("memory", "memory.usage_in_bytes") ?? 0);
  const stat = file("", "memory.stat") ?? file("memory", "memory.stat") ?? "";
  const reclaimable = Number(/^(?:total_)?inactive_file (\d+)/m.exec(stat)?.[1] ?? 0);
  return limit - used + reclaimable;
}

function olderQuota(): string {
  return `${file("cpu", "cpu.cfs_quota_us") ?? "max"} ${file("cpu", "cpu.cfs_period_us") ?? ""}`;
}

/** A file of the group under a controller of version 1; "" is version 2. */
function file(controller: string, name: string): string | undefined {
  const group = groups().find((row) => row.controllers.includes(controller))?.path;
  return group === undefined ? undefined : read(`${ROOT}/${controller}${group}/${name}`);
}

let known: { controllers: string[]; path: string }[] | undefined;

/** Lines such as "4:cpu,cpuacct:/user" and, for version 2, "0::/user". */
function groups(): { controllers: string[]; path: string }[] {
  known ??= (read("/proc/self/cgroup") ?? "")
    .split("\n")
    .map((line) => line.split(":"))
    .filter((parts) => parts.length >= 3)
    .map(([, controllers = "", ...path]) => ({ controllers: controllers.split(","), path: path.join(":") }));
  return known;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
