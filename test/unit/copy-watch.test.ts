/** When a node starts its NATS server again because the others do not hear it. */
import assert from "node:assert/strict";
import { CopyWatch, type StreamSight, withOwnCopy } from "../../src/core/copy-watch.js";

const OWN = { slot: 2, server: "core-2" };

/** The seconds at which it was told to start again, looking every ten. */
function stuckAt(seconds: number, sight: (second: number) => StreamSight | undefined): number[] {
  const watch = new CopyWatch();
  const found: number[] = [];
  for (let second = 0; second <= seconds; second += 10) {
    if (watch.isStuck(second * 1000, sight(second), OWN)) found.push(second);
  }
  return found;
}

const behind = (lag: number): StreamSight => ({
  leader: "core-1",
  replicas: [
    { server: "core-1", current: true, lag: 0 },
    { server: "core-2", current: false, lag },
    { server: "core-3", current: true, lag: 0 },
  ],
});
const leaderless: StreamSight = { leader: "", replicas: [{ server: "core-2", current: false, lag: 9 }] };

describe("a copy of the mesh log that is watched", () => {
  it("is stuck when it stays behind, and is given more time after that", () => {
    assert.deepEqual(
      stuckAt(230, (second) => behind(20 + second)),
      [30, 100, 230],
    );
  });

  it("is stuck when the leader takes it for current, and it holds less than this node has read", () => {
    const current: StreamSight = { leader: "core-1", replicas: [{ server: "core-2", current: true, lag: 0 }] };
    const seen = (end: number | undefined, read: number) => withOwnCopy(current, "core-2", end, read);
    assert.deepEqual(
      stuckAt(50, (second) => seen(408, 410 + second)),
      [30],
    );
    assert.deepEqual(
      stuckAt(90, (second) => seen(400 + second, 500)),
      [],
      "it catches up",
    );
    for (const end of [undefined, 500, 501]) assert.equal(seen(end, 500), current);
    assert.equal(withOwnCopy(undefined, "core-2", 1, 2), undefined);
  });

  it("is stuck when it has no copy", () => {
    const without = { leader: "core-1", replicas: [{ server: "core-1", current: true, lag: 0 }] };
    assert.deepEqual(
      stuckAt(50, () => without),
      [30],
    );
  });

  it("is given the usual time again when it was well in between", () => {
    assert.deepEqual(
      stuckAt(90, (second) => ({
        ...behind(20 + second),
        ...(second === 50 ? { leader: "core-2", replicas: [{ server: "core-2", current: true, lag: 0 }] } : {}),
      })),
      [30, 90],
    );
  });

  it("is not stuck while it catches up", () => {
    assert.deepEqual(
      stuckAt(300, (second) => behind(1000 - second)),
      [],
    );
  });

  it("is not stuck when it is another's, when it is the leader's, and when nobody answers", () => {
    const [first, second] = behind(5).replicas as [StreamSight["replicas"][0], StreamSight["replicas"][0]];
    const other = {
      ...behind(5),
      replicas: [first, { ...second, current: true }, { server: "core-3", current: false, lag: 5 }],
    };
    const own = { leader: "core-2", replicas: [{ server: "core-2", current: true, lag: 0 }] };
    for (const sight of [other, own, undefined]) {
      assert.deepEqual(
        stuckAt(300, () => sight),
        [],
      );
    }
    assert.deepEqual(
      stuckAt(300, (second) => (second % 30 === 20 ? undefined : behind(5))),
      [],
    );
  });

  it("is stuck when the stream has no leader for longer than mute servers stay unheard, in turn by slot", () => {
    assert.deepEqual(
      stuckAt(100, () => leaderless),
      [90],
    );
  });

  it("begins to count anew when a leader is found or lost", () => {
    assert.deepEqual(
      stuckAt(110, (second) => (second < 60 ? leaderless : behind(5))),
      [90],
    );
  });
});
