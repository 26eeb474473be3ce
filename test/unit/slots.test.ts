import assert from "node:assert/strict";
import { totalmem } from "node:os";
import { describe, it } from "mocha";
import { crowdedBytes, isFull, isQuotaFull } from "../../src/core/disk-room.js";
import { ReelmeshError } from "../../src/core/errors.js";
import { encodesInMemory, firstSlots, nextSlots } from "../../src/core/slots.js";
import { DiskWatch } from "../../src/node/disk-watch.js";
import { failure } from "../../src/node/ffmpeg/complaints.js";
import { peakMemory, readMachine, readProcessor } from "../../src/node/machine.js";
import { SlotKeeper } from "../../src/node/slot-keeper.js";
import { openStore } from "../../src/node/store/open.js";
import { temporaryFolder } from "../support/temporary.js";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const roomy = { cores: 8, availableBytes: 32 * GIB };

describe("slots", () => {
  it("begin with one for two cores", () => {
    assert.deepEqual([1, 2, 3, 4, 64].map(firstSlots), [1, 1, 1, 2, 32]);
  });

  it("grow by one while a third of the processor is idle with all at work, up to the cores", () => {
    assert.equal(nextSlots(4, roomy, 0, 0.34), 5);
    assert.equal(nextSlots(4, roomy, 0, 0.33), 4);
    assert.equal(nextSlots(4, roomy, 0, undefined), 4);
    assert.equal(nextSlots(8, roomy, 0, 0.9), 8);
    assert.equal(nextSlots(4, { cores: 8, availableBytes: 100 * MIB }, 200 * MIB, 0.9), 4);
  });

  it("shrink under pressure of memory, to one", () => {
    const tight = { cores: 8, availableBytes: 100 * MIB };
    assert.equal(nextSlots(4, tight, 500 * MIB, 0.9), 3);
    assert.equal(nextSlots(1, tight, 500 * MIB, 0.9), 1);
  });

  it("are filled as far as memory goes, with those counted that have not taken theirs", () => {
    const machine = { cores: 8, availableBytes: 1_000 * MIB };
    assert.equal(encodesInMemory(machine, 400 * MIB, 3, 0), 5);
    assert.equal(encodesInMemory(machine, 400 * MIB, 3, 1), 4);
    assert.equal(encodesInMemory(machine, 400 * MIB, 3, 3), 3);
    assert.equal(encodesInMemory(machine, 1_001 * MIB, 0, 0), 0);
    assert.equal(encodesInMemory({ cores: 1, availableBytes: 1 }, 0, 0, 0), 1, "a guess keeps no node idle");
  });

  it("are judged over ten looks, all of them busy", () => {
    const looks: (() => void)[] = [];
    const admitted: [number, boolean][] = [];
    let busy = 2;
    let open = true;
    const time = { total: 0, idle: 0 };
    const keeper = new SlotKeeper({
      slots: "auto",
      admission: {
        get open() {
          return open;
        },
        onChange: () => {},
      },
      worker: {
        admit: (...wanted) => admitted.push(wanted),
        slotAges: () => Array.from({ length: busy }, () => 9_000),
      },
      machine: () => ({ cores: 4, availableBytes: 32 * GIB }),
      processor: () => ({ ...time }),
      peakBytes: () => 0,
      clock: {
        every(_ms, action) {
          looks.push(action);
          return () => {};
        },
      },
      report: () => {},
    });
    keeper.start();
    const look = (times: number) => {
      for (let turn = 0; turn < times; turn++) {
        time.total += 4;
        time.idle += 2;
        for (const action of looks) action();
      }
    };
    look(9);
    assert.equal(keeper.slots, 2);
    look(1);
    assert.equal(keeper.slots, 3);
    look(10);
    assert.equal(keeper.slots, 3, "one of three was free");
    busy = 3;
    look(10);
    assert.equal(keeper.slots, 4);
    assert.deepEqual(admitted.at(-1), [4, true]);
    open = false;
    look(1);
    assert.deepEqual(admitted.at(-1), [0, false]);
  });
});

describe("the machine", () => {
  it("has cores, memory, and processor time that goes on", () => {
    const { cores, availableBytes } = readMachine();
    assert.ok(Number.isInteger(cores) && cores >= 1);
    assert.ok(availableBytes > 0 && availableBytes <= totalmem());
    const { total, idle } = readProcessor();
    assert.ok(Number.isFinite(total) && Number.isFinite(idle) && total > 0);
  });

  it("tells the peak memory of a process", () => {
    assert.ok(peakMemory(process.pid) > 10 * MIB);
    assert.equal(peakMemory(2 ** 30), 0);
  });
});

describe("room on the disk", () => {
  it("counts as short after something failed for want of it, and after nothing else", () => {
    const admission = {
      full: false,
      setFull(full: boolean) {
        this.full = full;
      },
    };
    const store = { totals: () => ({ blobs: 0, bytes: 0 }), evict: async () => ({ blobs: 0, bytes: 0 }) };
    const quota = Number.POSITIVE_INFINITY;
    const watch = new DiskWatch({ data: "/", quota, store, admission, now: () => 0, report: () => {} });
    assert.equal(watch.caused(new ReelmeshError("ENVIRONMENT", "ffmpeg is missing")), false);
    assert.equal(watch.caused(new ReelmeshError("MEDIA", "damaged", { cause: new Error("x") })), false);
    assert.equal(admission.full, false);
    const failed = { purpose: "encoding chunk-1", blame: "MEDIA" as const };
    assert.equal(watch.caused(failure("ffmpeg", failed, ["av_interleaved_write: No space left on device"], 1)), true);
    assert.equal(admission.full, true);
    const cause = Object.assign(new Error("write"), { code: "EDQUOT" });
    assert.equal(watch.caused(new ReelmeshError("ENVIRONMENT", "no room", { cause })), true);
  });

  it("is short below 5% or 1 GiB, whichever is smaller, and there again with a margin", () => {
    assert.equal(isFull(false, 0.9 * GIB, 1_000 * GIB), true);
    assert.equal(isFull(false, 1.1 * GIB, 1_000 * GIB), false);
    assert.equal(isFull(true, 1.1 * GIB, 1_000 * GIB), true);
    assert.equal(isFull(true, 1.3 * GIB, 1_000 * GIB), false);
    assert.equal(isFull(false, 0.4 * GIB, 10 * GIB), true);
    assert.equal(isFull(false, 0.6 * GIB, 10 * GIB), false);
  });

  it("is short from 90% of the quota on, and there again below 85%", () => {
    assert.equal(isQuotaFull(false, 89, 100), false);
    assert.equal(isQuotaFull(false, 90, 100), true);
    assert.equal(isQuotaFull(true, 85, 100), true);
    assert.equal(isQuotaFull(true, 84, 100), false);
    assert.equal(isQuotaFull(false, 1e15, Number.POSITIVE_INFINITY), false);
  });

  it("is made by copies before that, of the quota and of the disk", () => {
    assert.equal(crowdedBytes(84, 100, 10 * GIB, 100 * GIB), 0);
    assert.equal(crowdedBytes(86, 100, 10 * GIB, 100 * GIB), 6);
    assert.equal(crowdedBytes(86, Number.POSITIVE_INFINITY, 10 * GIB, 100 * GIB), 0);
    assert.equal(crowdedBytes(0, Number.POSITIVE_INFINITY, 1 * GIB, 100 * GIB), 0.25 * GIB);
  });

  it("goes to copies of fetched files last used long ago, and to work when they are gone", async () => {
    const store = await openStore(await temporaryFolder(), { graceMs: 0 });
    const admission = {
      full: false,
      setFull(full: boolean) {
        this.full = full;
      },
    };
    async function* bytes(fill: string, length: number): AsyncIterable<Uint8Array> {
      yield Buffer.alloc(length, fill);
    }
    const told: string[] = [];
    const report = (event: string) => told.push(event);
    const watch = new DiskWatch({ data: "/", quota: 1000, store: store.blobs, admission, now: () => 0, report });
    try {
      const old = await store.blobs.put(bytes("a", 100), "cache:film");
      const kept = await store.blobs.put(bytes("b", 700), "asset:film");
      const used = await store.blobs.put(bytes("c", 100), "cache:film");
      store.blobs.touch(used.sha256);
      await watch.look();
      assert.equal(admission.full, false);
      assert.equal(await store.blobs.find(old.sha256), undefined);
      assert.ok((await store.blobs.find(used.sha256)) && (await store.blobs.find(kept.sha256)));
      await store.blobs.put(bytes("d", 250), "asset:film");
      await watch.look();
      assert.equal(admission.full, true);
      assert.deepEqual(store.blobs.totals(), { blobs: 2, bytes: 950 });
      assert.deepEqual(told, [
        "copies made room",
        "copies made room",
        "the quota is full: no work is taken until there is room",
      ]);
      await store.blobs.release("asset:film");
      await watch.look();
      assert.equal(admission.full, false);
    } finally {
      await store.close();
    }
  });
});
