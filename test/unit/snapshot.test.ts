import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { isSnapshotDue } from "../../src/coordinator/snapshot-due.js";
import type { Fact, LogEntry } from "../../src/core/facts.js";
import { mayFound } from "../../src/core/founding.js";
import {
  applyEntry,
  compactJobs,
  emptyMeshState,
  fits,
  KEPT_FAILURES,
  LISTED_FAILURES,
  type MeshState,
} from "../../src/core/mesh-state.js";
import {
  decodeSnapshot,
  encodeSnapshot,
  factsBeyond,
  hasDiverged,
  type Texts,
  writeTexts,
} from "../../src/core/snapshot.js";
import { encodeResult, entry, finished, planned, submitted, taskDone, taskGrown } from "../support/facts.js";

const SNAPSHOT: Fact = { kind: "snapshot", snapshot: { state: null, holders: [], founds: false } };

const replanned = (job: string): Fact => ({ kind: "jobReplanned", jobReplanned: { job, reason: "x" } });

const reopened = (job: string, task: string): Fact => ({ kind: "taskReopened", taskReopened: { job, task } });

const job = fc.constantFrom("j1", "j2", "j3", "j4");
const task = fc.constantFrom("chunk-1", "chunk-2", "chunk-3");
/** Facts about jobs and nodes that can be told again. */
const workFact = fc.oneof(
  job.map((id): Fact => submitted(id)),
  job.map((id): Fact => planned(id)),
  fc.tuple(job, task).map(([id, name]): Fact => taskDone(id, name)),
  fc.tuple(job, task, fc.nat(3)).map(([id, name, seconds]): Fact => taskGrown(id, name, seconds)),
  fc.tuple(job, task).map(([id, name]): Fact => reopened(id, name)),
  job.map((id): Fact => finished(id)),
  job.map((id): Fact => replanned(id)),
  job.map((id): Fact => ({ kind: "jobFailed", jobFailed: { job: id, reason: "x", letGo: false } })),
  job.map((id): Fact => ({ kind: "jobCancelled", jobCancelled: { job: id } })),
  fc
    .tuple(job, fc.boolean())
    .map(([id, paused]): Fact => ({ kind: "jobAdjusted", jobAdjusted: { job: id, priority: 1, paused } })),
  fc.constantFrom("n1", "n2").map((nodeId): Fact => ({ kind: "nodeSetAside", nodeSetAside: { nodeId, reason: "x" } })),
);
const anyFact = fc.oneof(
  { weight: 8, arbitrary: workFact },
  job.map((id): Fact => ({ kind: "jobRetried", jobRetried: { job: id } })),
  job.map((id): Fact => ({ kind: "jobRemoved", jobRemoved: { job: id } })),
  fc.constantFrom("n1", "n2").map((nodeId): Fact => ({ kind: "nodeReadmitted", nodeReadmitted: { nodeId } })),
  fc
    .uniqueArray(fc.constantFrom("n1", "n2", "n3"))
    .map((nodes): Fact => ({ kind: "placementChanged", placementChanged: { replicas: 2, nodes } })),
  fc.constant(SNAPSHOT),
);

/** A task is taken back once: what is made of it then stays. */
function isFirstReopening(fact: Fact, place: number, facts: Fact[]): boolean {
  if (fact.kind !== "taskReopened") return true;
  return facts.findIndex((other) => isDeepStrictEqual(other, fact)) === place;
}

function applyAll(state: MeshState, facts: Fact[]): MeshState {
  for (const fact of facts) applyEntry(state, state.sequence + 1, entry(fact));
  return state;
}

const removed = (id: string): Fact => ({ kind: "jobRemoved", jobRemoved: { job: id } });
function replay(log: LogEntry[]): MeshState {
  const state = emptyMeshState();
  for (const [index, one] of log.entries()) applyEntry(state, index + 1, one);
  return state;
}
const fold = (facts: Fact[]) => applyAll(emptyMeshState(), facts);
const bytesOf = (state: MeshState) => Buffer.concat([...encodeSnapshot(state)]);
const text = (state: MeshState) => bytesOf(state).toString();

describe("a snapshot of the mesh state", () => {
  it("folds on as the state itself does, to the same bytes", () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 60 }), fc.array(anyFact, { maxLength: 30 }), (before, after) => {
        const original = fold(before);
        const restored = decodeSnapshot(bytesOf(original), original.sequence);
        const entries = [SNAPSHOT, ...after].map((fact): LogEntry => entry(fact));
        for (const one of entries) {
          applyEntry(original, original.sequence + 1, one);
          applyEntry(restored, restored.sequence + 1, one);
        }
        assert.deepEqual(restored, original);
        assert.equal(text(restored), text(original));
      }),
    );
  });

  it("leaves the state as it is, and is the same of a state that a snapshot has compacted", () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 60 }), (facts) => {
        const state = fold(facts);
        const before = structuredClone(state);
        const bytes = text(state);
        assert.deepEqual(state, before);
        applyAll(state, [SNAPSHOT]);
        assert.equal(text(state), bytes);
        const compacted = structuredClone(state.jobs);
        applyAll(state, [SNAPSHOT]);
        assert.deepEqual(state.jobs, compacted);
      }),
    );
  });

  it("is the same whatever part of it was written before the newest entries came, and as plain JSON has it", () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 60 }), fc.array(anyFact, { maxLength: 30 }), (before, after) => {
        const state = fold(before);
        const texts: Texts = new WeakMap();
        for (const _ of writeTexts(state, texts)) assert.fail("so little text is one step");
        applyAll(state, after);
        const bytes = Buffer.concat([...encodeSnapshot(state, texts)]).toString();
        assert.equal(bytes, text(state));
        assert.equal(JSON.stringify(JSON.parse(bytes)), bytes);
        const jobs = compactJobs(state).map((one) => ({
          ...one,
          finished: [...one.finished],
          grown: [...one.grown],
        }));
        assert.equal(JSON.stringify(JSON.parse(bytes).jobs), JSON.stringify(jobs));
      }),
    );
  });

  it("keeps a thousand failures, the newest, and what can be retried", () => {
    const ids = Array.from({ length: LISTED_FAILURES + 100 + KEPT_FAILURES }, (_, index) => `j${index}`);
    const state = fold(
      ids.flatMap((id): Fact[] => [
        submitted(id),
        { kind: "jobFailed", jobFailed: { job: id, reason: "x", letGo: false } },
      ]),
    );
    const restored = decodeSnapshot(bytesOf(state), state.sequence);
    assert.deepEqual([...restored.jobs.keys()], ids.slice(100));
    assert.deepEqual(restored.failed, state.failed);
  });

  it("is refused when it is something else, or of a newer version", () => {
    assert.throws(() => decodeSnapshot(new TextEncoder().encode("no"), 1), { code: "CORRUPT" });
    assert.throws(() => decodeSnapshot(new TextEncoder().encode('{"version":9}'), 1), /version 9.*newer version/);
  });
});

describe("what one state knows beyond another", () => {
  it("fits, in its order, and leaves nothing but what contradicts", () => {
    fc.assert(
      fc.property(fc.array(anyFact, { maxLength: 60 }), fc.array(anyFact, { maxLength: 30 }), (known, log) => {
        const mine = fold(known);
        const theirs = fold(log);
        for (const fact of factsBeyond(mine, theirs)) {
          assert.ok(fits(theirs, fact), JSON.stringify(fact));
          applyAll(theirs, [fact]);
        }
        assert.deepEqual(factsBeyond(mine, theirs), []);
      }),
    );
  });

  it("gives back everything to a state that has lost its end, and no job that was removed", () => {
    const workOrRemoval = fc.oneof(
      { weight: 8, arbitrary: workFact },
      job.map((id): Fact => removed(id)),
    );
    fc.assert(
      fc.property(fc.array(workOrRemoval, { maxLength: 60 }), fc.nat(60), (facts, kept) => {
        const log = facts.filter(isFirstReopening).map((fact) => entry(fact));
        const mine = replay(log);
        const theirs = replay(log.slice(0, kept));
        applyAll(theirs, factsBeyond(mine, theirs));
        assert.deepEqual(new Set(theirs.jobs.keys()), new Set(mine.jobs.keys()));
        for (const [id, { state, finished: tasks }] of mine.jobs) {
          const back = theirs.jobs.get(id);
          assert.equal(back?.state, state);
          assert.deepEqual(new Set(back?.finished.keys()), new Set(tasks.keys()));
        }
        assert.deepEqual([...theirs.setAside.keys()].sort(), [...mine.setAside.keys()].sort());
      }),
    );
  });

  it("tells a job that was done long ago as a whole", () => {
    const mine = fold([submitted("j1"), planned("j1"), taskDone("j1", "chunk-1"), taskDone("j1", "chunk-2")]);
    applyAll(mine, [finished("j1"), SNAPSHOT]);
    const theirs = applyAll(emptyMeshState(), factsBeyond(mine, emptyMeshState()));
    assert.equal(theirs.jobs.get("j1")?.state, "done");
    assert.deepEqual(theirs.assets, mine.assets);
  });

  it("brings back a plan that took another's place, with what was done by it", () => {
    const first = [submitted("j1"), planned("j1"), taskDone("j1", "chunk-1")];
    const mine = fold([...first, replanned("j1"), planned("j1"), taskDone("j1", "chunk-1"), taskDone("j1", "chunk-2")]);
    for (const known of [[], first.slice(0, 1), first.slice(0, 2), first]) {
      const theirs = fold(known);
      applyAll(theirs, factsBeyond(mine, theirs));
      const { decode, state, finished: done } = theirs.jobs.get("j1") ?? assert.fail("no job");
      assert.deepEqual([decode, state, [...done.keys()]], ["x", "packaging", ["chunk-1", "chunk-2"]]);
      assert.deepEqual(factsBeyond(mine, theirs), []);
    }
  });

  it("takes back again what was taken back, and brings what was made in its place", () => {
    const made = (name: string, nodeId: string): Fact => {
      const result = encodeResult("j1", `${name} by ${nodeId}`);
      return { kind: "taskDone", taskDone: { job: "j1", task: name, result, nodeId } };
    };
    const first = [submitted("j1"), planned("j1"), made("chunk-1", "a")];
    const mine = fold([...first, reopened("j1", "chunk-1"), made("chunk-2", "b"), made("chunk-1", "c")]);
    for (const known of [[], first.slice(0, 2), first, [...first, reopened("j1", "chunk-1")]]) {
      const theirs = fold(known);
      applyAll(theirs, factsBeyond(mine, theirs));
      const { finished: done } = theirs.jobs.get("j1") ?? assert.fail("no job");
      const makers = [...done].map(([name, { nodeId }]) => [name, nodeId]).sort();
      assert.deepEqual(makers, [
        ["chunk-1", "c"],
        ["chunk-2", "b"],
      ]);
      assert.deepEqual(factsBeyond(mine, theirs), []);
    }
  });

  it("leaves what was made in the place of what was taken back", () => {
    const proof = { lead: "", first: "", last: "", tail: "", linear: true };
    const anew = { ...encodeResult("j1", "chunk-1 anew"), proof };
    const made: Fact = { kind: "taskDone", taskDone: { job: "j1", task: "chunk-1", result: anew, nodeId: "b" } };
    const first = [submitted("j1"), planned("j1")];
    const mine = fold([...first, taskDone("j1", "chunk-1"), reopened("j1", "chunk-1")]);
    const theirs = fold([...first, made]);
    assert.deepEqual(factsBeyond(mine, theirs), []);
    assert.equal(fits(theirs, reopened("j1", "chunk-1")), false);
  });

  const cancelled = (id: string): Fact => ({ kind: "jobCancelled", jobCancelled: { job: id } });

  it("ends a cancelled job again, compacted or not, so that the same id does not run", () => {
    for (const rest of [[], [SNAPSHOT]]) {
      const mine = fold([submitted("j1"), planned("j1"), cancelled("j1"), ...rest]);
      const theirs = applyAll(emptyMeshState(), factsBeyond(mine, emptyMeshState()));
      assert.equal(theirs.jobs.get("j1")?.state, "cancelled");
    }
  });

  it("enters a failure that was let go as one, and lets no other go for it", () => {
    const failed = (id: string): Fact[] => [
      submitted(id),
      { kind: "jobFailed", jobFailed: { job: id, reason: "x", letGo: false } },
    ];
    const mine = fold(Array.from({ length: KEPT_FAILURES + 1 }, (_, index) => failed(`j${index}`)).flat());
    const theirs = fold(Array.from({ length: KEPT_FAILURES }, (_, index) => failed(`j${index + 1}`)).flat());
    applyAll(theirs, factsBeyond(mine, theirs));
    assert.equal(theirs.jobs.get("j0")?.letGo, true);
    assert.deepEqual(theirs.failed, mine.failed);
  });

  it("does not bring back what was removed, unless it was submitted again after that", () => {
    const [first, end, removal, second] = [submitted("j1"), cancelled("j1"), removed("j1"), submitted("j1")].map(
      (fact) => entry(fact),
    ) as [LogEntry, LogEntry, LogEntry, LogEntry];
    const theirs = replay([first, end, removal]);
    assert.deepEqual(factsBeyond(replay([first, end]), theirs), []);
    const again = replay([first, end, removal, second]);
    const back = { ...submitted("j1").jobSubmitted, submittedMs: second.atMs };
    assert.deepEqual(factsBeyond(again, theirs), [{ kind: "jobSubmitted", jobSubmitted: back }]);
    const restored = decodeSnapshot(bytesOf(theirs), theirs.sequence);
    assert.deepEqual(factsBeyond(again, restored), [{ kind: "jobSubmitted", jobSubmitted: back }]);
    // A removal that only mine knows, of a job that theirs has, ended or not, and not of one submitted after it.
    assert.deepEqual(factsBeyond(theirs, replay([first, end])), [removed("j1")]);
    assert.deepEqual(factsBeyond(theirs, replay([first])), [cancelled("j1"), removed("j1")]);
    assert.deepEqual(factsBeyond(theirs, again), []);
    assert.deepEqual(factsBeyond(again, replay([first, end])), [
      removed("j1"),
      { kind: "jobSubmitted", jobSubmitted: back },
    ]);
  });

  it("leaves a job that came back its time of submission, so that its removal is still its own", () => {
    const log = [submitted("j1"), cancelled("j1"), removed("j1")].map((fact) => entry(fact));
    const back = applyAll(emptyMeshState(), factsBeyond(replay(log.slice(0, 2)), emptyMeshState()));
    assert.equal(back.jobs.get("j1")?.submittedMs, log[0]?.atMs);
    assert.deepEqual(factsBeyond(replay(log), back), [removed("j1")]);
  });

  it("does not mix the chunks of two plans", () => {
    const mine = fold([submitted("j1"), planned("j1"), taskDone("j1", "chunk-1")]);
    const other = planned("j1");
    if (other.jobPlanned.result !== null) other.jobPlanned.result.plan = { sha256: "f".repeat(64), bytes: 1 };
    assert.deepEqual(factsBeyond(mine, fold([submitted("j1"), other])), []);
  });

  it("is asked for only of whoever has read past a founding that it does not know", () => {
    const founded: Fact = { kind: "snapshot", snapshot: { state: null, holders: [], founds: true } };
    const theirs = fold([submitted("j1"), submitted("j2"), founded]);
    assert.equal(hasDiverged(fold([submitted("j1"), submitted("j2")]), theirs), false);
    assert.equal(hasDiverged(fold([submitted("j1"), submitted("j2"), submitted("j3")]), theirs), true);
    assert.equal(hasDiverged(theirs, theirs), false);
  });

  it("is asked for of whoever has read past the start of a term that it does not know, or that theirs does not", () => {
    const begins = (nodeId: string, number: number) =>
      entry({ kind: "termStarted", termStarted: { nodeId, nodeName: nodeId } }, number);
    const stateAfter = (...entries: LogEntry[]) => {
      const state = emptyMeshState();
      for (const [index, one] of entries.entries()) applyEntry(state, index + 1, one);
      return state;
    };
    const begun = [begins("a", 1), entry(submitted("j1"))];
    const [lost, next] = [begins("b", 2), begins("c", 2)];
    const job = entry(submitted("j2"), 2);
    assert.equal(hasDiverged(stateAfter(...begun), stateAfter(...begun, next, job)), false, "it lags");
    assert.equal(
      hasDiverged(stateAfter(...begun, job), stateAfter(...begun, next, job)),
      true,
      "theirs has a term in its place",
    );
    assert.equal(hasDiverged(stateAfter(...begun, lost), stateAfter(...begun, next, job)), true, "another term");
    assert.equal(hasDiverged(stateAfter(...begun, job, lost), stateAfter(...begun, job)), false, "it is ahead");
    assert.equal(
      hasDiverged(stateAfter(...begun, lost), stateAfter(...begun, job, job)),
      true,
      "theirs goes on without the term",
    );
  });
});

describe("who founds the log", () => {
  const at = (id: string, sequence: number) => ({ id, sequence });

  it("is the one that has read the furthest, then the one with the smallest id, after a while", () => {
    assert.equal(mayFound(at("b", 7), [at("a", 6), at("c", 7)], 3_000, false), true);
    assert.equal(mayFound(at("b", 7), [at("a", 6), at("c", 7)], 2_900, false), false);
    assert.equal(mayFound(at("c", 7), [at("b", 7)], 3_000, false), false);
    assert.equal(mayFound(at("c", 7), [at("b", 7)], 13_000, false), true);
  });

  it("is a node that knows nothing only where nobody knows more, and at once with new servers of its own", () => {
    assert.equal(mayFound(at("a", 0), [at("b", 1)], 1e9, true), false);
    assert.equal(mayFound(at("b", 0), [at("a", 0)], 0, true), true);
    assert.equal(mayFound(at("b", 0), [], 0, false), false);
    assert.equal(mayFound(at("b", 5), [], 0, true), false);
  });
});

describe("when a snapshot is due", () => {
  const due = (sequence: number, snapshot: number, jobs: number) => {
    const state = fold(Array.from({ length: jobs }, (_, index) => submitted(`j${index}`)));
    return isSnapshotDue({ ...state, sequence, snapshot });
  };

  it("is after a thousand entries, or as many as there are jobs", () => {
    assert.equal(due(999, 0, 3), false);
    assert.equal(due(1_000, 0, 3), true);
    assert.equal(due(1_900, 1_000, 3), false);
    assert.equal(due(2_500, 1_000, 2_000), false);
    assert.equal(due(3_000, 1_000, 2_000), true);
  });
});
