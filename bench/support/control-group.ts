/**
 * Control groups for benchmarks: a group counts the processor time of all that was started in it, whatever has ended since
 * and whatever waits for it, and may limit it. As root, with control groups of version 1 (Linux,
 * Documentation/admin-guide/cgroup-v1/cpuacct.rst and Documentation/scheduler/sched-bwc.rst).
 */
import { mkdir, readFile, realpath, rmdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** One tree limits what the other counts; on some systems they are one. */
const [LIMITS, COUNTS] = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpuacct"] as const;
const PERIOD_US = 20_000;
const REMOVALS = 50;

export interface Group {
  /** The command that runs these words in the group, with all that they start. */
  enter(words: string[]): [string, string[]];
  /** Seconds of processor time that all in it have taken. */
  used(): Promise<number>;
  remove(): Promise<void>;
}

/** `cores`: as many, or a part of one, that all in it may use together. Throws what the file system does. */
export async function makeGroup(name: string, cores?: number): Promise<Group> {
  const trees = [...new Set([await realpath(LIMITS), await realpath(COUNTS)])];
  const paths = trees.map((tree) => join(tree, name));
  for (const path of paths) await mkdir(path);
  if (cores !== undefined) {
    await writeFile(join(LIMITS, name, "cpu.cfs_period_us"), String(PERIOD_US));
    await writeFile(join(LIMITS, name, "cpu.cfs_quota_us"), String(Math.round(PERIOD_US * cores)));
  }
  // A shell enters the groups before it becomes what it is to run.
  const enter = paths.map((path) => `echo $$ > '${path}/cgroup.procs' || exit`).join("; ");
  return {
    enter: (words) => ["sh", ["-c", `${enter}; exec "$@"`, name, ...words]],
    used: async () => Number(await readFile(join(COUNTS, name, "cpuacct.usage"), "utf8")) / 1e9,
    remove: async () => {
      for (const path of paths) await removeGroup(path);
    },
  };
}

/** A process that was ended leaves its group a moment later. */
async function removeGroup(path: string): Promise<void> {
  for (let left = REMOVALS; ; left--) {
    try {
      return await rmdir(path);
    } catch (error) {
      if (left === 0) throw error;
      await delay(100);
    }
  }
}
