import assert from "node:assert/strict";
import fc from "fast-check";
import type { LogEntry } from "../../src/core/facts.js";
import { hasEnded } from "../../src/core/job-record.js";
import { applyEntry, emptyMeshState, type MeshState } from "../../src/core/mesh-state.js";
import { entry, finished, planned, submitted, taskDone, taskGrown } from "../support/facts.js";

function fold(entries: LogEntry[]): MeshState {
  const state = emptyMeshState();
  for (const [index, one] of entries.entries()) applyEntry(state, index + 1, one);
  return state;
}

const whole = [
  entry({ kind: "termStarted", termStarted: { nodeId: "a", nodeName: "alpha" } }),
  entry(submitted("j1")),
  entry(planned("j1")),
  entry(taskDone("j1", "chunk-1")),
  entry(taskDone("j1", "chunk-2")),
  entry(finished("j1")),
];

describe("the fold of the mesh log", () => {
  it("takes a job from submitted to done", () => {
    const states = whole.map((_, index) => fold(whole.slice(0, index + 1)).jobs.get("j1")?.state);
    assert.deepEqual(states, [undefined, "submitted", "running", "running", "packaging", "done"]);
    const state = fold(whole);
    assert.equal(state.active.size, 0);
    assert.equal(state.jobs.get("j1")?.endedMs, whole.at(-1)?.atMs);
  });

  it("keeps the first result of a task, and the first end of a job", () => {
    const late = entry({ kind: "jobFailed", jobFailed: { job: "j1", reason: "late", letGo: false } });
    const state = fold([...whole.slice(0, 4), entry(taskDone("j1", "chunk-1", "zombie")), ...whole.slice(4), late]);
    assert.equal(state.jobs.get("j1")?.finished.get("chunk-1")?.nodeId, "a");
    assert.equal(state.jobs.get("j1")?.state, "done");
    assert.equal(state.jobs.get("j1")?.reason, "");
  });

  it("keeps the longest beginning of a task until all of it is there", () => {
    const facts = [taskGrown("j1", "chunk-1", 8), taskGrown("j1", "chunk-1", 4, "anew"), taskGrown("j1", "chunk-9", 8)];
    const begun = [...whole.slice(0, 3), ...facts.map((fact) => entry(fact))];
    const grown = (entries: LogEntry[]) => {
      const parts = fold(entries).jobs.get("j1")?.grown ?? new Map();
      return [...parts].map(([task, { seconds, nodeId }]) => [task, seconds, nodeId]);
    };
    assert.deepEqual(grown(begun), [["chunk-1", 8, "a"]]);
    const done = entry(taskDone("j1", "chunk-1", "anew"));
    assert.deepEqual(grown([...begun, done, entry(taskGrown("j1", "chunk-1", 9))]), []);
    assert.deepEqual(grown([...begun, entry({ kind: "jobReplanned", jobReplanned: { job: "j1", reason: "x" } })]), []);
  });

  it("passes over facts of an older term, of no known job and of no planned task", () => {
    const state = fold([
      entry({ kind: "termStarted", termStarted: { nodeId: "a", nodeName: "alpha" } }, 3),
      entry(submitted("old"), 2),
      entry(submitted("j1"), 3),
      entry(planned("nobody"), 3),
      entry(taskDone("j1", "chunk-1"), 3),
      entry(planned("j1"), 3),
      entry(taskDone("j1", "chunk-9"), 3),
    ]);
    assert.deepEqual([...state.jobs.keys()], ["j1"]);
    assert.equal(state.jobs.get("j1")?.finished.size, 0);
    assert.equal(state.term, 3);
  });

  it("skips entries that it has seen", () => {
    const state = fold(whole.slice(0, 2));
    assert.equal(applyEntry(state, 2, entry({ kind: "jobCancelled", jobCancelled: { job: "j1" } })), undefined);
    assert.equal(state.jobs.get("j1")?.state, "submitted");
  });

  it("for any facts in any order: an ended job never changes, and active jobs are those that have not ended", () => {
    const job = fc.constantFrom("j1", "j2", "j3");
    const task = fc.constantFrom("chunk-1", "chunk-2", "chunk-3");
    const fact = fc.oneof(
      job.map((id) => entry(submitted(id))),
      job.map((id) => entry(planned(id))),
      fc.tuple(job, task).map(([id, name]) => entry(taskDone(id, name))),
      fc.tuple(job, task).map(([id, name]) => entry(taskGrown(id, name, 3))),
      job.map((id) => entry(finished(id))),
      job.map((id) => entry({ kind: "jobFailed", jobFailed: { job: id, reason: "x", letGo: false } })),
      job.map((id) => entry({ kind: "jobCancelled", jobCancelled: { job: id } })),
      fc.nat(5).map((term) => entry({ kind: "termStarted", termStarted: { nodeId: `n${term}`, nodeName: "" } }, term)),
    );
    fc.assert(
      fc.property(fc.array(fact, { maxLength: 40 }), (facts) => {
        const state = emptyMeshState();
        const ended = new Map<string, string>();
        for (const [index, one] of facts.entries()) {
          const { term } = state;
          applyEntry(state, index + 1, one);
          assert.ok(state.term >= term);
          for (const record of state.jobs.values()) {
            assert.equal(state.active.has(record.id), !hasEnded(record));
            const before = ended.get(record.id);
            if (before !== undefined) assert.equal(JSON.stringify(record), before);
            else if (hasEnded(record)) ended.set(record.id, JSON.stringify(record));
          }
        }
        assert.equal(state.sequence, facts.length);
      }),
    );
  });
});
