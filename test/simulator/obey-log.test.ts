/** A worker whose node reads the log anew: what it runs of jobs that have ended meanwhile. */
import assert from "node:assert/strict";
import { ReelmeshError } from "../../src/core/errors.js";
import type { Fact } from "../../src/core/facts.js";
import { historyWith, NO_ENTRIES } from "../../src/core/history.js";
import type { Task, TaskResult } from "../../src/core/work.js";
import { MeshTail } from "../../src/node/mesh-tail.js";
import { obeyLog } from "../../src/node/obey-log.js";
import { logEntryCodec } from "../../src/node/proto.js";
import { type CoordinatorPort, Worker, type WorkLease } from "../../src/node/worker.js";
import { entry, submitted } from "../support/facts.js";
import { Network } from "./network.js";
import { Random } from "./random.js";
import { VirtualBus } from "./virtual-bus.js";
import { VirtualDisk } from "./virtual-disk.js";
import { Process, processClock, VirtualTime } from "./virtual-time.js";

const LONG_MS = 10_000;
const JOBS = ["going", "cancelled", "removed", "lost"];

describe("a worker whose node reads the log anew", () => {
  const time = new VirtualTime();
  const random = new Random(1);
  const network = new Network(time, random);
  const bus = new VirtualBus({ time, network, random, servers: ["bus"], committed: () => {} });
  const node = new Process();
  const disk = new VirtualDisk(time, random, () => {});
  const clock = processClock({ time, process: node, random, wallError: () => 0, newId: () => "" });
  const pass = (ms: number) =>
    time.run(
      time.now + ms,
      () => {},
      () => false,
    );

  let history = NO_ENTRIES;
  function put(fact: Fact): void {
    const link = { ...entry(fact), history };
    assert.equal(bus.take(logEntryCodec.encode(link), bus.state?.last ?? 0), true);
    history = historyWith(history, link);
  }

  /** Never settles before the signal. */
  function until(signal: AbortSignal): Promise<never> {
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new ReelmeshError("ABORTED", "stopped")));
    });
  }

  /** Grants a task of each job, and takes every lease for wanted. */
  function coordinator(): CoordinatorPort {
    const waiting = [...JOBS];
    return {
      async claim(_waitMs, light, signal): Promise<WorkLease> {
        const job = light ? undefined : waiting.shift();
        if (job === undefined) return until(signal);
        const task: Task = { job, name: "chunk-1", kind: "encode", encode: { plan: null, holders: [], linear: false } };
        return { id: job, attempt: 1, renewAfterMs: 1_000, task };
      },
      renew: async () => ({ unwanted: [], renewAfterMs: 1_000 }),
      complete: async () => assert.fail("nothing is ready"),
      grow: async () => {},
      fail: async (lease, reason) => assert.fail(`${lease.id}: ${reason}`),
    };
  }

  it("ends what it runs of jobs that have ended, and nothing else", async () => {
    const tail = new MeshTail({ copy: disk.logCopy(node), blobs: disk.snapshots, clock, report: () => {} });
    const run = (_task: Task, signal: AbortSignal): Promise<TaskResult> => until(signal);
    const worker = new Worker({ slots: JOBS.length, coordinator: coordinator(), run, clock, report: () => {} });
    obeyLog(tail, worker);
    const missing = async () => assert.fail("there is a log, without a snapshot");
    const source = { log: bus.connect("node", node), fetch: missing, found: missing };
    tail.follow(source, (error) => assert.fail(String(error)));
    bus.found(1);
    for (const job of JOBS.slice(0, -1)) put(submitted(job));
    const kept = history;
    put(submitted("lost"));
    worker.start();
    await pass(LONG_MS);
    assert.deepEqual(
      worker.running().map(({ job }) => job),
      JOBS,
    );

    bus.loseEnd(1);
    history = kept;
    for (const job of ["cancelled", "removed"]) put({ kind: "jobCancelled", jobCancelled: { job } });
    put({ kind: "jobRemoved", jobRemoved: { job: "removed" } });
    await pass(LONG_MS);
    assert.deepEqual([...tail.state.jobs.keys()], ["going", "cancelled"]);
    assert.deepEqual(
      worker.running().map(({ job }) => job),
      ["going", "lost"],
    );
    node.die();
  });
});
