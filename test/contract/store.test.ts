import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LostBlob } from "../../src/core/ports.js";
import { Database, Durability } from "../../src/node/store/database.js";
import { storeError } from "../../src/node/store/errors.js";
import { openLogCopy } from "../../src/node/store/log-copy.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { Tables } from "../../src/node/store/tables.js";
import { temporaryFolder } from "../support/temporary.js";
import { until } from "../support/until.js";
import { describeBlobStore, hasCode, hashOf, streamOf } from "./store.contract.js";

/** Paths of all files in the blobs and tmp folders. */
async function filesIn(folder: string): Promise<string[]> {
  const all = await Promise.all(
    ["blobs", "tmp"].map((part) => readdir(join(folder, part), { recursive: true, withFileTypes: true })),
  );
  return all.flat().flatMap((entry) => (entry.isFile() ? [join(entry.parentPath, entry.name)] : []));
}

describeBlobStore("files and LevelDB", async () => {
  const folder = await temporaryFolder();
  let opened = await openStore(folder, { graceMs: 0 });
  return {
    store: opened.blobs,
    files: () => filesIn(folder),
    reopen: async () => {
      await opened.close();
      opened = await openStore(folder, { graceMs: 0 });
      return opened.blobs;
    },
    close: () => opened.close(),
  };
});

describe("data folder", () => {
  let folder: string;
  let store: Store | undefined;

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    await store?.close();
    store = undefined;
  });

  const open = async (): Promise<Store> => (store = await openStore(folder));

  it("drops an entry without a file and says that it is lost, and never gives out a file that nobody entered", async () => {
    const { blobs, close } = await open();
    const kept = await blobs.put(streamOf("kept"), "job:1");
    const lost = await blobs.put(streamOf("lost"), "job:1");
    const alone = await blobs.put(streamOf("alone"), "job:alone");
    const lostFile = await blobs.path(lost.sha256);
    const aloneFile = await blobs.path(alone.sha256);
    await close();
    await rm(lostFile);
    await rm(aloneFile);
    const orphan = "00".repeat(32);
    for (const name of [orphan, "ff".repeat(32), hashOf(Buffer.from("another"))]) {
      await mkdir(join(folder, "blobs", name.slice(0, 2), name.slice(2, 4)), { recursive: true });
      await writeFile(join(folder, "blobs", name.slice(0, 2), name.slice(2, 4), name), "another");
    }
    await writeFile(join(folder, "blobs", "notes.txt"), "not ours");

    const again = await open();
    const told: LostBlob[] = [];
    again.blobs.onLost((one) => told.push(one));
    assert.deepEqual(
      told.sort((one, other) => one.bytes - other.bytes),
      [
        { ...lost, how: "missing", owners: ["job:1"] },
        { ...alone, how: "missing", owners: ["job:alone"] },
      ],
    );
    assert.deepEqual(again.blobs.totals(), { blobs: 4, bytes: 25 });
    assert.equal(await again.blobs.find(lost.sha256), undefined);
    assert.equal(Buffer.from(await again.blobs.read(hashOf(Buffer.from("another")))).toString(), "another");
    for (const name of [orphan, "ff".repeat(32)]) {
      await assert.rejects(again.blobs.path(name), hasCode("NOT_FOUND", new RegExp(name)));
      assert.equal(await again.blobs.find(name), undefined);
    }
    assert.equal((await readdir(join(folder, "quarantine"))).length, 2);
    const owners = (await again.blobs.owners()).map(({ owner }) => owner);
    assert.deepEqual(
      owners.map((owner) => owner.replace(/found:\d+/, "found:")),
      ["found:", "job:1"],
    );
    assert.equal(await again.blobs.release("job:1"), 1);
    assert.equal(await again.blobs.release("job:alone"), 0);
    assert.equal(await again.blobs.release(owners[0] as string), 1);
    assert.deepEqual(again.blobs.totals(), { blobs: 0, bytes: 0 });
    assert.equal(await again.blobs.find(kept.sha256), undefined);
    await again.close();
    assert.deepEqual(await filesIn(folder), [join(folder, "blobs", "notes.txt")]);
  });

  it("refuses a second opening, in this process and in another", async () => {
    await open();
    await assert.rejects(openStore(folder), hasCode("ENVIRONMENT", /in use by another reelmesh/));
    const script = `import { openStore } from ${JSON.stringify(import.meta.resolve("../../src/node/store/open.js"))};
      await openStore(${JSON.stringify(folder)}).catch((error) => console.log(error.code, error.message));`;
    const other = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [[printed]] = await Promise.all([once(other.stdout, "data"), once(other, "exit")]);
    assert.match(String(printed), /^ENVIRONMENT the data folder .* is in use by another reelmesh/);
  });

  it("does not touch the work in progress of the one that has it open", async () => {
    const { blobs } = await open();
    const file = join(await blobs.scratch(), "work");
    await writeFile(file, "work");
    await assert.rejects(openStore(folder), hasCode("ENVIRONMENT"));
    assert.ok(await stat(file));
  });

  it("refuses a folder of a newer version and a damaged version file", async () => {
    await writeFile(join(folder, "version"), "2\n");
    await assert.rejects(openStore(folder), hasCode("ENVIRONMENT", /of version 2.*newer reelmesh/));
    await writeFile(join(folder, "version"), "hello\n");
    await assert.rejects(openStore(folder), hasCode("ENVIRONMENT", /should hold the number 1/));
    assert.deepEqual(await readdir(folder), ["version"]);
  });

  it("refuses a folder that is somebody else's and leaves it alone", async () => {
    await mkdir(join(folder, "tmp"));
    await writeFile(join(folder, "tmp", "precious"), "precious");
    await assert.rejects(openStore(folder), hasCode("ENVIRONMENT", /already holds tmp/));
    assert.equal(await readFile(join(folder, "tmp", "precious"), "utf8"), "precious");
  });

  it("refuses a file where the folder should be, also above it", async () => {
    const file = join(folder, "file");
    await writeFile(file, "");
    await assert.rejects(openStore(file), hasCode("ENVIRONMENT", /a file stands where/));
    await assert.rejects(openStore(join(file, "below")), hasCode("ENVIRONMENT", /a file stands where/));
  });

  it("refuses a folder without permission", async function () {
    if (process.getuid?.() === 0) return this.skip();
    await chmod(folder, 0o500);
    try {
      await assert.rejects(openStore(folder), hasCode("ENVIRONMENT", /no permission/));
    } finally {
      await chmod(folder, 0o700);
    }
  });

  it("says so when there is no room, and when the index is damaged", () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    assert.ok(hasCode("ENVIRONMENT", /no room on the disk of the data folder \/data/)(storeError(full, "/data")));
    const damaged = Object.assign(new Error("Corruption: bad block"), { code: "LEVEL_CORRUPTION" });
    assert.ok(hasCode("ENVIRONMENT", /index of the data folder \/data is damaged/)(storeError(damaged, "/data")));
  });

  it("stops a put that is under way when it closes, and says afterwards that it is closed", async () => {
    const { blobs, log, settings, close } = await open();
    let begun = (): void => undefined;
    const reading = new Promise<void>((resolve) => (begun = resolve));
    async function* hangs(): AsyncGenerator<Uint8Array> {
      begun();
      await new Promise(() => undefined);
      yield new Uint8Array();
    }
    const put = assert.rejects(blobs.put(hangs(), "job:1"), hasCode("ABORTED"));
    await reading;
    await Promise.all([close(), close(), put]);
    assert.deepEqual(await filesIn(folder), []);
    await assert.rejects(blobs.put(streamOf("x"), "job:1"), hasCode("ABORTED", /closed/));
    await assert.rejects(log.newest(), hasCode("ABORTED", /closed/));
    await assert.rejects(settings.get("node"), hasCode("ABORTED", /closed/));
  });
});

describe("copy of the mesh log and settings", () => {
  let folder: string;
  let store: Store;

  beforeEach(async () => {
    folder = await temporaryFolder();
    store = await openStore(folder);
  });

  afterEach(() => store.close());

  async function read(from: number): Promise<[number, string][]> {
    const entries: [number, string][] = [];
    for await (const { sequence, bytes } of store.log.read(from)) {
      entries.push([sequence, Buffer.from(bytes).toString()]);
    }
    return entries;
  }

  it("gives back what was appended, in order, also after a restart", async () => {
    assert.equal(await store.log.newest(), undefined);
    assert.deepEqual(await read(1), []);
    for (let sequence = 1; sequence <= 300; sequence++) {
      await store.log.append(sequence, Buffer.from(`entry ${sequence}`));
    }
    await store.close();
    store = await openStore(folder);
    assert.equal((await store.log.newest())?.sequence, 300);
    const all = await read(1);
    assert.deepEqual(
      all.map(([sequence]) => sequence),
      Array.from({ length: 300 }, (_, index) => index + 1),
    );
    assert.deepEqual(await read(299), [
      [299, "entry 299"],
      [300, "entry 300"],
    ]);
  });

  it("takes the same entry again, and neither another one in its place nor one after a gap", async () => {
    await store.log.append(1, Buffer.from("one"));
    await store.log.append(1, Buffer.from("one"));
    await assert.rejects(store.log.append(1, Buffer.from("uno")), hasCode("CONFLICT", /entry 1/));
    await assert.rejects(store.log.append(3, Buffer.from("three")), hasCode("CONFLICT", /from 2/));
    assert.deepEqual(await read(1), [[1, "one"]]);
  });

  it("takes many that wait at the same time, and refuses only those that do not fit", async () => {
    const asked: [number, string][] = [
      [1, "one"],
      [2, "two"],
      [2, "two"],
      [2, "dos"],
      [4, "four"],
      [3, "three"],
    ];
    const answers = await Promise.allSettled(
      asked.map(([sequence, text]) => store.log.append(sequence, Buffer.from(text))),
    );
    assert.deepEqual(
      answers.map((answer) => (answer.status === "rejected" ? answer.reason.code : "taken")),
      ["taken", "taken", "taken", "CONFLICT", "CONFLICT", "taken"],
    );
    assert.deepEqual(await read(1), [
      [1, "one"],
      [2, "two"],
      [3, "three"],
    ]);
  });

  const reference = (digit: string) => ({ sha256: digit.repeat(64), bytes: 1 });
  const places = (from: number, to: number, text: string) =>
    Array.from({ length: to - from + 1 }, (_, index) => ({ sequence: from + index, bytes: Buffer.from(text) }));

  it("is truncated below a snapshot, and goes on from there after a restart", async () => {
    for (let sequence = 1; sequence <= 5; sequence++) await store.log.append(sequence, Buffer.from("old"));
    const base = { sequence: 4, snapshot: reference("a") };
    await store.log.truncate(base);
    await store.close();
    store = await openStore(folder);
    assert.deepEqual(await store.log.base(), base);
    assert.deepEqual(await read(1), [[5, "old"]]);
    await store.log.append(6, Buffer.from("new"));
    await assert.rejects(store.log.append(8, Buffer.from("gap")), hasCode("CONFLICT", /from 7/));
    await store.log.truncate({ sequence: 6, snapshot: reference("b") });
    assert.equal(await store.log.newest(), undefined);
    await assert.rejects(store.log.append(6, Buffer.from("new")), hasCode("CONFLICT", /from 7/));
    await store.log.append(7, Buffer.from("next"));
    assert.deepEqual(await read(1), [[7, "next"]]);
  });

  it("drops more entries than go in one step, shows none of them meanwhile, and takes others", async () => {
    const database = await Database.open(join(folder, "log alone"));
    try {
      const tables = await Tables.open(database);
      const log = openLogCopy(tables, new Durability(() => database.sync()), folder);
      const shown = async () => {
        const sequences: number[] = [];
        for await (const { sequence } of log.read(1)) sequences.push(sequence);
        return sequences;
      };
      const held = async () => (await tables.bytes("log").keys().all()).length;
      const last = 1_000;
      await Promise.all(places(1, last, "old").map(({ sequence, bytes }) => log.append(sequence, bytes)));
      await log.truncate({ sequence: last - 1, snapshot: reference("a") });
      assert.deepEqual(await shown(), [last]);
      assert.ok((await held()) > 2, "the room of all of them was given back before truncate returned");
      await log.append(last + 1, Buffer.from("new"));
      await until(async () => ((await held()) === 2 ? true : undefined), "what stands before the base is dropped");
      assert.deepEqual(await shown(), [last, last + 1]);
      assert.deepEqual(await tables.check(), []);
    } finally {
      await database.close();
    }
  });

  it("is replaced as a whole, and remembers what it is told until it forgets", async () => {
    for (let sequence = 1; sequence <= 5; sequence++) await store.log.append(sequence, Buffer.from("old"));
    const base = { sequence: 2, snapshot: reference("b") };
    await store.log.replace(base, places(3, 4, "new"), reference("a"));
    assert.deepEqual(await read(1), [
      [3, "new"],
      [4, "new"],
    ]);
    await store.log.replace(undefined, places(1, 1, "newer"), reference("c"));
    await store.close();
    store = await openStore(folder);
    assert.deepEqual(await read(1), [[1, "newer"]]);
    assert.equal(await store.log.base(), undefined);
    assert.deepEqual(await store.log.remembered(), [reference("a"), reference("c")]);
    await store.log.forget();
    assert.deepEqual(await store.log.remembered(), []);
    assert.deepEqual(await read(1), [[1, "newer"]]);
  });

  it("remembers settings", async () => {
    assert.equal(await store.settings.get("node"), undefined);
    await store.settings.put("node", { id: "n1", servers: ["nats://127.0.0.1:7422"] });
    await store.close();
    store = await openStore(folder);
    assert.deepEqual(await store.settings.get("node"), { id: "n1", servers: ["nats://127.0.0.1:7422"] });
  });
});
