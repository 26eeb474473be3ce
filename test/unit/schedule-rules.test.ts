/** The scheduler's rules beyond the plain case: priorities, quarantine, backup runs, suspicion, what is left behind. */
import assert from "node:assert/strict";
import { BACKOFF_MS } from "../../src/coordinator/attempts.js";
import { type ScheduleEffect, stepSchedule } from "../../src/coordinator/schedule.js";
import { HANG_MS, LEASE_MS, type Schedule, START_MS } from "../../src/coordinator/schedule-state.js";
import { SUSPECT_MS } from "../../src/coordinator/suspicion.js";
import type { Fact } from "../../src/core/facts.js";
import { finished, planned, submitted, taskDone } from "../support/facts.js";
import {
  apply,
  claim,
  failLease,
  granted,
  isWanted,
  leasesFor,
  meshOf,
  renewal,
  residue,
  START,
  scheduleOf,
} from "../support/schedules.js";

function adjusted(job: string, priority: number, paused = false): Fact {
  return { kind: "jobAdjusted", jobAdjusted: { job, priority, paused } };
}

/** Ticks four times a second while these leases are renewed. */
function run(schedule: Schedule, from: number, until: number, renewed: (now: number) => void = () => {}) {
  const effects: ScheduleEffect[] = [];
  for (let now = from; now <= until; now += 250) {
    renewed(now);
    effects.push(...stepSchedule(schedule, { kind: "tick", now }));
  }
  return effects;
}

describe("the scheduler's rules", () => {
  it("runs jobs of a higher priority first, and a changed priority counts at once", () => {
    const schedule = scheduleOf(meshOf(submitted("j1"), planned("j1", 9), submitted("j2"), planned("j2", 9)));
    apply(schedule, adjusted("j2", 5));
    assert.deepEqual([claim(schedule, "a"), claim(schedule, "a")], ["j2/chunk-1", "j2/chunk-2"]);
    apply(schedule, adjusted("j1", 6));
    assert.equal(claim(schedule, "a"), "j1/chunk-1");
  });

  it("grants nothing of a paused job, lets what runs end, and goes on when it is resumed", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 3)));
    claim(schedule, "a");
    apply(schedule, adjusted("j", 0, true));
    assert.equal(claim(schedule, "b"), undefined);
    assert.ok(isWanted(schedule, renewal(leasesFor(schedule, "j/chunk-1")[0] ?? assert.fail(), START)));
    assert.deepEqual(granted(apply(schedule, adjusted("j", 0))), ["j/chunk-2"]);
  });

  it("grants nothing to a node that is set aside, and serves its waiting claims when it is let in again", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 3)));
    apply(schedule, { kind: "nodeSetAside", nodeSetAside: { nodeId: "b", reason: "it fails" } });
    assert.equal(claim(schedule, "b"), undefined);
    assert.equal(claim(schedule, "a"), "j/chunk-1");
    const readmitted = apply(schedule, { kind: "nodeReadmitted", nodeReadmitted: { nodeId: "b" } });
    assert.deepEqual(granted(readmitted), ["j/chunk-2"]);
  });

  it("takes a lease back that ran out while its worker was not heard, unless somebody else has the task", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 1)));
    claim(schedule, "a");
    const lease = leasesFor(schedule, "j/chunk-1")[0] ?? assert.fail();
    let now = START + LEASE_MS + 1_000;
    run(schedule, START, now);
    assert.equal(schedule.leases.size, 0);
    assert.ok(isWanted(schedule, renewal(lease, now)));
    failLease(schedule, "j/chunk-1", now);
    now += BACKOFF_MS;
    assert.equal(claim(schedule, "b", now), "j/chunk-1");
    assert.equal(leasesFor(schedule, "j/chunk-1")[0]?.attempt, 2, "the lapse that was taken back is no attempt");
    assert.equal(isWanted(schedule, renewal(lease, now)), false);
  });

  it("gives a task two minutes to its first progress, and one from then on", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 1)));
    claim(schedule, "a");
    const lease = leasesFor(schedule, "j/chunk-1")[0] ?? assert.fail();
    const renew = (progress: number) => (now: number) => void stepSchedule(schedule, renewal(lease, now, progress));
    run(schedule, START, START + START_MS - 1_000, renew(0));
    assert.equal(schedule.leases.size, 1);
    const moved = START + START_MS;
    run(schedule, moved, moved + HANG_MS, renew(7));
    assert.equal(schedule.leases.size, 1);
    run(schedule, moved + HANG_MS, moved + HANG_MS + 500, renew(7));
    assert.equal(schedule.leases.size, 0);
  });

  describe("backup runs", () => {
    /** Three of four chunks take 4 s each; the fourth goes on. */
    function straggling(seconds = 4): { schedule: Schedule; now: number } {
      const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 4)), ["a", "b", "c", "d"]);
      for (const node of ["a", "b", "c", "d"]) claim(schedule, node);
      const now = START + seconds * 1_000;
      run(schedule, START, now);
      for (const chunk of [1, 2, 3]) apply(schedule, taskDone("j", `chunk-${chunk}`, "abc"[chunk - 1]), now);
      return { schedule, now };
    }

    it("runs a slow chunk on a second node, once, and tells the loser that nobody wants it", () => {
      const { schedule, now } = straggling();
      const slow = leasesFor(schedule, "j/chunk-4")[0] ?? assert.fail();
      assert.equal(claim(schedule, "d", now), undefined);
      for (const node of ["a", "b"]) assert.equal(claim(schedule, node, now), undefined);
      const soon = START + 6_000;
      const renewed = (now: number) => {
        for (const lease of leasesFor(schedule, "j/chunk-4")) stepSchedule(schedule, renewal(lease, now));
      };
      assert.deepEqual(granted(run(schedule, now, soon - 1_000, renewed)), []);
      assert.deepEqual(granted(run(schedule, soon - 1_000, soon + 20_000, renewed)), ["j/chunk-4"]);
      const leases = leasesFor(schedule, "j/chunk-4");
      assert.deepEqual(
        leases.map(({ nodeId, backup }) => [nodeId, backup]).sort(),
        [
          ["a", true],
          ["d", false],
        ].sort(),
      );
      apply(schedule, taskDone("j", "chunk-4", "a"), soon + 20_000);
      assert.equal(isWanted(schedule, renewal(slow, soon + 20_000)), false);
    });

    it("leaves a chunk alone whose result is on its way into the log", () => {
      const { schedule, now } = straggling();
      const slow = leasesFor(schedule, "j/chunk-4")[0] ?? assert.fail();
      claim(schedule, "a", now);
      stepSchedule(schedule, { kind: "finishing", lease: slow.id });
      const late = START + 30_000;
      assert.deepEqual(granted(run(schedule, now, late, (at) => stepSchedule(schedule, renewal(slow, at)))), []);
      assert.deepEqual(leasesFor(schedule, "j/chunk-4"), [slow]);
    });

    it("does not measure an encoder by the others", () => {
      const facts = planned("j", 4);
      const slow = (facts.jobPlanned.result?.tasks ?? [])[3] ?? assert.fail();
      slow.encoder = "libsvtav1";
      const schedule = scheduleOf(meshOf(submitted("j"), facts), ["a", "b", "c", "d"]);
      const live = new Set(["a", "b", "c", "d"]);
      const encoders = new Map([...live].map((id) => [id, ["libsvtav1"]]));
      stepSchedule(schedule, { kind: "nodes", now: START, live, encoders });
      for (const node of live) claim(schedule, node);
      const now = START + 4_000;
      run(schedule, START, now);
      for (const chunk of [1, 2, 3]) apply(schedule, taskDone("j", `chunk-${chunk}`, "abc"[chunk - 1]), now);
      assert.equal(claim(schedule, "a", now), undefined);
      const renewed = (at: number) => {
        for (const lease of leasesFor(schedule, "j/chunk-4")) stepSchedule(schedule, renewal(lease, at));
      };
      assert.deepEqual(granted(run(schedule, now, START + 30_000, renewed)), []);
    });

    it("leaves a chunk alone that would end before a second run", () => {
      const { schedule, now } = straggling();
      const slow = leasesFor(schedule, "j/chunk-4")[0] ?? assert.fail();
      claim(schedule, "a", now);
      const nearlyDone = (at: number) => void stepSchedule(schedule, renewal(slow, at, 90));
      assert.deepEqual(granted(run(schedule, now, START + 9_000, nearlyDone)), []);
    });

    it("keeps the other run when one of the two fails", () => {
      const { schedule, now } = straggling();
      claim(schedule, "a", now);
      run(schedule, now, START + 12_000);
      assert.equal(leasesFor(schedule, "j/chunk-4").length, 2);
      assert.deepEqual(failLease(schedule, "j/chunk-4", START + 12_000), []);
      assert.deepEqual(
        leasesFor(schedule, "j/chunk-4").map((lease) => lease.nodeId),
        ["a"],
      );
      assert.equal(claim(schedule, "b", START + 14_000), undefined);
    });

    it("bounds them to one, or a tenth of the job's media", () => {
      const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 23)), ["a", "b"]);
      for (let chunk = 1; chunk <= 23; chunk++) claim(schedule, "a");
      const done = START + 1_000;
      for (const chunk of [1, 2, 3]) apply(schedule, taskDone("j", `chunk-${chunk}`, "a"), done);
      for (let slot = 0; slot < 20; slot++) claim(schedule, "b", done);
      const renewed = (now: number) => {
        for (const lease of [...schedule.leases.values()]) stepSchedule(schedule, renewal(lease, now));
      };
      assert.equal(granted(run(schedule, done, done + 30_000, renewed)).length, 2);
    });
  });

  describe("quarantine", () => {
    /** A node fails that many tasks, which others finish. */
    function faulty(live: string[], faults: number): ScheduleEffect[] {
      const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 9, live)), live);
      const effects: ScheduleEffect[] = [];
      for (let chunk = 1; chunk <= faults; chunk++) {
        claim(schedule, "bad");
        failLease(schedule, `j/chunk-${chunk}`, START);
        effects.push(...apply(schedule, taskDone("j", `chunk-${chunk}`, "a")));
      }
      return effects.filter((effect) => effect.kind === "setAside");
    }

    it("sets a node aside that fails three tasks which others finish", () => {
      assert.deepEqual(faulty(["a", "b", "bad"], 2), []);
      const effects = faulty(["a", "b", "bad"], 5);
      assert.equal(effects.length, 1);
      assert.deepEqual(effects[0]?.kind === "setAside" && effects[0].nodeId, "bad");
    });

    it("never sets the only live node aside, nor more than half of them", () => {
      assert.deepEqual(faulty(["bad"], 5), []);
      const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 20)), ["a", "b", "c"]);
      const aside: string[] = [];
      for (let chunk = 1; chunk <= 18; chunk++) {
        const node = "abc"[chunk % 3] as string;
        claim(schedule, node);
        failLease(schedule, `j/chunk-${chunk}`, START);
        for (const effect of apply(schedule, taskDone("j", `chunk-${chunk}`, "x"))) {
          if (effect.kind === "setAside") aside.push(effect.nodeId);
        }
      }
      assert.equal(aside.length, 1);
    });

    it("blames nobody for being killed, however often", () => {
      const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 9)));
      let now = START;
      for (let chunk = 1; chunk <= 5; chunk++) {
        claim(schedule, "b", now);
        run(schedule, now, now + LEASE_MS + 1_000);
        now += LEASE_MS + 1_000;
        const effects = apply(schedule, taskDone("j", `chunk-${chunk}`, "a"), now);
        assert.deepEqual(
          effects.filter((effect) => effect.kind === "setAside"),
          [],
        );
      }
    });
  });

  it("gives many nodes that fall silent at once ten seconds more, in which nothing is granted", () => {
    const nodes = ["a", "b", "c", "d", "e", "f"];
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 20)), nodes);
    for (const node of nodes) claim(schedule, node);
    const alive = (now: number) => {
      for (const lease of [...schedule.leases.values()]) {
        if ("abc".includes(lease.nodeId)) stepSchedule(schedule, renewal(lease, now));
      }
    };
    const suspected = START + 8_500;
    run(schedule, START, suspected, alive);
    assert.equal(claim(schedule, "a", suspected), undefined);
    assert.deepEqual(granted(run(schedule, suspected, suspected + SUSPECT_MS - 1_000, alive)), []);
    assert.equal(schedule.leases.size, 6);
    const effects = run(schedule, suspected + SUSPECT_MS - 1_000, suspected + SUSPECT_MS + 3_000, alive);
    assert.deepEqual(granted(effects), ["j/chunk-4"], "what the lost ones ran goes first");
    assert.deepEqual(
      [...schedule.leases.values()].filter((lease) => "def".includes(lease.nodeId)),
      [],
    );
    for (const chunk of [5, 6]) assert.equal(claim(schedule, "b", suspected + SUSPECT_MS + 3_000), `j/chunk-${chunk}`);
  });

  it("goes on at once when those that fell silent are heard again, and has taken nothing from them", () => {
    const nodes = ["a", "b", "c", "d"];
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 20)), nodes);
    for (const node of nodes) claim(schedule, node);
    run(schedule, START, START + 16_000);
    assert.equal(schedule.leases.size, 4);
    for (const lease of [...schedule.leases.values()]) assert.ok(isWanted(schedule, renewal(lease, START + 16_000)));
    run(schedule, START + 16_000, START + 16_250);
    assert.equal(claim(schedule, "a", START + 16_250), "j/chunk-5");
  });

  it("starts a job that is retried with fresh attempts", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 1)));
    let now = START;
    for (const node of ["a", "b", "c", "a"]) {
      claim(schedule, node, now);
      failLease(schedule, "j/chunk-1", now);
      now += BACKOFF_MS;
    }
    assert.equal(claim(schedule, "b", now), undefined, "it is given up");
    apply(schedule, { kind: "jobFailed", jobFailed: { job: "j", reason: "x", letGo: false } }, now);
    assert.deepEqual(granted(apply(schedule, { kind: "jobRetried", jobRetried: { job: "j" } }, now)), ["j/chunk-1"]);
    assert.equal(leasesFor(schedule, "j/chunk-1")[0]?.attempt, 1);
  });

  it("keeps nothing of jobs that have ended, however many went through", () => {
    const schedule = scheduleOf(meshOf());
    for (let count = 0; count < 3_000; count++) {
      const job = `j${count}`;
      apply(schedule, submitted(job));
      for (const node of ["a", "b", "c"]) claim(schedule, node);
      apply(schedule, planned(job));
      const nodeId = leasesFor(schedule, `${job}/chunk-1`)[0]?.nodeId ?? assert.fail();
      if (count % 3 === 0) failLease(schedule, `${job}/chunk-1`, START);
      if (count % 3 === 1) apply(schedule, { kind: "jobCancelled", jobCancelled: { job } });
      else {
        for (const task of ["chunk-1", "chunk-2"]) apply(schedule, taskDone(job, task, nodeId));
        apply(schedule, finished(job));
      }
      apply(schedule, { kind: "jobRemoved", jobRemoved: { job } });
    }
    for (const id of [...schedule.claims.keys()]) stepSchedule(schedule, { kind: "withdraw", claim: id });
    assert.deepEqual(residue(schedule), {});
  });
});
