/** A small file system of its own, in memory: what is on a disk that fills up. Needs root. */
import { execFile, execFileSync } from "node:child_process";
import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryFolder } from "./temporary.js";

const run = promisify(execFile);

export const canMount = process.getuid?.() === 0;

/** The file system counts in pages. */
const PAGE = 4096;
const BALLAST = "ballast";

const mounted = new Set<string>();

process.once("exit", () => {
  for (const folder of mounted) execFileSync("umount", ["--lazy", folder], { stdio: "ignore" });
});

export class SmallDisk {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(megabytes: number): Promise<SmallDisk> {
    const folder = await temporaryFolder();
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]);
    mounted.add(folder);
    return new SmallDisk(folder);
  }

  async free(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder);
    return bavail * bsize;
  }

  /** Takes all room but that many bytes; what was taken before is given back first. */
  async fill(leave: number): Promise<void> {
    await this.empty();
    const bytes = Math.max(0, (await this.free()) - leave - PAGE);
    await writeFile(join(this.folder, BALLAST), Buffer.alloc(bytes, 1)).catch((error: NodeJS.ErrnoException) => {
      // Others have written meanwhile: then it is full as well.
      if (error.code !== "ENOSPC") throw error;
    });
  }

  async empty(): Promise<void> {
    await rm(join(this.folder, BALLAST), { force: true });
  }

  async remove(): Promise<void> {
    // A process that has just ended may still hold it for a moment.
    await run("umount", ["--lazy", this.folder]);
    mounted.delete(this.folder);
  }
}
