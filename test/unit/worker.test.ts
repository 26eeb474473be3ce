/** The worker with a coordinator and tasks that the test answers by hand. */
import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { afterEach, beforeEach, describe, it } from "mocha";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Task, TaskResult } from "../../src/core/work.js";
import { Admission } from "../../src/node/admission.js";
import { systemClock } from "../../src/node/clock.js";
import type { RunningLease } from "../../src/node/lease-keeper.js";
import { Worker, type WorkLease } from "../../src/node/worker.js";
import { encodeResult } from "../support/facts.js";

interface Claim {
  light: boolean;
  signal: AbortSignal;
  grant(name: string): void;
}

interface Run {
  task: Task;
  signal: AbortSignal;
  made(): void;
  end(result: TaskResult | ReelmeshError): void;
}

describe("a worker", () => {
  let events: EventEmitter;
  let worker: Worker;
  /** Claims that wait, and runs that have not ended. */
  let claims: Claim[];
  let runs: Run[];
  let failures: { task: string; handedBack: boolean; reason: string }[];

  /** What renewals are answered, and how a result is taken. */
  let unwanted: string[];
  let complete: (signal: AbortSignal) => Promise<boolean>;

  const heavy = () => claims.filter(({ light }) => !light);
  const result: TaskResult = { kind: "encode", encode: encodeResult("one", "chunk-1") };

  beforeEach(() => {
    events = new EventEmitter();
    claims = [];
    runs = [];
    failures = [];
    unwanted = [];
    complete = async () => true;
    worker = made();
    worker.start();
  });

  function made(): Worker {
    return new Worker({
      slots: 2,
      coordinator: {
        claim: (_wait, light, signal) => claim(light, signal),
        renew: async (leases) => {
          events.emit("renewed", leases);
          return { unwanted, renewAfterMs: unwanted.length === 0 ? 1_000 : 10 };
        },
        grow: async () => {},
        complete: (_lease, _result, signal) => complete(signal),
        fail: async ({ task }, reason, _permanent, handedBack) => {
          failures.push({ task: task.name, handedBack, reason });
          events.emit("failed");
        },
      },
      run: (task, signal, { onMade }) => run(task, signal, onMade),
      isNodesFault: ({ message }) => message.includes("no room"),
      clock: systemClock,
      report: () => {},
    });
  }

  afterEach(() => worker.stop());

  function claim(light: boolean, signal: AbortSignal): Promise<WorkLease | undefined> {
    return new Promise((resolve, reject) => {
      const one: Claim = {
        light,
        signal,
        grant(name) {
          claims.splice(claims.indexOf(one), 1);
          const task: Task = { job: "one", name, kind: "encode", encode: { plan: null, holders: [], linear: false } };
          resolve({ id: `lease-${name}`, attempt: 1, renewAfterMs: 1_000, task });
        },
      };
      claims.push(one);
      events.emit("claim");
      signal.addEventListener("abort", () => {
        claims.splice(claims.indexOf(one), 1);
        reject(new ReelmeshError("ABORTED", "stopped"));
      });
    });
  }

  function run(task: Task, signal: AbortSignal, made: () => void): Promise<TaskResult> {
    return new Promise((resolve, reject) => {
      const one: Run = {
        task,
        signal,
        made,
        end(outcome) {
          runs.splice(runs.indexOf(one), 1);
          if (outcome instanceof ReelmeshError) reject(outcome);
          else resolve(outcome);
        },
      };
      runs.push(one);
      events.emit("run");
      signal.addEventListener("abort", () => one.end(new ReelmeshError("ABORTED", "stopped")));
    });
  }

  async function start(name: string): Promise<Run> {
    while (heavy().length === 0) await once(events, "claim");
    const began = once(events, "run");
    heavy()[0]?.grant(name);
    await began;
    return runs.at(-1) as Run;
  }

  it("goes on reporting a result when its lease is not wanted any more: the answer says whether it counts", async () => {
    const reported = once(events, "completing") as Promise<[AbortSignal]>;
    let answer = (_accepted: boolean) => {};
    complete = (signal) =>
      new Promise((resolve) => {
        answer = resolve;
        events.emit("completing", signal);
      });
    const one = await start("chunk-1");
    one.end(result);
    const [signal] = await reported;
    unwanted = ["lease-chunk-1"];
    for (let times = 0; times < 3; times++) await once(events, "renewed");
    assert.equal(signal.aborted, false);
    answer(true);
  });

  it("keeps all of its leases with one call", async () => {
    await start("chunk-1");
    await start("chunk-2");
    const [leases] = (await once(events, "renewed")) as [RunningLease[]];
    assert.deepEqual(
      leases.map(({ lease }) => lease.id),
      ["lease-chunk-1", "lease-chunk-2"],
    );
  });

  it("ends what is not wanted any more, and keeps the rest", async () => {
    const first = await start("chunk-1");
    const second = await start("chunk-2");
    unwanted = ["lease-chunk-1"];
    await once(first.signal, "abort");
    const [leases] = (await once(events, "renewed")) as [RunningLease[]];
    assert.deepEqual([leases.length, second.signal.aborted], [1, false]);
  });

  it("asks for as many encodes as it has slots, and for light work", async () => {
    assert.deepEqual([heavy().length, claims.length], [2, 3]);
    await start("chunk-1");
    assert.deepEqual([heavy().length, worker.busy()], [1, 1]);
  });

  it("takes its claims back when it may not work, and asks again when it may", async () => {
    const waiting = [...claims];
    worker.admit(0, false);
    assert.ok(waiting.every(({ signal }) => signal.aborted));
    assert.equal(claims.length, 0);
    const asked = once(events, "claim");
    worker.admit(1, true);
    await asked;
    while (claims.length < 2) await once(events, "claim");
    assert.equal(heavy().length, 1);
  });

  it("asks anew when somebody else coordinates, and goes on with what runs", async () => {
    const first = await start("chunk-1");
    const waiting = [...claims];
    const asked = once(events, "claim");
    worker.recall();
    assert.ok(waiting.length === 2 && waiting.every(({ signal }) => signal.aborted));
    await asked;
    while (claims.length < 2) await once(events, "claim");
    assert.equal(first.signal.aborted, false);
    first.end(result);
  });

  it("fills new slots, and leaves those that are too many empty when they end", async () => {
    worker.admit(3, true);
    while (heavy().length < 3) await once(events, "claim");
    const first = await start("chunk-1");
    const second = await start("chunk-2");
    worker.admit(1, true);
    assert.equal(heavy().length, 0);
    first.end(result);
    await worker.idle(AbortSignal.timeout(50));
    assert.equal(heavy().length, 0, "one still runs");
    const asked = once(events, "claim");
    second.end(result);
    await asked;
    assert.equal(heavy().length, 1);
  });

  it("asks for the next while a result is finishing", async () => {
    worker.admit(1, true);
    const first = await start("chunk-1");
    assert.equal(heavy().length, 0);
    first.made();
    while (heavy().length === 0) await once(events, "claim");
    assert.deepEqual([worker.busy(), worker.running().length], [0, 1]);
    first.end(result);
  });

  it("is idle when what runs has ended, and not before", async () => {
    const first = await start("chunk-1");
    worker.admit(0, false);
    let idle = false;
    const drained = worker.idle(new AbortController().signal).then(() => {
      idle = true;
    });
    await worker.idle(AbortSignal.timeout(50));
    assert.equal(idle, false);
    first.end(result);
    await drained;
  });

  it("ends the work of a job that has ended, and reports no failure of it", async () => {
    const first = await start("chunk-1");
    worker.abandon("other");
    assert.equal(first.signal.aborted, false);
    worker.abandon("one");
    assert.equal(first.signal.aborted, true);
    await worker.idle(AbortSignal.timeout(5_000));
    assert.deepEqual(failures, []);
  });

  it("hands back what failed by the node's own fault, and counts another failure", async () => {
    const first = await start("chunk-1");
    const second = await start("chunk-2");
    second.end(new ReelmeshError("MEDIA", "the chunk is damaged"));
    await once(events, "failed");
    first.end(new ReelmeshError("ENVIRONMENT", "no room on the disk"));
    await once(events, "failed");
    assert.deepEqual(
      failures.map(({ task, handedBack }) => [task, handedBack]),
      [
        ["chunk-2", false],
        ["chunk-1", true],
      ],
    );
  });

  it("hands back what runs when it stops", async () => {
    await start("chunk-1");
    await worker.stop();
    assert.deepEqual(
      failures.map(({ handedBack }) => handedBack),
      [true],
    );
  });

  it("stops when what it has made is taken, and hands it back when nobody takes it", async () => {
    for (const isTaken of [true, false]) {
      failures = [];
      let take = () => {};
      complete = (signal) =>
        new Promise((resolve, reject) => {
          take = () => resolve(true);
          signal.addEventListener("abort", () => reject(new ReelmeshError("ABORTED", "stopped")));
          events.emit("complete");
        });
      const first = await start("chunk-1");
      const reported = once(events, "complete");
      first.end(result);
      await reported;
      const stopped = worker.stop();
      if (isTaken) take();
      await stopped;
      assert.equal(failures.length, isTaken ? 0 : 1);
      worker = made();
      worker.start();
    }
  });
});

describe("the admission of a node", () => {
  const kept = new Map<string, unknown>();
  const settings = {
    get: async (name: string) => kept.get(name),
    put: async (name: string, value: unknown) => void kept.set(name, value),
  };

  it("shows what holds, and keeps a pause over a restart but no drain", async () => {
    const one = await Admission.open(settings);
    assert.deepEqual([one.open, one.state(1)], [true, "ready"]);
    one.setFull(true);
    assert.deepEqual([one.open, one.state(0)], [false, "full"]);
    await one.pause();
    assert.equal(one.state(0), "paused");
    one.drain();
    assert.deepEqual([one.state(1), one.state(0)], ["draining", "drained"]);

    const again = await Admission.open(settings);
    assert.deepEqual([again.open, again.state(1)], [false, "paused"]);
    await again.resume();
    assert.deepEqual([again.open, again.state(1)], [true, "ready"]);
    assert.equal((await Admission.open(settings)).open, true);
  });

  it("says when it changes", async () => {
    const one = await Admission.open(settings);
    let changes = 0;
    one.onChange(() => changes++);
    one.setFull(false);
    assert.equal(changes, 0);
    one.setFull(true);
    one.drain();
    await one.resume();
    assert.equal(changes, 3);
    assert.equal(one.full, true);
  });
});
