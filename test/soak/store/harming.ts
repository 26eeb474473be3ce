/** Files of nodes' stores that are harmed behind their backs; never the last whole copy. */
import { open, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { holdsWhole } from "../../chaos/held.js";
import type { TestNode } from "../../support/node.js";
import { hashOf } from "./made.js";
import type { Soak } from "./soak.js";

/** Seconds from one harm to the next. */
const PAUSE: [number, number] = [2, 8];

/** `share`, from 0 to 1: where in the file. `other`: a blob's file. */
type Harm = (file: string, share: number, other: string) => Promise<void>;

const HARMS: Record<string, Harm> = {
  "bits flipped": async (file, share) => {
    const handle = await open(file, "r+");
    try {
      const { size } = await handle.stat();
      const place = Math.floor(share * size);
      const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, place);
      buffer[0] = (buffer[0] ?? 0) ^ (1 << Math.floor(share * 8));
      await handle.write(buffer, 0, 1, place);
    } finally {
      await handle.close();
    }
  },
  "files cut short": async (file, share) => truncate(file, Math.floor(share * (await readFile(file)).length)),
  "files deleted": (file) => rm(file),
  "files replaced by others": async (file, _, other) => writeFile(file, await readFile(other)),
};

export async function harmFiles(soak: Soak): Promise<void> {
  const chance = soak.chance("harming");
  await soak.repeat("harming", async () => {
    await soak.pause(chance.between(...PAUSE));
    const [node, what, share] = [chance.pick(soak.nodes), chance.pick(Object.keys(HARMS)), chance.next()];
    const [which, another] = [chance.next(), chance.next()];
    const names = await blobNames(node);
    const [name, other] = [which, another].map((draw) => names[Math.floor(draw * names.length)]);
    if (name === undefined || other === undefined || name === other || soak.signal.aborted) return;
    if (!(await isWholeElsewhere(soak, node, name))) return;
    // It may have gone meanwhile.
    const harmed = await HARMS[what]?.(fileOf(node, name), share, fileOf(node, other)).then(
      () => true,
      () => false,
    );
    if (harmed) soak.count(what);
  });
}

async function isWholeElsewhere({ nodes }: Soak, node: TestNode, sha256: string): Promise<boolean> {
  for (const one of nodes) if (one !== node && (await holdsWhole(one, sha256))) return true;
  return false;
}

export async function blobNames({ data }: TestNode): Promise<string[]> {
  const found = await readdir(join(data, "blobs"), { recursive: true, withFileTypes: true }).catch(() => []);
  return found.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort();
}

function fileOf({ data }: TestNode, sha256: string): string {
  return join(data, "blobs", sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}

/** A blob with the bytes of its name, of the first node that has it so. */
export async function readBlob(nodes: TestNode[], sha256: string): Promise<Uint8Array> {
  for (const node of nodes) {
    const bytes = await readFile(fileOf(node, sha256)).catch(() => undefined);
    if (bytes !== undefined && hashOf(bytes) === sha256) return bytes;
  }
  throw new Error(`no node holds ${sha256} whole`);
}
