import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder that holds package.json, proto/ and docs/: the same from the sources, from dist/ and installed. */
export const packageRoot = findPackageRoot(dirname(fileURLToPath(import.meta.url)));

/** Version of this program, as package.json has it. */
export const version = readVersion();

function findPackageRoot(start: string): string {
  let folder = start;
  while (!existsSync(join(folder, "package.json"))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no package.json above ${start}: the installation is incomplete`);
    folder = parent;
  }
  return folder;
}

function readVersion(): string {
  const manifest: { version: string } = JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8"));
  return manifest.version;
}
