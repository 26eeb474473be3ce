import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { decideControl, isSameSubmission, type JobCommand } from "../../src/coordinator/job-control.js";
import type { Fact } from "../../src/core/facts.js";
import { pageOfJobs } from "../../src/core/job-pages.js";
import type { JobRecord } from "../../src/core/job-record.js";
import { applyEntry, emptyMeshState, KEPT_FAILURES, type MeshState } from "../../src/core/mesh-state.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { entry, finished, planned, submitted, taskDone } from "../support/facts.js";

function stateOf(...facts: Fact[]): MeshState {
  const state = emptyMeshState();
  for (const fact of facts) applyEntry(state, state.sequence + 1, entry(fact));
  return state;
}

const job = (state: MeshState, id: string) => state.jobs.get(id) as JobRecord;
const failed = (id: string): Fact => ({
  kind: "jobFailed",
  jobFailed: { job: id, reason: "ffmpeg said no", letGo: false },
});
const cancelled = (id: string): Fact => ({ kind: "jobCancelled", jobCancelled: { job: id } });
const done = (id: string) => [
  submitted(id),
  planned(id),
  taskDone(id, "chunk-1"),
  taskDone(id, "chunk-2"),
  finished(id),
];

/** Decides, and applies the fact where there is one. */
function command(state: MeshState, id: string, wanted: JobCommand): Fact | undefined {
  const fact = decideControl(job(state, id), wanted);
  if (fact !== undefined) applyEntry(state, state.sequence + 1, entry(fact));
  return fact;
}

describe("control of a job", () => {
  it("sets the priority and leaves the pause, and the other way round", () => {
    const state = stateOf(submitted("one"));
    command(state, "one", { kind: "adjust", priority: -7 });
    command(state, "one", { kind: "adjust", paused: true });
    assert.deepEqual([job(state, "one").priority, job(state, "one").paused], [-7, true]);
    command(state, "one", { kind: "adjust", paused: false });
    assert.deepEqual([job(state, "one").priority, job(state, "one").paused], [-7, false]);
    assert.equal(command(state, "one", { kind: "adjust", priority: -7 }), undefined);
  });

  it("refuses a priority that is none", () => {
    const state = stateOf(submitted("one"));
    for (const priority of [101, -101, 0.5, Number.NaN, 2 ** 31]) {
      assert.throws(() => command(state, "one", { kind: "adjust", priority }), { code: "INVALID_INPUT" });
    }
  });

  it("cancels once, and not what has ended otherwise", () => {
    const state = stateOf(submitted("one"), ...done("two"), submitted("three"), failed("three"));
    assert.equal(command(state, "one", { kind: "cancel" })?.kind, "jobCancelled");
    assert.equal(command(state, "one", { kind: "cancel" }), undefined);
    for (const id of ["two", "three"]) {
      assert.throws(() => command(state, id, { kind: "cancel" }), { code: "CONFLICT" });
      assert.throws(() => command(state, id, { kind: "adjust", paused: true }), { code: "CONFLICT" });
    }
  });

  it("retries a failed job from what it had finished", () => {
    const state = stateOf(submitted("one"), planned("one"), taskDone("one", "chunk-1"), failed("one"));
    command(state, "one", { kind: "retry" });
    assert.equal(job(state, "one").state, "running");
    assert.deepEqual([...job(state, "one").finished.keys()], ["chunk-1"]);
    assert.equal(command(state, "one", { kind: "retry" }), undefined, "twice is once");
  });

  it("does not retry what was done, cancelled or let go, and says what to do", () => {
    const ids = Array.from({ length: KEPT_FAILURES + 1 }, (_, index) => `failed-${index}`);
    const failures = ids.flatMap((id) => [submitted(id), failed(id)]);
    const state = stateOf(...done("done"), submitted("off"), cancelled("off"), ...failures);
    assert.throws(() => command(state, "failed-0", { kind: "retry" }), {
      code: "CONFLICT",
      message: /submit it again/,
    });
    assert.equal(command(state, "failed-1", { kind: "retry" })?.kind, "jobRetried");
    for (const id of ["done", "off"]) {
      assert.throws(() => command(state, id, { kind: "retry" }), { code: "CONFLICT", message: /only a failed job/ });
    }
  });

  it("removes what has ended, and nothing that runs", () => {
    const state = stateOf(...done("one"), submitted("two"));
    assert.throws(() => command(state, "two", { kind: "remove" }), { code: "CONFLICT", message: /cancel it first/ });
    command(state, "one", { kind: "remove" });
    assert.deepEqual([[...state.jobs.keys()], state.assets.size], [["two"], 0]);
  });

  it("knows a submission again by its source, its name and its options", () => {
    const state = stateOf(submitted("one"));
    const same = (change: object) => {
      const fact = submitted("one");
      Object.assign(fact.jobSubmitted, change);
      return isSameSubmission(job(state, "one"), fact);
    };
    assert.ok(same({}));
    assert.ok(same({ priority: 5, holder: "z", fileName: "copy.mp4" }));
    assert.ok(!same({ source: { sha256: "0".repeat(64), bytes: 1 } }));
    assert.ok(!same({ name: "another" }));
    assert.ok(
      !same({ options: { ...DEFAULT_OPTIONS, ladder: [720], segmentSeconds: 4, preset: "ultrafast", crf: 30 } }),
    );
    assert.ok(!same({ options: { ...DEFAULT_OPTIONS, ladder: [], segmentSeconds: 4, preset: "ultrafast", crf: 31 } }));
    assert.ok(!same({ source: null }));
  });
});

describe("pages of jobs", () => {
  const ids = Array.from({ length: 250 }, (_, index) => `job-${index}`);
  const state = stateOf(...ids.map((id) => submitted(id)), ...ids.slice(0, 50).map(cancelled));
  const page = (limit: number, states: string[], after: string) => {
    const { jobs, more } = pageOfJobs(state, { limit, states, after });
    return { ids: jobs.map(({ id }) => id), more };
  };

  it("go from the newest to the oldest, each job once", () => {
    const seen: string[] = [];
    for (let more = true; more; ) {
      const next = page(0, [], seen.at(-1) ?? "");
      seen.push(...next.ids);
      more = next.more;
    }
    assert.deepEqual(seen, [...ids].reverse());
  });

  it("hold only jobs in the states asked for", () => {
    assert.deepEqual(page(2, ["cancelled", "failed"], ""), { ids: ["job-49", "job-48"], more: true });
    assert.deepEqual(page(2, ["cancelled"], "job-1"), { ids: ["job-0"], more: false });
    assert.deepEqual(page(2, ["done"], ""), { ids: [], more: false });
  });

  it("hold the paused ones whatever their state, without those that ended since", () => {
    const paused = stateOf(submitted("one"), submitted("two"), submitted("three"));
    for (const id of ["one", "two"]) command(paused, id, { kind: "adjust", paused: true });
    command(paused, "two", { kind: "cancel" });
    const found = (states: string[]) => pageOfJobs(paused, { limit: 0, states, after: "" }).jobs.map(({ id }) => id);
    assert.deepEqual(found(["paused"]), ["one"]);
    assert.deepEqual(found(["paused", "cancelled"]), ["two", "one"]);
    assert.deepEqual(found(["submitted"]), ["three", "one"]);
  });

  it("refuse a state that is none, and a job that is gone", () => {
    assert.throws(() => page(1, ["__proto__"], ""), { code: "INVALID_INPUT" });
    assert.throws(() => page(1, [], "__proto__"), { code: "NOT_FOUND" });
  });
});
