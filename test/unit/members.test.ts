/** What a node makes of the heartbeats that it hears, and does not hear. */
import assert from "node:assert/strict";
import { Members, type NodeSummary } from "../../src/node/members.js";

const SILENT_MS = 5_001;

describe("the nodes that are heard", () => {
  const summary = (id: string, own: Partial<NodeSummary>) => ({ id, name: id, state: "ready", ...own }) as NodeSummary;

  it("coordinate as long as they can be asked", () => {
    let now = 0;
    const members = new Members("me", () => now);
    members.heard(summary("me", {}));
    members.heard(summary("leader", { coordinates: true }));
    members.heard(summary("gone", { coordinates: true, state: "stopped" }));
    const shown = () => members.list().map(({ id, state, coordinates }) => [id, state, coordinates === true]);
    assert.deepEqual(shown(), [
      ["me", "ready", false],
      ["gone", "stopped", false],
      ["leader", "ready", true],
    ]);
    now = SILENT_MS;
    assert.deepEqual(shown()[2], ["leader", "lost", false]);
    assert.deepEqual([...members.live()], ["me"]);
    members.hearThrough(() => false);
    assert.deepEqual(shown()[2], ["leader", "unknown", true], "while nobody can be heard, silence says nothing");
  });

  it("are led by whom the log names, unless another is heard to lead in a newer term", () => {
    let now = 0;
    const members = new Members("me", () => now);
    const leader = (term: number) => members.leader({ coordinator: { id: "old", name: "old" }, term })?.id;
    assert.equal(leader(4), undefined);
    members.heard(summary("old", { coordinates: true, term: 4 }));
    members.heard(summary("reader", { coordinates: false, term: 6 }));
    assert.equal(leader(4), "old");
    members.heard(summary("newer", { coordinates: true, term: 5 }));
    assert.equal(leader(4), "newer", "the log comes later than the word");
    assert.equal(leader(5), "old", "the log of that term names another");
    members.heard(summary("newest", { coordinates: true, term: 6 }));
    assert.equal(leader(4), "newest");
    now = SILENT_MS;
    assert.equal(leader(4), "old", "heard or not");
  });
});
