/** What holds of the schedule after every step, whatever the steps are. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type ScheduleEffect, stepSchedule } from "../../src/coordinator/schedule.js";
import type { Lease, Schedule } from "../../src/coordinator/schedule-state.js";
import { hasEnded } from "../../src/core/job-record.js";
import { finished, planned, submitted, taskDone } from "../support/facts.js";
import { apply, isWanted, leasesFor, meshOf, renewal, residue, scheduleOf } from "../support/schedules.js";
import { examples } from "../support/seeds.js";

const NODES = ["a", "b", "c", "d", "e"];
const JOBS = ["j1", "j2", "j3"];
const CHUNKS = 4;

type Move =
  | { kind: "claim"; node: number; light: boolean }
  | { kind: "withdraw" | "renew" | "fail" | "permanent" | "handBack" | "complete" | "late"; which: number }
  | { kind: "submit" | "cancel" | "pause" | "resume" | "retry" | "remove"; job: number }
  | { kind: "aside" | "readmit" | "away" | "back"; node: number }
  | { kind: "wait"; ms: number };

const moves = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("claim" as const), node: fc.nat(4), light: fc.boolean() }) },
    {
      weight: 14,
      arbitrary: fc.record({
        kind: fc.constantFrom("withdraw", "renew", "fail", "handBack", "complete", "complete", "late", "permanent"),
        which: fc.nat(50),
      }) as fc.Arbitrary<Move>,
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom("submit", "submit", "cancel", "pause", "resume", "retry", "remove"),
        job: fc.nat(2),
      }) as fc.Arbitrary<Move>,
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constantFrom("aside", "readmit", "away", "back"),
        node: fc.nat(4),
      }) as fc.Arbitrary<Move>,
    },
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 20_000 }) }),
    },
  ),
  { maxLength: 150, size: "max" },
);

/** Drives a schedule and checks every grant. */
class Driver {
  readonly schedule: Schedule = scheduleOf(meshOf(), NODES);
  readonly live = new Set(NODES);
  /** Every lease that was ever granted. */
  readonly known: Lease[] = [];
  /** Attempts that counted, of a task since its job was entered or retried. */
  readonly failures = new Map<string, number>();
  now = 2_000;
  #claims = 0;

  take(move: Move): void {
    switch (move.kind) {
      case "claim":
        this.#claims++;
        this.step({
          kind: "claim",
          now: this.now,
          claim: `c${this.#claims}`,
          nodeId: NODES[move.node] as string,
          light: move.light,
        });
        break;
      case "wait":
        this.wait(move.ms);
        break;
      case "aside":
        this.fact({ kind: "nodeSetAside", nodeSetAside: { nodeId: NODES[move.node] as string, reason: "x" } });
        break;
      case "readmit":
        this.fact({ kind: "nodeReadmitted", nodeReadmitted: { nodeId: NODES[move.node] as string } });
        break;
      case "away":
      case "back":
        if (move.kind === "away") this.live.delete(NODES[move.node] as string);
        else this.live.add(NODES[move.node] as string);
        this.step({ kind: "nodes", now: this.now, live: new Set(this.live) });
        break;
      case "withdraw": {
        const waiting = [...this.schedule.claims.keys()];
        const claim = waiting[move.which % waiting.length];
        if (claim !== undefined) this.step({ kind: "withdraw", claim });
        break;
      }
      default:
        if ("job" in move) this.#jobMove(move.kind, JOBS[move.job] as string);
        else this.#leaseMove(move);
    }
  }

  #jobMove(kind: string, job: string): void {
    if (kind === "submit") this.fact(submitted(job));
    if (kind === "cancel") this.fact({ kind: "jobCancelled", jobCancelled: { job } });
    if (kind === "pause") this.fact({ kind: "jobAdjusted", jobAdjusted: { job, priority: 1, paused: true } });
    if (kind === "resume") this.fact({ kind: "jobAdjusted", jobAdjusted: { job, priority: 0, paused: false } });
    if (kind === "remove") this.fact({ kind: "jobRemoved", jobRemoved: { job } });
    if (kind === "retry") {
      for (const key of [...this.failures.keys()]) if (key.startsWith(job)) this.failures.delete(key);
      this.fact({ kind: "jobRetried", jobRetried: { job } });
    }
  }

  #leaseMove(move: { kind: string; which: number }): void {
    const running = [...this.schedule.leases.values()];
    const lease =
      move.kind === "late" ? this.known[move.which % this.known.length] : running[move.which % running.length];
    if (lease === undefined) return;
    const { now } = this;
    const { id, job, task, nodeId } = lease;
    if (move.kind === "renew" || move.kind === "late") this.#renew(lease);
    if (move.kind === "handBack") this.step({ kind: "handBack", now, lease: id });
    if (move.kind === "complete") this.complete(lease);
    if (move.kind !== "fail" && move.kind !== "permanent") return;
    const key = `${job}/${task}`;
    this.failures.set(key, (this.failures.get(key) ?? 0) + 1);
    assert.ok((this.failures.get(key) ?? 0) <= 13, `attempts at ${key} are bounded`);
    this.step({ kind: "fail", now, lease: id, job, task, nodeId, reason: "x", permanent: move.kind === "permanent" });
  }

  /** A lease that ran out comes back only while nobody else has the task. */
  #renew(lease: Lease): void {
    const taken = leasesFor(this.schedule, `${lease.job}/${lease.task}`);
    const own = this.schedule.leases.has(lease.id);
    const wanted = isWanted(this.schedule, renewal(lease, this.now, lease.progress + 1));
    assert.ok(own || !wanted || taken.length === 0, `${lease.task} has a lease already`);
  }

  complete({ job, task, nodeId }: Lease): void {
    if (task === "plan") this.fact(planned(job, CHUNKS, NODES));
    else if (task === "package") this.fact(finished(job));
    else this.fact(taskDone(job, task, nodeId));
  }

  wait(ms: number): void {
    const until = this.now + ms;
    while (this.now < until) {
      this.now = Math.min(until, this.now + 250);
      this.step({ kind: "tick", now: this.now });
    }
  }

  fact(fact: Parameters<typeof apply>[1]): void {
    this.check(apply(this.schedule, fact, this.now));
  }

  step(event: Parameters<typeof stepSchedule>[1]): void {
    this.check(stepSchedule(this.schedule, event));
  }

  check(effects: ScheduleEffect[]): void {
    // All of a step's effects were decided on what was known then: a node may be granted a task and set aside in one.
    for (const effect of effects) if (effect.kind === "grant") this.#checkGrant(effect.lease);
    for (const effect of effects) {
      if (effect.kind === "giveUp") {
        this.fact({ kind: "jobFailed", jobFailed: { job: effect.job, reason: effect.reason, letGo: false } });
      }
      if (effect.kind === "setAside") {
        this.fact({ kind: "nodeSetAside", nodeSetAside: { nodeId: effect.nodeId, reason: effect.reason } });
      }
    }
    const tasks = new Map<string, Lease[]>();
    for (const lease of this.schedule.leases.values()) {
      const key = `${lease.job}/${lease.task}`;
      tasks.set(key, [...(tasks.get(key) ?? []), lease]);
    }
    for (const [key, leases] of tasks) {
      const plain = leases.filter((lease) => !lease.backup);
      assert.ok(leases.length <= 2 && plain.length <= 1, `${key} has one lease and at most one backup run`);
    }
  }

  #checkGrant(lease: Lease): void {
    const { mesh } = this.schedule;
    const job = mesh.jobs.get(lease.job) ?? assert.fail(`${lease.job} is known`);
    assert.ok(!hasEnded(job) && !job.paused, `${lease.job} may run`);
    assert.ok(!job.finished.has(lease.task), `${lease.job}/${lease.task} is not done`);
    assert.ok(lease.task !== "plan" || job.plan === null);
    assert.ok(!mesh.setAside.has(lease.nodeId), `${lease.nodeId} is not set aside`);
    this.known.push(lease);
  }
}

describe("the schedule, whatever happens", function () {
  this.timeout(60_000);

  it("grants only what may run, each task to one node and at most one more", () => {
    fc.assert(
      fc.property(moves, (list) => {
        const driver = new Driver();
        for (const move of list) driver.take(move);
      }),
      examples(400),
    );
  });

  it("ends every job of nodes that come back to work, and then keeps nothing", () => {
    fc.assert(
      fc.property(moves, (list) => {
        const driver = new Driver();
        for (const move of list) driver.take(move);
        for (let node = 0; node < NODES.length; node++) {
          driver.take({ kind: "readmit", node });
          driver.take({ kind: "back", node });
        }
        for (let job = 0; job < JOBS.length; job++) driver.take({ kind: "resume", job });
        for (let round = 0; driver.schedule.mesh.active.size > 0; round++) {
          assert.ok(round < 400, `${[...driver.schedule.mesh.active]} end`);
          for (let node = 0; node < NODES.length; node++) {
            const waits = [...driver.schedule.claims.values()].some((one) => one.nodeId === NODES[node] && !one.light);
            if (!waits) driver.take({ kind: "claim", node, light: false });
          }
          for (const lease of [...driver.schedule.leases.values()]) driver.complete(lease);
          driver.wait(250);
        }
        for (const lease of driver.known) assert.ok(!isWanted(driver.schedule, renewal(lease, driver.now)));
        for (const claim of [...driver.schedule.claims.keys()]) driver.step({ kind: "withdraw", claim });
        const { nodes: _blamed, ...kept } = residue(driver.schedule);
        assert.deepEqual(kept, {});
      }),
      examples(200),
    );
  });
});
