/** A data folder whose LevelDB is damaged while nothing runs: the index is rebuilt from the files, and nothing is lost. */
import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FOUND_OWNER } from "../../src/core/ports.js";
import { Database } from "../../src/node/store/database.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { Table, Tables } from "../../src/node/store/tables.js";
import { temporaryFolder } from "../support/temporary.js";
import { hasCode, hashOf, streamOf } from "./store.contract.js";

const BLOBS = 20;
const texts = Array.from({ length: BLOBS }, (_, index) => `blob ${index} of the asset`);

/** A folder that was in use over two starts: LevelDB has tables and a journal then. */
async function usedFolder(): Promise<string> {
  const folder = await temporaryFolder("run");
  for (const half of [texts.slice(0, BLOBS / 2), texts.slice(BLOBS / 2)]) {
    const { blobs, settings, log, close } = await openStore(folder);
    if ((await settings.get("node.id")) === undefined) await settings.put("node.id", "the node");
    await Promise.all(half.map((text) => blobs.put(streamOf(text), "asset:film")));
    const from = (await log.newest())?.sequence ?? 0;
    for (let next = from + 1; next <= from + 200; next++)
      await log.append(next, Buffer.from(`entry ${next}`.repeat(20)));
    await settings.put("mesh", half.length);
    await close();
  }
  return folder;
}

/** The newest file of LevelDB whose name fits. */
async function fileOf(index: string, fits: RegExp): Promise<string> {
  const name = (await readdir(index))
    .filter((one) => fits.test(one))
    .sort()
    .at(-1);
  assert.ok(name !== undefined, `no ${fits} in ${await readdir(index)}`);
  assert.ok((await stat(join(index, name))).size > 0);
  return join(index, name);
}

/** Everything that was stored can be read, by the right name, and the node is who it was. */
async function hasEverything({ blobs, settings }: Store): Promise<void> {
  assert.equal(blobs.totals().blobs, BLOBS);
  for (const text of texts) {
    const sha256 = hashOf(Buffer.from(text));
    assert.equal(Buffer.from(await blobs.read(sha256)).toString(), text);
  }
  assert.equal(await settings.get("node.id"), "the node");
}

describe("a damaged index", function () {
  this.timeout(180_000);
  let sound = "";

  before(async () => {
    sound = await usedFolder();
  });

  async function damaged(harm: (index: string) => Promise<void>): Promise<string> {
    const folder = join(await temporaryFolder(), "data");
    await cp(sound, folder, { recursive: true });
    await harm(join(folder, "index"));
    return folder;
  }

  /** Opens, and opens again; returns why the index was begun anew at the first time. */
  async function survives(folder: string): Promise<string | undefined> {
    const first = await openStore(folder);
    const { damage } = first;
    try {
      await hasEverything(first);
      if (damage !== undefined) {
        const owners = await first.blobs.owners();
        assert.ok(owners.length === 1 && owners[0]?.owner.startsWith(FOUND_OWNER), JSON.stringify(owners));
        assert.equal(await first.log.newest(), undefined);
      }
      const { sha256 } = await first.blobs.put(streamOf("after"), "asset:film");
      await first.blobs.disown([sha256], "asset:film");
    } finally {
      await first.close();
    }
    const second = await openStore(folder);
    assert.equal(second.damage, undefined);
    await hasEverything(second);
    await second.close();
    const kept = (await readdir(folder)).filter((name) => name.startsWith("index-damaged-"));
    assert.equal(kept.length, damage === undefined ? 0 : 1);
    return damage;
  }

  it("is none when nothing is damaged", async () => {
    const folder = await damaged(async () => {});
    assert.equal(await survives(folder), undefined);
  });

  const parts = [
    { part: "CURRENT", fits: /^CURRENT$/ },
    { part: "the MANIFEST", fits: /^MANIFEST-/ },
    { part: "a table", fits: /\.ldb$/ },
  ];
  for (const { part, fits } of parts) {
    it(`is rebuilt when ${part} is gone, empty, cut short or overwritten`, async () => {
      const harms: ((file: string) => Promise<unknown>)[] = [
        (file) => rm(file),
        (file) => writeFile(file, ""),
        async (file) => truncate(file, Math.floor((await stat(file)).size / 2)),
        async (file) => writeFile(file, Buffer.alloc((await stat(file)).size, 0x5a)),
      ];
      for (const harm of harms) {
        const folder = await damaged(async (index) => void (await harm(await fileOf(index, fits))));
        assert.match((await survives(folder)) ?? "none", /gone|orrupt|rror|missing|empty|rows|CURRENT/);
      }
    });
  }

  it("is rebuilt when any bit of a table flips, or is what it was", async () => {
    const { size } = await stat(await fileOf(join(sound, "index"), /\.ldb$/));
    let rebuilt = 0;
    for (let flip = 0; flip < 6; flip++) {
      const folder = await damaged(async (index) => {
        const file = await fileOf(index, /\.ldb$/);
        const bytes = await readFile(file);
        const place = Math.floor(((flip + 0.5) / 6) * size);
        bytes[place] = (bytes[place] ?? 0) ^ (1 << (flip % 8));
        await writeFile(file, bytes);
      });
      if ((await survives(folder)) !== undefined) rebuilt++;
    }
    // A flip in a row's earlier version, or in a checksum that LevelDB does not read, changes nothing.
    assert.ok(rebuilt >= 1, `${rebuilt} of 6 were noticed`);
  });

  it("is rebuilt when LevelDB's own assertions end the process that reads it", async () => {
    const folder = await damaged(async (index) => {
      const file = await fileOf(index, /\.ldb$/);
      const bytes = await readFile(file);
      // The first entry: bytes shared with the key before it, other bytes of the key, bytes of the value, the key.
      const key = bytes.indexOf("!");
      assert.ok(bytes[key - 3] === 0 && (bytes[key - 2] ?? 0) > 8, bytes.subarray(0, 20).toString("hex"));
      bytes[key - 2] = 4;
      await writeFile(file, bytes);
    });
    assert.match((await survives(folder)) ?? "none", /^LevelDB crashed over it \(Assertion .*internal_key/);
  });

  it("is sought in what other rows have replaced as well: all tables are written anew", async () => {
    const names = async (index: string) => (await readdir(index)).filter((name) => name.endsWith(".ldb"));
    let before: string[] = [];
    const folder = await damaged(async (index) => {
      before = await names(index);
    });
    assert.equal(await survives(folder), undefined);
    const after = await names(join(folder, "index"));
    assert.ok(before.length > 0 && before.every((name) => !after.includes(name)), `${before} became ${after}`);
  });

  it("is noticed when rows change alike, and when a tally is gone", async () => {
    const database = await Database.open(join(await temporaryFolder(), "index"));
    const open = async () => {
      const tables = await Tables.open(database);
      return { tables, cells: tables.text("cells"), others: tables.text("others") };
    };
    try {
      const { tables, cells, others } = await open();
      await tables.commit([...["a", "b", "c"].map((key) => cells.put(key, `{"bytes":${key}}`)), others.put("d", "e")]);
      assert.deepEqual(await (await open()).tables.check(), []);
      // As Snappy gives them when a bit flips in what it repeats.
      const harm = ["a", "b"].map((key) => cells.write(key, `{"bytes"2${key}}`));
      await database.write(harm);
      assert.deepEqual(await (await open()).tables.check(), ["cells has 3 rows, and 3 were written"]);
      await database.write(["a", "b"].map((key) => cells.write(key, `{"bytes":${key}}`)));
      assert.deepEqual(await (await open()).tables.check(), []);
      await database.write([new Table<string>(database, "tallies", "utf8").write("others", undefined)]);
      assert.deepEqual(await (await open()).tables.check(), [
        "others has 1 rows, and nobody knows how many were written",
      ]);
    } finally {
      await database.close();
    }
  });

  it("is rebuilt when the journal has a hole; one without its end is an older index, and its files are found", async () => {
    const hole = await damaged(async (index) => {
      const file = await fileOf(index, /\.log$/);
      const bytes = await readFile(file);
      bytes.fill(0xff, 2000, 2100);
      await writeFile(file, bytes);
    });
    assert.match((await survives(hole)) ?? "none", /rows/);
    for (const share of [0, 0.5, 0.9]) {
      const cut = await damaged(async (index) => {
        const file = await fileOf(index, /\.log$/);
        await truncate(file, Math.floor((await stat(file)).size * share));
      });
      assert.equal(await survives(cut), undefined);
    }
    await survives(await damaged(async (index) => rm(await fileOf(index, /\.log$/))));
  });

  it("is rebuilt when all of it is gone", async () => {
    const gone = await damaged((index) => rm(index, { recursive: true }));
    assert.match((await survives(gone).catch(String)) ?? "", /./);
    const empty = await damaged(async (index) => {
      await rm(index, { recursive: true });
      await mkdir(index);
    });
    assert.equal(await survives(empty), "it is empty");
  });

  it("never gives out a file that is damaged too", async () => {
    const text = texts[7] as string;
    const sha256 = hashOf(Buffer.from(text));
    const folder = await damaged(async (index) => {
      await rm(join(index, "CURRENT"));
      const file = join(index, "../blobs", sha256.slice(0, 2), sha256.slice(2, 4), sha256);
      await writeFile(file, text.replace("blob", "blub"));
    });
    const { blobs, damage, close } = await openStore(folder);
    assert.ok(damage);
    await assert.rejects(blobs.path(sha256), hasCode("NOT_FOUND"));
    assert.equal(blobs.totals().blobs, BLOBS - 1);
    await close();
  });

  it("is kept, but not every one for ever", async () => {
    const folder = await damaged(async () => {});
    for (let times = 0; times < 4; times++) {
      await rm(join(folder, "index", "CURRENT"));
      await (await openStore(folder)).close();
    }
    assert.equal((await readdir(folder)).filter((name) => name.startsWith("index-damaged-")).length, 2);
  });
});
