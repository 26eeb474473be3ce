/** What nodes hold, as it stands on their disks, and how it is harmed there. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openStore } from "../../src/node/store/open.js";
import type { TestNode } from "../support/node.js";
import { until } from "../support/until.js";
import { manifestOf } from "./letters.js";
import type { Scene, TestJob } from "./scene.js";

/** Long enough for copies to be made, and made anew. */
const HELD_MS = 120_000;

function fileOf({ data }: TestNode, sha256: string): string {
  return join(data, "blobs", sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}

/** Whether the node's file of a blob has the bytes of its name. */
export async function holdsWhole(node: TestNode, sha256: string): Promise<boolean> {
  const bytes = await readFile(fileOf(node, sha256)).catch(() => Buffer.from("no such file"));
  return createHash("sha256").update(bytes).digest("hex") === sha256;
}

/** Hashes of the files of a finished asset. */
export async function blobsOf(scene: Scene, job: TestJob): Promise<string[]> {
  const { files } = await manifestOf(scene, job);
  return [...new Set(Object.values(files).map(({ sha256 }) => sha256))];
}

/** Waits until the node holds all of them, each with the bytes of its name. */
export async function untilHeld(node: TestNode, blobs: string[]): Promise<void> {
  for (const sha256 of blobs) {
    const held = async () => (await holdsWhole(node, sha256)) || undefined;
    await until(held, `${node.name} holds ${sha256} whole`, HELD_MS);
  }
}

export async function flipBit(node: TestNode, sha256: string): Promise<void> {
  const file = fileOf(node, sha256);
  const bytes = await readFile(file);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await writeFile(file, bytes);
}

export async function cutShort(node: TestNode, sha256: string): Promise<void> {
  const file = fileOf(node, sha256);
  await truncate(file, (await readFile(file)).length >> 1);
}

export function remove(node: TestNode, sha256: string): Promise<void> {
  return rm(fileOf(node, sha256));
}

/** How LevelDB's files are damaged: which, and what becomes of it. */
export const INDEX_DAMAGES: { what: string; fits: RegExp; harm(file: string): Promise<unknown> }[] = [
  { what: "CURRENT", fits: /^CURRENT$/, harm: (file) => rm(file) },
  { what: "MANIFEST", fits: /^MANIFEST-/, harm: async (file) => truncate(file, (await stat(file)).size >> 1) },
  { what: "log", fits: /\.log$/, harm: overwriteMiddle },
  { what: "a table", fits: /\.ldb$/, harm: (file) => overwriteMiddle(file) },
];

async function overwriteMiddle(file: string): Promise<void> {
  const bytes = await readFile(file);
  bytes.fill(0xa5, bytes.length >> 2, bytes.length >> 1);
  await writeFile(file, bytes);
}

/** Of a node that is down. False when LevelDB has no such file at the time. */
export async function damageIndex({ data }: TestNode, { fits, harm }: (typeof INDEX_DAMAGES)[0]): Promise<boolean> {
  const index = join(data, "index");
  const sizes = await Promise.all(
    (await readdir(index))
      .filter((name) => fits.test(name))
      .map(async (name) => ({ name, ...(await stat(join(index, name))) })),
  );
  const largest = sizes.sort((one, other) => other.size - one.size)[0];
  if (largest === undefined || largest.size === 0) return false;
  await harm(join(index, largest.name));
  return true;
}

/**
 * Of a node that is down: every file is in its index, every entry has a file with the bytes of its name, and nothing half
 * is left.
 */
export async function inAgreement({ data, name, alive }: TestNode): Promise<void> {
  assert.ok(!alive, `${name} runs`);
  const { blobs, damage, close } = await openStore(data);
  try {
    assert.equal(damage, undefined);
    const entries = await blobs.oldestVerified(100_000);
    const stood = await readdir(join(data, "blobs"), { recursive: true, withFileTypes: true });
    const files = stood.flatMap((entry) => (entry.isFile() ? [entry.name] : []));
    assert.deepEqual(entries.map(({ sha256 }) => sha256).sort(), files.sort(), `files and index of ${name}`);
    for (const { sha256 } of entries) assert.ok(await blobs.verify(sha256), `E: ${name} holds ${sha256} damaged`);
    assert.deepEqual(blobs.findings(), { damaged: 0, missing: 0 });
    assert.deepEqual(await readdir(join(data, "tmp")), []);
  } finally {
    await close();
  }
}
