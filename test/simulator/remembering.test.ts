/** A coordinator whose log has lost its end, while nodes still bring back what that held. */
import assert from "node:assert/strict";
import { Coordinator } from "../../src/coordinator/coordinator.js";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Fact } from "../../src/core/facts.js";
import type { TaskResult } from "../../src/core/work.js";
import { MeshTail } from "../../src/node/mesh-tail.js";
import { logEntryCodec } from "../../src/node/proto.js";
import { encodeResult, entry, packageResult, planned, submitted, taskDone } from "../support/facts.js";
import { Network } from "./network.js";
import { Random } from "./random.js";
import { VirtualBus } from "./virtual-bus.js";
import { VirtualDisk } from "./virtual-disk.js";
import { Process, processClock, VirtualTime } from "./virtual-time.js";

describe("a coordinator while nodes bring back what the log has lost", () => {
  let time: VirtualTime;
  let node: Process;
  let coordinator: Coordinator;
  /** What the nodes say that they remember. */
  let remembered: number;

  const pass = (ms: number) =>
    time.run(
      time.now + ms,
      () => {},
      () => false,
    );

  const chunk = (name: string): TaskResult => ({ kind: "encode", encode: encodeResult("j", name) });
  const complete = (task: string, result: TaskResult) => coordinator.reign.complete("gone", "a", "j", task, result);
  const pack = () => complete("package", { kind: "package", package: packageResult("j") });

  /** A term begins on a log of these facts. */
  async function begin(...facts: Fact[]): Promise<void> {
    time = new VirtualTime();
    node = new Process();
    const random = new Random(1);
    const network = new Network(time, random);
    const bus = new VirtualBus({ time, network, random, servers: ["bus"], committed: () => {} });
    let ids = 0;
    const clock = processClock({ time, process: node, random, wallError: () => 0, newId: () => `id-${++ids}` });
    bus.found(1);
    for (const [at, fact] of facts.entries()) bus.take(logEntryCodec.encode(entry(fact)), at);
    const disk = new VirtualDisk(time, random, () => {});
    const tail = new MeshTail({ copy: disk.logCopy(node), blobs: disk.snapshots, clock, report: () => {} });
    const log = bus.connect("node", node);
    const missing = async () => assert.fail("there is a log, without a snapshot");
    tail.follow({ log, fetch: missing, found: missing }, (error) => assert.fail(String(error)));
    coordinator = new Coordinator({
      nodeId: "a",
      nodeName: "a",
      log,
      tail,
      members: {
        live: () => new Set(["a", "b"]),
        working: () => 0,
        encoders: () => new Map(),
        nameOf: (id) => id,
        remembered: () => remembered,
      },
      keepSnapshot: missing,
      clock,
      report: () => {},
    });
    coordinator.start();
    while (!coordinator.leads) await pass(10);
  }

  /** The code of the error that a call ends with, while time passes; what it answers when there is none. */
  async function outcome(call: Promise<unknown>): Promise<unknown> {
    let answer: { is: unknown } | undefined;
    call.then(
      (is) => {
        answer = { is };
      },
      (error: unknown) => {
        answer = { is: error instanceof ReelmeshError ? error.code : error };
      },
    );
    while (answer === undefined) await pass(10);
    return answer.is;
  }

  afterEach(() => node.die());

  it("decides nothing of any job until all of it is back", async () => {
    remembered = 1;
    await begin(submitted("j"), planned("j", 2), taskDone("j", "chunk-1"));
    const { jobs } = coordinator;
    assert.equal(await outcome(complete("chunk-1", chunk("chunk-1"))), true, "a repeat is answered");
    assert.equal(await outcome(complete("chunk-2", chunk("chunk-2 again"))), "UNAVAILABLE");
    assert.equal(await outcome(pack()), "UNAVAILABLE");
    assert.equal(await outcome(jobs.control("j", { kind: "cancel" })), "UNAVAILABLE");
    assert.equal(await outcome(jobs.control("lost", { kind: "cancel" })), "UNAVAILABLE", "it may come back");
    assert.equal(await outcome(jobs.submit(submitted("lost"))), "UNAVAILABLE");

    await outcome(jobs.remember("b", [taskDone("j", "chunk-2")]));
    remembered = 0;
    assert.equal(await outcome(complete("chunk-2", chunk("chunk-2 again"))), false, "the first one counts");
    assert.equal(await outcome(pack()), true);
    assert.equal(await outcome(jobs.control("lost", { kind: "cancel" })), "NOT_FOUND");
  });

  it("takes no package of a job that lacks chunks, as long as no node can have told yet", async () => {
    remembered = 0;
    await begin(submitted("j"), planned("j", 2), taskDone("j", "chunk-1"));
    assert.equal(await outcome(pack()), "UNAVAILABLE");
    await pass(5_000);
    assert.equal(await outcome(pack()), true, "nobody remembers them, and the package is of all");
  });
});
