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
});
