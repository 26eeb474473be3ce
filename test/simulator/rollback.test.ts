/** Readers and writers of a log that loses its end, and grows again before they have noticed. */
import assert from "node:assert/strict";
import { FactWriter } from "../../src/coordinator/fact-writer.js";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Fact, LogEntry } from "../../src/core/facts.js";
import { historyWith, NO_ENTRIES } from "../../src/core/history.js";
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
  let time: VirtualTime;
  let bus: VirtualBus;
  let node: Process;
  let tail: MeshTail;
  let writer: FactWriter;
  let refused: boolean;

  const pass = (ms: number) =>
    time.run(
      time.now + ms,
      () => {},
      () => false,
    );

  beforeEach(() => {
    time = new VirtualTime();
    node = new Process();
    const random = new Random(1);
    const network = new Network(time, random);
    bus = new VirtualBus({ time, network, random, servers: ["bus"], committed: () => {} });
    const disk = new VirtualDisk(time, random, () => {});
    let ids = 0;
    const clock = processClock({ time, process: node, random, wallError: () => 0, newId: () => `mine-${++ids}` });
    tail = new MeshTail({ copy: disk.logCopy(node), blobs: disk.snapshots, clock, report: () => {} });
    const log = bus.connect("node", node);
    const missing = async () => assert.fail("there is a log, without a snapshot");
    tail.follow({ log, fetch: missing, found: missing }, (error) => assert.fail(String(error)));
    refused = false;
    const reign = new AbortController();
    const refuse = () => {
      refused = true;
      reign.abort();
    };
    writer = new FactWriter({ log, tail, term: 1, reign: reign.signal, refused: refuse, clock, report: () => {} });
    bus.found(1);
  });
  afterEach(() => node.die());

  /** Appends facts, each behind all that are named before it; gives all of these. */
  function put(before: LogEntry[], ...facts: Fact[]): LogEntry[] {
    const known = [...before];
    for (const fact of facts) {
      const history = known.reduce(historyWith, NO_ENTRIES);
      const link = { ...entry(fact, fact.kind === "termStarted" ? 2 : undefined), history };
      assert.equal(bus.take(logEntryCodec.encode(link), bus.state?.last ?? 0), true);
      known.push(link);
    }
    return known;
  }

  const begun = (nodeId: string): Fact => ({ kind: "termStarted", termStarted: { nodeId, nodeName: nodeId } });
  const jobs = () => [...tail.state.jobs.keys()];
  const remembered = () => tail.remembered.map((state) => [...state.jobs.keys()]);

  it("is read anew at the next entry, and what it has lost is remembered", async () => {
    const first = put([], submitted("first"));
    put(first, submitted("lost"));
    await pass(LONG_MS);
    assert.deepEqual(jobs(), ["first", "lost"]);

    bus.loseEnd(1);
    put(first, submitted("other"), submitted("next"));
    await pass(LONG_MS);
    assert.deepEqual(jobs(), ["first", "other", "next"]);
    assert.deepEqual(remembered(), [["first", "lost"]]);
    assert.equal(tail.caughtUp, true);
  });

  it("takes what was written behind what it has lost, and no reader does", async () => {
    const first = put([], submitted("first"));
    const second = put(first, submitted("lost"));
    await pass(LONG_MS);

    bus.loseEnd(1);
    const others = put(first, submitted("other"));
    const tooLate = put(second, submitted("too late")).at(-1) as LogEntry;
    put([...others, tooLate], submitted("next"));
    await pass(LONG_MS);
    assert.deepEqual(jobs(), ["first", "other", "next"]);
    assert.deepEqual(remembered(), [["first", "lost", "too late"]]);
  });

  it("is read anew at the start of a term, also of one that began behind what it has lost", async () => {
    const first = put([], submitted("first"));
    const second = put(first, submitted("lost"));
    await pass(LONG_MS);

    bus.loseEnd(1);
    put(first, submitted("other"));
    put(second, begun("late"));
    await pass(LONG_MS);
    assert.deepEqual(jobs(), ["first", "other"]);
    assert.equal(tail.state.term, 0, "nobody leads in a term that began there");
  });

  it("acknowledges nothing that was written behind what it has lost", async () => {
    put(put([], submitted("first")), submitted("lost"));
    await pass(LONG_MS);

    const [first] = bus.stream?.entries ?? [];
    bus.loseEnd(1);
    put([logEntryCodec.decode(first?.bytes ?? assert.fail("there is no entry"))], submitted("other"));
    const answer = writer
      .append(() => submitted("mine"), { job: "mine" })
      .then(
        () => "done",
        (error: unknown) => (error instanceof ReelmeshError ? error.code : String(error)),
      );
    await pass(LONG_MS);
    assert.equal(await answer, "NOT_COORDINATOR");
    assert.ok(refused);
    assert.deepEqual(jobs(), ["first", "other"]);
  });
});
