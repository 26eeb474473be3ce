import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folders = new Map<string, "test" | "run">();
let lifetime: "test" | "run" = "run";

/** What ends as its folder goes may still write to it. */
const REMOVED = { recursive: true, force: true, maxRetries: 20, retryDelay: 100 };

/** Start of the name of every folder made here by this process. */
export const temporaryPrefix = `reelmesh-test-${process.pid}-`;

/**
 * A new empty folder under the system's folder for temporary files. One that is made inside a test or a `beforeEach`
 * goes after that test, and one that is made in a `before` goes after the run, unless `until` says which;
 * test/support/leaks.ts calls the two functions below.
 */
export async function temporaryFolder(until: "test" | "run" = lifetime): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), temporaryPrefix));
  folders.set(folder, until);
  return folder;
}

/** From here on, new folders belong to the test that starts. */
export function beginTemporaryFolders(): void {
  lifetime = "test";
}

/** Removes the folders of the test that has ended, or all of them; the first that cannot be removed is thrown. */
export async function endTemporaryFolders(which: "test" | "run"): Promise<void> {
  lifetime = "run";
  const ended = [...folders].filter(([, belongs]) => which === "run" || belongs === "test");
  await Promise.all(
    ended.map(async ([folder]) => {
      await rm(folder, REMOVED);
      folders.delete(folder);
    }),
  );
}

// A run that is cut short, or that has not loaded leaks.ts, leaves nothing behind either.
process.once("exit", () => {
  for (const folder of folders.keys()) rmSync(folder, { recursive: true, force: true });
});
