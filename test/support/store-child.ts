/**
 * A process that uses a store and kills itself (SIGKILL) at a step of its write path:
 * `node store-child.js <folder> put|adopt|release|evict|lose|rebuild <step>`. Without a step it comes to the end of what it
 * does.
 */
import { appendFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openStore } from "../../src/node/store/open.js";
import type { Step } from "../../src/node/store/step.js";

/** What the store holds before: by owner. */
export const BEFORE = { "asset:film": "a segment", "job:1": "a source", "cache:film": "a copy" };
export const ADDED = "a new segment";

const [folder = "", action = "", step] = process.argv.slice(2) as [string, string, Step?];

async function* streamOf(text: string): AsyncIterable<Uint8Array> {
  yield Buffer.from(text);
}

// The constants are imported too.
if (process.argv[1] === import.meta.filename) {
  let begun = false;
  const options = {
    graceMs: 0,
    async atStep(at: Step) {
      if (begun && at === step) process.kill(process.pid, "SIGKILL");
      // The signal comes when the process next gives up the processor.
      if (begun && at === step) await new Promise(() => undefined);
    },
  };
  const store = await openStore(folder, options);
  const held = new Map<string, string>();
  for (const [owner, text] of Object.entries(BEFORE)) {
    held.set(owner, (await store.blobs.put(streamOf(text), owner)).sha256);
  }
  const source = held.get("job:1") as string;
  const file = await store.blobs.path(source);
  begun = true;
  if (action === "put") await store.blobs.put(streamOf(ADDED), "job:2");
  if (action === "adopt") {
    const made = join(await store.blobs.scratch(), "made");
    await writeFile(made, ADDED);
    await store.blobs.adopt(made, "job:2");
  }
  if (action === "release") await store.blobs.release("job:1");
  if (action === "evict") await store.blobs.evict(1);
  if (action === "lose") {
    await appendFile(file, "!");
    await store.blobs.verify(source);
  }
  await store.close();
  if (action === "rebuild") {
    await rm(join(folder, "index", "CURRENT"));
    await (await openStore(folder, options)).close();
  }
}
