/** What a store does at its opening: brings files and index in step. */
import { FOUND_OWNER, type LostBlob } from "../../core/ports.js";
import type { BlobFiles } from "./blob-files.js";
import type { BlobEntry, BlobIndex } from "./blob-index.js";
import type { AtStep } from "./step.js";

/** Files that are entered at once. */
const STEP = 500;

/**
 * Two sorted lists, one pass. An entry without a file is dropped, and its blob is lost. A file without an entry is
 * entered for an owner `found:<now>`, as never compared with its name: nothing is read here, however many there are, and
 * none is given out before it is compared (trust.ts).
 */
export async function reconcile(
  files: BlobFiles,
  index: BlobIndex,
  now: number,
  atStep: AtStep,
): Promise<{ blobs: number; bytes: number; lost: LostBlob[] }> {
  const totals = { blobs: 0, bytes: 0 };
  const missing: BlobEntry[] = [];
  const unknown: string[] = [];
  const names = files.list();
  let name = await names.next();
  for await (const blob of index.entries()) {
    for (; name.done !== true && name.value < blob.sha256; name = await names.next()) unknown.push(name.value);
    if (name.done !== true && name.value === blob.sha256) {
      totals.blobs++;
      totals.bytes += blob.bytes;
      name = await names.next();
    } else missing.push(blob);
  }
  for (; name.done !== true; name = await names.next()) unknown.push(name.value);
  const lost: LostBlob[] = [];
  for (const { sha256, bytes } of missing) {
    lost.push({ sha256, bytes, how: "missing", owners: await index.drop(sha256) });
  }
  for (let from = 0; from < unknown.length; from += STEP) {
    const found = await Promise.all(unknown.slice(from, from + STEP).map((sha256) => entryFor(files, sha256, now)));
    const entries = found.filter((entry) => entry !== undefined);
    await index.add(entries, `${FOUND_OWNER}${now}`, now);
    await atStep("found files entered");
    totals.blobs += entries.length;
    for (const { bytes } of entries) totals.bytes += bytes;
  }
  return { ...totals, lost };
}

async function entryFor(files: BlobFiles, sha256: string, now: number): Promise<BlobEntry | undefined> {
  const state = await files.state(sha256);
  if (state === undefined) return undefined;
  const { bytes } = state;
  return { sha256, bytes, record: { bytes, storedAt: now, verifiedAt: 0 } };
}
