import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ELECTION_TIMEOUT_MS,
  type Election,
  LOG_TIMEOUT_MS,
  newElection,
  stepElection,
} from "../../src/coordinator/election.js";

function following(term: number, coordinator: string): Election {
  const election = newElection("me", 0);
  stepElection(election, { kind: "termStarted", now: 0, term, nodeId: coordinator });
  return election;
}

function tick(election: Election, now: number) {
  return stepElection(election, { kind: "tick", now, random: 0, caughtUp: true });
}

describe("election", () => {
  it("stands at once in a mesh without a coordinator, but not before the log was read", () => {
    const election = newElection("me", 0);
    assert.deepEqual(stepElection(election, { kind: "tick", now: 1, random: 0, caughtUp: false }), []);
    assert.deepEqual(tick(election, 2), [{ kind: "stand", term: 1 }]);
    assert.deepEqual(tick(election, 3), []);
    assert.deepEqual(stepElection(election, { kind: "stood", now: 4, term: 1, outcome: "won" }), [
      { kind: "lead", term: 1 },
    ]);
  });

  it("waits for a coordinator that is heard, and stands when it falls silent", () => {
    const election = following(4, "other");
    assert.deepEqual(tick(election, ELECTION_TIMEOUT_MS), []);
    const heard = { nodeId: "other", term: 4, coordinates: true, stopped: false };
    stepElection(election, { kind: "heard", now: ELECTION_TIMEOUT_MS, ...heard });
    assert.deepEqual(tick(election, 2 * ELECTION_TIMEOUT_MS), []);
    assert.deepEqual(tick(election, 2 * ELECTION_TIMEOUT_MS + 1), [{ kind: "stand", term: 5 }]);
  });

  it("takes no term from a heartbeat: the log alone says who leads", () => {
    for (const term of [-1, 2 ** 63, Number.NaN, 3]) {
      for (const nodeId of ["other", "stranger", "me"]) {
        const election = following(4, "other");
        const heard = { nodeId, term, coordinates: true, stopped: false };
        assert.deepEqual(stepElection(election, { kind: "heard", now: 1, ...heard }), []);
        assert.deepEqual([election.term, election.coordinator, election.role], [4, "other", "following"]);
      }
    }
  });

  it("stands at once when the coordinator says that it stops, and when it was this node's earlier life", () => {
    const election = following(4, "other");
    stepElection(election, { kind: "heard", now: 1, nodeId: "other", term: 4, coordinates: false, stopped: true });
    assert.deepEqual(tick(election, 2), [{ kind: "stand", term: 5 }]);
    assert.deepEqual(tick(following(7, "me"), 1), [{ kind: "stand", term: 8 }]);
  });

  it("is not kept by a coordinator of an older term, nor by one that does not lead", () => {
    const election = following(4, "other");
    for (const heard of [
      { term: 3, coordinates: true },
      { term: 4, coordinates: false },
    ]) {
      stepElection(election, { kind: "heard", now: ELECTION_TIMEOUT_MS, nodeId: "other", stopped: false, ...heard });
    }
    tick(election, ELECTION_TIMEOUT_MS);
    assert.equal(tick(election, ELECTION_TIMEOUT_MS + 1).length, 1);
  });

  it("steps down for a higher term, a refused append, a bus that stays away and a pause of its own", () => {
    const lead = () => {
      const election = newElection("me", 0);
      tick(election, 0);
      stepElection(election, { kind: "stood", now: 0, term: 1, outcome: "won" });
      return election;
    };
    const higher = stepElection(lead(), { kind: "termStarted", now: 1, term: 2, nodeId: "other" });
    assert.deepEqual(higher, [{ kind: "follow" }]);
    assert.deepEqual(stepElection(lead(), { kind: "refused" }), [{ kind: "follow" }]);
    const cutOff = lead();
    stepElection(cutOff, { kind: "bus", now: 10, connected: false });
    assert.deepEqual(tick(cutOff, ELECTION_TIMEOUT_MS), []);
    assert.deepEqual(tick(cutOff, 10 + ELECTION_TIMEOUT_MS), []);
    assert.deepEqual(tick(cutOff, 11 + ELECTION_TIMEOUT_MS), [{ kind: "follow" }]);
    const paused = lead();
    assert.deepEqual(stepElection(paused, { kind: "acting", now: ELECTION_TIMEOUT_MS }), []);
    assert.deepEqual(stepElection(paused, { kind: "acting", now: ELECTION_TIMEOUT_MS + 1 }), [{ kind: "follow" }]);
    assert.deepEqual(tick(lead(), ELECTION_TIMEOUT_MS + 1), [{ kind: "follow" }]);
  });

  it("waits for its coordinator anew when it stood still itself", () => {
    const election = following(4, "other");
    tick(election, 0);
    const woken = 100 * ELECTION_TIMEOUT_MS;
    for (let now = woken; now <= woken + ELECTION_TIMEOUT_MS; now += 250) assert.deepEqual(tick(election, now), []);
    assert.equal(tick(election, woken + ELECTION_TIMEOUT_MS + 1).length, 1);
  });

  it("steps down when the log has not answered for a while, and not before", () => {
    const election = newElection("me", 0);
    tick(election, 0);
    stepElection(election, { kind: "stood", now: 0, term: 1, outcome: "won" });
    let now = 0;
    for (; now <= LOG_TIMEOUT_MS; now += 250) assert.deepEqual(tick(election, now), []);
    stepElection(election, { kind: "log", at: now });
    // An answer may come after a newer one, and a server that hears nobody any more still answers.
    stepElection(election, { kind: "log", at: now - 2_000 });
    for (const last = now; now <= last + LOG_TIMEOUT_MS; now += 250) assert.deepEqual(tick(election, now), []);
    const other = structuredClone(election);
    assert.deepEqual(tick(election, now), [{ kind: "follow" }]);
    assert.deepEqual(stepElection(other, { kind: "acting", now }), [{ kind: "follow" }]);
  });

  it("rests after a candidacy that failed, though nobody else stands in its way", () => {
    const election = newElection("me", 0);
    assert.deepEqual(tick(election, 0), [{ kind: "stand", term: 1 }]);
    stepElection(election, { kind: "termStarted", now: 100, term: 1, nodeId: "me" });
    stepElection(election, { kind: "stood", now: 100, term: 1, outcome: "refused" });
    assert.deepEqual(tick(election, 1_099), []);
    assert.deepEqual(tick(election, 1_100), [{ kind: "stand", term: 2 }]);
  });

  it("asks again soon when the log did not answer, and gives others time when it refused", () => {
    const [random, caughtUp] = [0.5, true];
    const stands = (outcome: "refused" | "unanswered") => {
      const election = newElection("me", 0);
      stepElection(election, { kind: "termStarted", now: 0, term: 1, nodeId: "other" });
      const at = (now: number) => stepElection(election, { kind: "tick", now, random, caughtUp }).length > 0;
      assert.deepEqual([ELECTION_TIMEOUT_MS, ELECTION_TIMEOUT_MS + 1].map(at), [false, true]);
      stepElection(election, { kind: "stood", now: 5_000, term: 2, outcome });
      return [5_250, 5_500, 5_750, 6_000, 8_000, 9_500].find(at);
    };
    assert.equal(stands("unanswered"), 5_500);
    assert.equal(stands("refused"), 9_500);
  });

  it("leads when its own entry shows in the log before the acknowledgement, not when another's does", () => {
    const own = newElection("me", 0);
    tick(own, 0);
    stepElection(own, { kind: "termStarted", now: 1, term: 1, nodeId: "me" });
    assert.equal(stepElection(own, { kind: "stood", now: 2, term: 1, outcome: "won" }).length, 1);
    const other = newElection("me", 0);
    tick(other, 0);
    stepElection(other, { kind: "termStarted", now: 1, term: 1, nodeId: "other" });
    assert.deepEqual(stepElection(other, { kind: "stood", now: 2, term: 1, outcome: "refused" }), []);
    assert.equal(other.role, "following");
  });

  it("five nodes with any timing: one log position takes one candidate, so a term has one coordinator", () => {
    const step = fc.record({ node: fc.nat(4), kind: fc.constantFrom("tick", "read", "crash"), wait: fc.nat(4000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const log: { term: number; nodeId: string }[] = [];
        const fresh = (id: number) => ({ election: newElection(`n${id}`, 0), read: 0 });
        const nodes = [0, 1, 2, 3, 4].map(fresh);
        const leaders = new Map<number, string>();
        let now = 0;
        for (const { node, kind, wait } of steps) {
          now += wait;
          if (kind === "crash") nodes[node] = fresh(node);
          const one = nodes[node] as ReturnType<typeof fresh>;
          if (kind === "read" && one.read < log.length) {
            const { term, nodeId } = log[one.read++] as { term: number; nodeId: string };
            stepElection(one.election, { kind: "termStarted", now, term, nodeId });
          }
          if (kind !== "tick") continue;
          const caughtUp = one.read === log.length;
          for (const effect of stepElection(one.election, { kind: "tick", now, random: 0.5, caughtUp })) {
            if (effect.kind !== "stand") continue;
            const outcome = one.read === log.length ? "won" : "refused";
            if (outcome === "won") log.push({ term: effect.term, nodeId: one.election.nodeId });
            for (const done of stepElection(one.election, { kind: "stood", now, term: effect.term, outcome })) {
              if (done.kind !== "lead") continue;
              assert.equal(leaders.get(done.term) ?? one.election.nodeId, one.election.nodeId);
              leaders.set(done.term, one.election.nodeId);
            }
          }
        }
        assert.equal(new Set(log.map(({ term }) => term)).size, log.length);
      }),
    );
  });
});
