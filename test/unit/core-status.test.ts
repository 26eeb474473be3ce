import assert from "node:assert/strict";
import { lackOfMajority } from "../../src/node/core-status.js";

const NODES = ["a", "b", "c"];

function lack(servers: number, live: string[]): string | undefined {
  const members = { nameOf: (id: string) => `node-${id}`, live: () => new Set(live) };
  const core = NODES.slice(0, servers).map((nodeId, slot) => ({ slot: slot + 1, nodeId, client: "", route: "" }));
  return lackOfMajority({ generation: 2, servers: core }, members);
}

describe("the majority of the core", () => {
  it("is lacking when the nodes of most servers are away, and they are named", () => {
    const said = lack(3, ["b", "other"]);
    assert.match(
      said ?? "",
      /^2 of the 3 NATS servers of the core are away \(node-a, node-c\), so nothing new starts: /,
    );
    assert.match(lack(3, []) ?? "", /^3 of the 3 /);
  });

  it("is there otherwise; one server, or somebody else's, has none to lack", () => {
    for (const live of [NODES, ["a", "b"], ["b", "c"]]) assert.equal(lack(3, live), undefined);
    for (const servers of [0, 1]) assert.equal(lack(servers, []), undefined);
  });
});
