/** A process that is killed at each step in which blobs come and go: what the next start finds. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { FOUND_OWNER } from "../../src/core/ports.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { REBUILT, type Rebuilt } from "../../src/node/store/open-index.js";
import type { Step } from "../../src/node/store/step.js";
import { ADDED, BEFORE } from "../support/store-child.js";
import { temporaryFolder } from "../support/temporary.js";
import { hashOf } from "./store.contract.js";

const CHILD = fileURLToPath(new URL("../support/store-child.js", import.meta.url));

const STEPS: Record<"put" | "adopt" | "release" | "evict" | "lose" | "rebuild", Step[]> = {
  put: [
    "temporary file made",
    "bytes written",
    "temporary file synced",
    "file placed",
    "folder synced",
    "entry written",
    "index synced",
  ],
  adopt: ["file placed", "folder synced", "entry written", "index synced"],
  release: ["entry removed", "index synced", "file removed"],
  evict: ["entry removed", "index synced", "file removed"],
  lose: ["entry removed", "file set aside", "index synced"],
  rebuild: ["damaged index set aside", "new index begun", "found files entered"],
};
/** From the step on at which the process has done all that it promises, the next start must see that it has. */
const DONE: Step[] = ["entry written", "entry removed", "index synced", "file removed", "file set aside"];

/** Ends as the child ended: the signal's name, or "" when it came to its end. */
async function run(folder: string, action: string, step?: Step): Promise<string> {
  const words = [CHILD, folder, action, ...(step === undefined ? [] : [step])];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "inherit", "inherit"] });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  assert.ok(code === 0 || signal === "SIGKILL", `the child ended with ${code} ${signal}`);
  return signal ?? "";
}

/** Every file is in the index and every entry has a file of its hash; nothing half is anywhere. */
async function inAgreement({ blobs }: Store, folder: string): Promise<void> {
  const entries = await blobs.oldestVerified(1000);
  const stood = await readdir(join(folder, "blobs"), { recursive: true, withFileTypes: true });
  const names = stood.flatMap((entry) => (entry.isFile() ? [entry.name] : []));
  assert.deepEqual(entries.map(({ sha256 }) => sha256).sort(), names.sort());
  assert.deepEqual(await readdir(join(folder, "tmp")), []);
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  assert.deepEqual(blobs.totals(), { blobs: entries.length, bytes });
}

describe("a store whose process is killed", function () {
  this.timeout(180_000);

  for (const [action, steps] of Object.entries(STEPS)) {
    it(`at any step of a ${action} has files and index in agreement`, async () => {
      for (const step of steps) {
        const folder = await temporaryFolder();
        assert.equal(await run(folder, action, step), "SIGKILL", `${action} has no step "${step}"`);
        const store = await openStore(folder, { graceMs: 0 });
        try {
          await inAgreement(store, folder);
          await holds(store, action, DONE.includes(step));
          // What is bad and stands under its name again, is found so before it is given out.
          for (const { sha256 } of await store.blobs.oldestVerified(1000)) {
            const whole = await store.blobs.verify(sha256);
            assert.equal(whole, !(action === "lose" && sha256 === hashOf(Buffer.from(BEFORE["job:1"]))));
          }
          await inAgreement(store, folder);
          await holds(store, action, DONE.includes(step));
        } finally {
          await store.close();
        }
      }
    });
  }

  it("comes to its end when it is not", async () => {
    for (const action of Object.keys(STEPS)) {
      const folder = await temporaryFolder();
      assert.equal(await run(folder, action), "");
      const store = await openStore(folder);
      await inAgreement(store, folder);
      await holds(store, action, true);
      await store.close();
    }
  });
});

/** What was acknowledged before is there, and what the process was at is done, or not begun. */
async function holds({ blobs, settings }: Store, action: string, done: boolean): Promise<void> {
  const gone = { release: ["job:1"], evict: ["cache:film"], lose: ["job:1"] }[action] ?? [];
  const owners = (await blobs.owners()).map(({ owner }) => owner);
  if (action === "rebuild") {
    // Whose they are is not known any more, until who names them takes them back.
    assert.ok(((await settings.get(REBUILT)) as Rebuilt).reason, "that it was rebuilt is not forgotten");
    assert.ok(owners.length > 0 && owners.every((owner) => owner.startsWith(FOUND_OWNER)), owners.join());
    for (const text of Object.values(BEFORE)) {
      assert.equal(Buffer.from(await blobs.read(hashOf(Buffer.from(text)))).toString(), text);
    }
    return;
  }
  for (const [owner, text] of Object.entries(BEFORE)) {
    const isGone = done && gone.includes(owner);
    assert.equal(owners.includes(owner), !isGone, `${owner} of ${owners}`);
    if (!gone.includes(owner)) assert.equal(Buffer.from(await blobs.read(hashOf(Buffer.from(text)))).toString(), text);
  }
  const added = await blobs.find(hashOf(Buffer.from(ADDED)));
  if (["put", "adopt"].includes(action) && done) {
    assert.deepEqual(added, { sha256: hashOf(Buffer.from(ADDED)), bytes: ADDED.length });
    assert.ok(owners.includes("job:2"));
    assert.equal(Buffer.from(await blobs.read(added?.sha256 ?? "")).toString(), ADDED);
  }
}
