/** A reader whose log loses its end, and grows again before the reader has noticed. */
import assert from "node:assert/strict";
import type { LogEntry } from "../../src/core/facts.js";
import type { BlobReference } from "../../src/core/work.js";
import { MeshTail } from "../../src/node/mesh-tail.js";
import { logEntryCodec } from "../../src/node/proto.js";
import { entry, submitted } from "../support/facts.js";
import { Network } from "./network.js";
import { Random } from "./random.js";
import { VirtualBus } from "./virtual-bus.js";
import { VirtualDisk } from "./virtual-disk.js";
import { Process, processClock, VirtualTime } from "./virtual-time.js";

const LONG_MS = 10_000;

describe("a log that loses its end and grows again", () => {
  const time = new VirtualTime();
  const random = new Random(1);
  const network = new Network(time, random);
  const bus = new VirtualBus({ time, network, random, servers: ["bus"], committed: () => {} });
  const reader = new Process();
  const disk = new VirtualDisk(time, random, () => {});
  const clock = processClock({ time, process: reader, random, wallError: () => 0, newId: () => "" });
  const pass = (ms: number) =>
    time.run(
      time.now + ms,
      () => {},
      () => false,
    );
  const put = (link: LogEntry) => bus.take(logEntryCodec.encode(link), bus.state?.last ?? 0, link.previous);

  it("is read anew, and what it has lost is remembered", async () => {
    const tail = new MeshTail({ copy: disk.logCopy(reader), blobs: disk.snapshots, clock, report: () => {} });
    const fetch = async (_blob: BlobReference) => assert.fail("there is no snapshot");
    const log = bus.connect("reader", reader);
    tail.follow({ log, fetch, found: async () => {} }, (error) => assert.fail(String(error)));
    bus.found(1);
    const job = (id: string, previous: string) => ({ ...entry(submitted(id)), previous });
    const first = job("first", "");
    const lost = job("lost", first.id);
    put(first);
    put(lost);
    await pass(LONG_MS);
    assert.deepEqual([...tail.state.jobs.keys()], ["first", "lost"]);

    bus.loseEnd(1);
    const other = job("other", first.id);
    assert.equal(put(job("too late", lost.id)), false, "nothing is taken behind what is lost");
    put(other);
    put(job("next", other.id));
    await pass(LONG_MS);
    assert.deepEqual([...tail.state.jobs.keys()], ["first", "other", "next"]);
    assert.deepEqual(
      tail.remembered.map(({ jobs }) => [...jobs.keys()]),
      [["first", "lost"]],
    );

    // An entry of somebody who does not know what stands before it stays all the same.
    bus.take(logEntryCodec.encode(job("foreign", "somewhere else")), 3, "");
    await pass(LONG_MS);
    assert.deepEqual([...tail.state.jobs.keys()], ["first", "other", "next", "foreign"]);
    assert.equal(tail.caughtUp, true);
    reader.die();
  });
});
