import assert from "node:assert/strict";
import { BACKOFF_MS } from "../../src/coordinator/attempts.js";
import { holdersAway, type ScheduleEffect, stepSchedule } from "../../src/coordinator/schedule.js";
import { HANG_MS, LEASE_MS } from "../../src/coordinator/schedule-state.js";
import { finished, planned, submitted, taskDone } from "../support/facts.js";
import { apply, claim, failLease, granted, meshOf, START, scheduleOf } from "../support/schedules.js";

describe("the schedule", () => {
  it("grants the plan, then chunks early first, then the package, each once", () => {
    const schedule = scheduleOf(meshOf(submitted("j")));
    assert.equal(claim(schedule, "a"), "j/plan");
    assert.equal(claim(schedule, "b"), undefined);
    assert.deepEqual(granted(apply(schedule, planned("j"))), ["j/chunk-1"]);
    assert.equal(claim(schedule, "a"), "j/chunk-2");
    assert.equal(claim(schedule, "a"), undefined);
    assert.deepEqual(granted(apply(schedule, taskDone("j", "chunk-1"))), []);
    assert.deepEqual(granted(apply(schedule, taskDone("j", "chunk-2"))), ["j/package"]);
    apply(schedule, finished("j"));
    assert.equal(schedule.leases.size, 0);
  });

  it("grants nothing in the first moments of a term, and adopts the leases that workers bring", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j")));
    assert.equal(claim(schedule, "b", 0), undefined);
    const renewal = { lease: "old", nodeId: "a", job: "j", task: "chunk-1", attempt: 2, progress: 5, speed: 10 };
    assert.deepEqual(stepSchedule(schedule, { kind: "renew", now: 1, ...renewal }), [
      { kind: "renewed", wanted: true },
    ]);
    assert.deepEqual(granted(stepSchedule(schedule, { kind: "tick", now: START })), ["j/chunk-2"]);
    assert.deepEqual(stepSchedule(schedule, { kind: "renew", now: START, ...renewal, lease: "other", nodeId: "c" }), [
      { kind: "renewed", wanted: false },
    ]);
  });

  it("tells a worker that its task is not wanted when it is done or the job has ended", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j"), taskDone("j", "chunk-1")));
    const renewal = { lease: "x", nodeId: "a", job: "j", task: "chunk-1", attempt: 1, progress: 5, speed: 10 };
    const answer = stepSchedule(schedule, { kind: "renew", now: START, ...renewal });
    assert.deepEqual(answer, [{ kind: "renewed", wanted: false }]);
    apply(schedule, { kind: "jobCancelled", jobCancelled: { job: "j" } });
    const after = stepSchedule(schedule, { kind: "renew", now: START, ...renewal, task: "chunk-2" });
    assert.deepEqual(after, [{ kind: "renewed", wanted: false }]);
  });

  it("gives a task to another node when the lease is not renewed, and when there is no progress", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 1)));
    assert.equal(claim(schedule, "a"), "j/chunk-1");
    assert.equal(claim(schedule, "b"), undefined);
    const lease = [...schedule.leases.values()][0];
    assert.ok(lease);
    let now = START;
    for (; now <= START + HANG_MS; now += 1000) {
      const { id, job, task, nodeId, attempt } = lease;
      const renewal = { lease: id, job, task, nodeId, attempt, progress: 1, speed: 0 };
      stepSchedule(schedule, { kind: "renew", now, ...renewal });
      assert.deepEqual(granted(stepSchedule(schedule, { kind: "tick", now })), []);
    }
    for (let ticks = 0; ticks < 4; ticks++) {
      now += 1000;
      stepSchedule(schedule, { kind: "tick", now });
    }
    assert.deepEqual(
      [...schedule.leases.values()].map((one) => one.nodeId),
      ["b"],
    );
    const until = now + LEASE_MS + 4000;
    for (; now < until; now += 1000) stepSchedule(schedule, { kind: "tick", now });
    assert.equal(claim(schedule, "c", now), "j/chunk-1");
  });

  it("blames nobody for the time that this process was paused", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 1)));
    claim(schedule, "a");
    stepSchedule(schedule, { kind: "tick", now: START });
    stepSchedule(schedule, { kind: "tick", now: START + 10 * LEASE_MS });
    assert.equal(schedule.leases.size, 1);
  });

  it("tries four times, on the nodes where it failed least, then fails the job with the reason", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 1), submitted("other"), planned("other", 1)));
    const tried: string[] = [];
    let now = START;
    let effects: ScheduleEffect[] = [];
    for (let attempt = 1; attempt <= 4; attempt++) {
      now += BACKOFF_MS;
      for (const node of ["a", "b", "c"]) claim(schedule, node, now);
      const lease = [...schedule.leases.values()].find((one) => one.job === "j");
      assert.ok(lease, `attempt ${attempt}`);
      assert.equal(lease.attempt, attempt);
      tried.push(lease.nodeId);
      effects = failLease(schedule, "j/chunk-1", now);
    }
    assert.equal(new Set(tried.slice(0, 3)).size, 3);
    const reason = "chunk-1 (4 attempts): ffmpeg said no";
    assert.deepEqual(
      effects.filter((effect) => effect.kind === "giveUp"),
      [{ kind: "giveUp", job: "j", task: "chunk-1", reason }],
    );
    assert.equal([...schedule.leases.values()].filter((one) => one.job === "other").length, 1);
  });

  it("fails at once what no other attempt can mend", () => {
    const schedule = scheduleOf(meshOf(submitted("j")));
    claim(schedule, "a");
    const effects = failLease(schedule, "j/plan", START, true);
    assert.equal(effects.filter((effect) => effect.kind === "giveUp").length, 1);
  });

  it("does not take a lease back that it has ended, so a hung task goes to another node", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 1)));
    claim(schedule, "a");
    const lease = [...schedule.leases.values()][0];
    assert.ok(lease);
    failLease(schedule, "j/chunk-1", START);
    const { id, job, task, nodeId, attempt } = lease;
    const renewal = { lease: id, job, task, nodeId, attempt, progress: 9, speed: 1 };
    const answer = stepSchedule(schedule, { kind: "renew", now: START + 1, ...renewal });
    assert.deepEqual(answer, [{ kind: "renewed", wanted: false }]);
    assert.equal(claim(schedule, "b", START + BACKOFF_MS), "j/chunk-1");
  });

  it("does not call it a hang when a task tells no progress by nature, or has only to be reported", () => {
    const schedule = scheduleOf(meshOf(submitted("p"), submitted("j"), planned("j", 2)));
    for (const node of ["a", "a", "b"]) claim(schedule, node);
    const leases = [...schedule.leases.values()];
    assert.deepEqual(leases.map((one) => one.task).sort(), ["chunk-1", "chunk-2", "plan"]);
    const finishing = leases.find((one) => one.task === "chunk-2");
    assert.ok(finishing);
    stepSchedule(schedule, { kind: "finishing", lease: finishing.id });
    for (let now = START; now < START + 3 * HANG_MS; now += 1000) {
      for (const { id, job, task, nodeId, attempt } of leases) {
        const progress = task === "chunk-1" ? 100 : 0;
        const renewal = { lease: id, job, task, nodeId, attempt, progress, speed: 0 };
        assert.deepEqual(stepSchedule(schedule, { kind: "renew", now, ...renewal }), [
          { kind: "renewed", wanted: true },
        ]);
      }
      assert.deepEqual(stepSchedule(schedule, { kind: "tick", now }), []);
    }
  });

  it("ends a job whose input nobody can fetch, though no node is to blame", () => {
    const schedule = scheduleOf(meshOf(submitted("j"), planned("j", 1)));
    const effects: ScheduleEffect[] = [];
    for (let now = START; effects.length === 0 && now < START + 600_000; now += 1000) {
      if (schedule.leases.size === 0) claim(schedule, "c", now);
      stepSchedule(schedule, { kind: "tick", now });
      const lease = [...schedule.leases.values()][0];
      if (lease === undefined) continue;
      effects.push(...stepSchedule(schedule, { kind: "handBack", now, lease: lease.id }));
    }
    assert.deepEqual(
      effects.map((effect) => effect.kind),
      ["giveUp"],
    );
  });

  it("says for whom a job waits", () => {
    const schedule = scheduleOf(meshOf(submitted("j", "a"), planned("j", 1, ["a", "b"])), ["c"]);
    const job = schedule.mesh.jobs.get("j");
    assert.ok(job);
    assert.deepEqual(holdersAway(schedule, job), ["a", "b"]);
    stepSchedule(schedule, { kind: "nodes", now: START, live: new Set(["b", "c"]) });
    assert.deepEqual(holdersAway(schedule, job), []);
  });

  it("waits for a holder of the source, and leaves the plan to it while it asks for work", () => {
    const away = scheduleOf(meshOf(submitted("j", "a")), ["b", "c"]);
    assert.equal(claim(away, "b"), undefined);
    stepSchedule(away, { kind: "nodes", now: START, live: new Set(["a", "b", "c"]) });
    assert.deepEqual(
      [...away.leases.values()].map((one) => one.nodeId),
      ["b"],
    );
    const both = scheduleOf(meshOf(submitted("j", "a")));
    claim(both, "b", 0);
    claim(both, "a", 0);
    stepSchedule(both, { kind: "tick", now: START });
    assert.deepEqual(
      [...both.leases.values()].map((one) => one.nodeId),
      ["a"],
    );
  });

  it("gives light work to light lanes, after the free slots, and never a chunk", () => {
    const facts = planned("j", 3);
    const tasks = facts.jobPlanned.result?.tasks ?? [];
    tasks.splice(1, 0, { name: "audio-1", frames: 0, seconds: 12, encoder: "", renditions: [], awaited: true });
    const schedule = scheduleOf(meshOf(submitted("j"), facts));
    assert.equal(claim(schedule, "a", 0, true), undefined);
    assert.equal(claim(schedule, "a", 0), undefined);
    assert.deepEqual(granted(stepSchedule(schedule, { kind: "tick", now: START })), ["j/chunk-1", "j/audio-1"]);
    assert.equal(claim(schedule, "b", START, true), undefined);
    assert.equal(claim(schedule, "c"), "j/chunk-2");
  });

  it("grants a task whose encoder not every node has only to those that have it", () => {
    const facts = planned("j", 3);
    const tasks = facts.jobPlanned.result?.tasks ?? [];
    for (const task of tasks.slice(0, 2)) task.encoder = "libx265";
    const schedule = scheduleOf(meshOf(submitted("j"), facts));
    const encoders = new Map([["b", ["libsvtav1", "libx265"]]]);
    stepSchedule(schedule, { kind: "nodes", now: START, live: new Set(["a", "b", "c"]), encoders });
    assert.equal(claim(schedule, "a"), "j/chunk-3");
    assert.equal(claim(schedule, "a"), undefined);
    assert.equal(claim(schedule, "b"), "j/chunk-1");
    // What failed comes again to the only node that can do it.
    failLease(schedule, "j/chunk-1", START);
    assert.deepEqual(granted(stepSchedule(schedule, { kind: "tick", now: START + BACKOFF_MS })), []);
    assert.equal(claim(schedule, "b", START + BACKOFF_MS), "j/chunk-1");
    assert.equal(claim(schedule, "b", START + BACKOFF_MS), "j/chunk-2");
  });

  it("shares the nodes between jobs", () => {
    const schedule = scheduleOf(meshOf(submitted("j1"), planned("j1", 9), submitted("j2"), planned("j2", 9)));
    const order = ["a", "b", "c", "a"].map((node) => claim(schedule, node));
    assert.deepEqual(order, ["j1/chunk-1", "j2/chunk-1", "j1/chunk-2", "j2/chunk-2"]);
  });
});
