/** One coordinator over a real nats-server and a real store: what it does when the bus misbehaves. */
import assert from "node:assert/strict";
import { EventEmitter, on, once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Coordinator } from "../../src/coordinator/coordinator.js";
import { ReelmeshError } from "../../src/core/errors.js";
import type { TaskResult } from "../../src/core/work.js";
import { systemClock } from "../../src/node/clock.js";
import { MeshTail } from "../../src/node/mesh-tail.js";
import { type Bus, connectBus } from "../../src/node/nats/bus.js";
import { openMeshLog } from "../../src/node/nats/mesh-log.js";
import { NatsServer } from "../../src/node/nats/server-process.js";
import { openStore, type Store } from "../../src/node/store/open.js";
import { patient } from "../contract/log.contract.js";
import { encodeResult, planned, submitted } from "../support/facts.js";
import { steadyClock } from "../support/steady-clock.js";
import { temporaryFolder } from "../support/temporary.js";

describe("a coordinator on a real bus", function () {
  this.timeout(180_000);
  let folder = "";
  let server: NatsServer;
  let bus: Bus;
  let store: Store;
  let tail: MeshTail;
  let coordinator: Coordinator;
  let events: EventEmitter;

  beforeEach(async () => {
    folder = await temporaryFolder();
    events = new EventEmitter();
    server = new NatsServer({ folder, name: "test", host: "127.0.0.1", port: 0, report: () => {} });
    bus = await connectBus([`nats://127.0.0.1:${await server.start()}`], "test");
    store = await openStore(await temporaryFolder());
    tail = new MeshTail({ copy: store.log, blobs: store.blobs, clock: systemClock, report: () => {} });
    await tail.restore();
    const log = openMeshLog(bus);
    await patient(log).found(1);
    coordinator = new Coordinator({
      nodeId: "me",
      nodeName: "me",
      log,
      tail,
      members: {
        live: () => new Set(["me"]),
        working: () => 0,
        encoders: () => new Map(),
        nameOf: (id) => id,
        remembered: () => 0,
      },
      keepSnapshot: () => assert.fail("so few entries need no snapshot"),
      clock: steadyClock(),
      report: (event, details) => events.emit(event, details),
    });
    bus.onChange((connected) => coordinator.busChanged(connected));
    const source = { log, fetch: () => assert.fail("nothing to fetch"), found: () => assert.fail("the log is there") };
    tail.follow(source, (error) => assert.fail(String(error)));
    const leads = once(events, "term started");
    coordinator.start();
    await leads;
  });

  afterEach(async () => {
    await coordinator.stop();
    await tail.stop();
    await bus.close();
    await server.stop();
    await store.close();
  });

  /** Submits as a node does that passes a call on: again while there is no coordinator. */
  async function submitPatiently(job: string): Promise<void> {
    const terms = on(events, "term started");
    for (;;) {
      try {
        await coordinator.jobs.submit(submitted(job));
        return;
      } catch (error) {
        assert.ok(error instanceof ReelmeshError && error.code === "NOT_COORDINATOR", String(error));
        await terms.next();
      }
    }
  }

  function jobEntry(kind: string): Promise<void> {
    return new Promise((resolve) => {
      tail.onEntry((entry) => {
        if (entry.kind === kind) resolve();
      });
    });
  }

  it("goes on when something that is no entry is published to the log", async () => {
    await coordinator.jobs.submit(submitted("before"));
    bus.connection.publish("reelmesh.log", new TextEncoder().encode("no entry at all"));
    await bus.connection.flush();
    await submitPatiently("after-it");
    assert.deepEqual([...tail.state.jobs.keys()], ["before", "after-it"]);
  });

  it("refuses a fact that NATS would not take, and takes the next one", async () => {
    const large = submitted("large");
    large.jobSubmitted.fileName = "x".repeat(2_000_000);
    const refusal = assert.rejects(coordinator.jobs.submit(large), { code: "INVALID_INPUT" });
    await coordinator.jobs.submit(submitted("small"));
    await refusal;
    assert.deepEqual([...tail.state.jobs.keys()], ["small"]);
  });

  it("takes a submission once, also when it comes twice, and another source under its id never", async () => {
    const [one, two] = await Promise.all([
      coordinator.jobs.submit(submitted("j")),
      coordinator.jobs.submit(submitted("j")),
    ]);
    assert.equal(one.id, two.id);
    const other = submitted("j");
    other.jobSubmitted.source = { sha256: "f".repeat(64), bytes: 1 };
    await assert.rejects(coordinator.jobs.submit(other), { code: "CONFLICT" });
    assert.equal(tail.state.jobs.size, 1);
  });

  it("goes on with a failed job where it had failed, and forgets one that was removed", async () => {
    await coordinator.jobs.submit(submitted("j", "me"));
    const plan = await coordinator.reign.claim("me", true).answer;
    assert.ok(plan !== undefined);
    const failed = jobEntry("jobFailed");
    coordinator.reign.fail(plan.id, "me", "j", "plan", "no decoder reads it", true, false);
    await failed;
    await assert.rejects(coordinator.jobs.control("j", { kind: "cancel" }), { code: "CONFLICT" });
    const view = await coordinator.jobs.control("j", { kind: "retry" });
    assert.deepEqual([view.state, view.reason], ["submitted", ""]);
    const again = await coordinator.reign.claim("me", true).answer;
    assert.deepEqual([again?.task, again?.attempt], ["plan", 1]);
    await coordinator.jobs.control("j", { kind: "cancel" });
    assert.equal((await coordinator.jobs.control("j", { kind: "remove" })).state, "cancelled");
    await assert.rejects(coordinator.jobs.control("j", { kind: "remove" }), { code: "NOT_FOUND", message: /no job j/ });
    assert.equal(tail.state.jobs.size, 0);
  });

  it("answers a late result with whether it won, and refuses one that is of another job", async () => {
    const complete = (job: string, task: string, result: TaskResult) =>
      coordinator.reign.complete("gone", "me", job, task, result);
    for (const job of ["one", "two"]) {
      await coordinator.jobs.submit(submitted(job, "me"));
      const { result } = planned(job, job === "one" ? 2 : 1, ["me"]).jobPlanned;
      assert.ok(result !== null);
      assert.equal(await complete(job, "plan", { kind: "plan", plan: result }), true, "no lease is needed");
    }
    const first: TaskResult = { kind: "encode", encode: encodeResult("one", "chunk-1") };
    const late: TaskResult = { kind: "encode", encode: encodeResult("late", "chunk-1") };
    assert.equal(await complete("one", "chunk-1", first), true);
    assert.equal(await complete("one", "chunk-1", late), false);
    assert.equal(await complete("one", "chunk-1", first), true, "a repeat");
    await assert.rejects(complete("two", "chunk-2", first), { code: "INVALID_INPUT" });
    await assert.rejects(complete("__proto__", "chunk-1", first), { code: "NOT_FOUND" });
  });

  it("takes the beginning of a track, never of a chunk, and says nothing twice", async () => {
    await coordinator.jobs.submit(submitted("growing", "me"));
    const { result } = planned("growing", 1, ["me"]).jobPlanned;
    assert.ok(result !== null);
    const [chunk] = result.tasks;
    assert.ok(chunk);
    const track = { ...chunk, name: "audio-1", frames: 0, renditions: [] };
    const plan = { ...result, tasks: [chunk, track] };
    await coordinator.reign.complete("gone", "me", "growing", "plan", { kind: "plan", plan });
    const begun = { ...encodeResult("growing", "audio-1"), frames: 0 };
    const grow = (task: string, seconds: number, encode = begun) =>
      coordinator.reign.grow("me", "growing", task, seconds, encode);
    await grow("audio-1", 8);
    const { sequence } = tail.state;
    await grow("audio-1", 8);
    await grow("audio-1", 4);
    await grow("nothing", 4);
    assert.equal(tail.state.sequence, sequence);
    assert.equal(tail.state.jobs.get("growing")?.grown.get("audio-1")?.seconds, 8);
    await assert.rejects(grow("chunk-1", 4), { code: "INVALID_INPUT", message: /no beginning of its own/ });
    await assert.rejects(grow("audio-1", 16, { ...begun, plan: "another" }), { code: "INVALID_INPUT" });
    await coordinator.reign.complete("gone", "me", "growing", "audio-1", { kind: "encode", encode: begun });
    assert.equal(tail.state.jobs.get("growing")?.grown.size, 0);
  });

  it("readmits a node that was set aside, and says nothing twice", async () => {
    await coordinator.jobs.readmit("nobody");
    const before = tail.state.sequence;
    tail.state.setAside.set("other", "its results are wrong");
    await coordinator.jobs.readmit("other");
    assert.deepEqual([tail.state.setAside.size, tail.state.sequence], [0, before + 1]);
    await coordinator.jobs.readmit("other");
    assert.equal(tail.state.sequence, before + 1);
  });

  it("comes back after an outage in the middle of an append", async () => {
    const pid = Number(await readFile(join(folder, "pid"), "utf8"));
    process.kill(pid, "SIGKILL");
    await submitPatiently("in-flight");
    await submitPatiently("afterwards");
    assert.deepEqual([...tail.state.jobs.keys()], ["in-flight", "afterwards"]);
  });

  it("does not grant to a claim that nobody waits for any more", async () => {
    const claim = coordinator.reign.claim("me", false);
    assert.deepEqual([claim.granted, coordinator.load.claims], [undefined, 1]);
    claim.withdraw();
    assert.deepEqual([await claim.answer, coordinator.load.claims], [undefined, 0]);
    claim.withdraw();
  });
});
