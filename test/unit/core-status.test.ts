import assert from "node:assert/strict";
import { coreStatus, lackOfMajority } from "../../src/node/core-status.js";
import type { NodeSummary } from "../../src/node/members.js";

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

  it("is told with the state of each server, of which one may outlive its node", async () => {
    const servers = NODES.map((nodeId, index) => ({ slot: index + 1, nodeId, client: "", route: "" }));
    const stateAndLack = async (states: (string | undefined)[], copies: string[]) => {
      const rows = NODES.flatMap((id, index) => {
        const seat = { generation: 2, slot: index + 1, client: "", route: "", unheard: [] };
        const state = states[index];
        return state === undefined ? [] : [{ id, name: id, state, seat } as unknown as NodeSummary];
      });
      const replicas = copies.map((server) => ({ server, current: true, lag: 0 }));
      const stream = async () => ({ leader: "core-1", replicas });
      const view = { external: false, canServe: true, seat: () => null, stream };
      const members = { list: () => rows, nameOf: (id: string) => `node-${id}` };
      const { slots, lacking } = await coreStatus(view, { generation: 2, servers }, members);
      return [slots?.map(({ state }) => state), lacking];
    };
    const all = ["core-1", "core-2", "core-3"];
    assert.deepEqual(await stateAndLack(["ready", "lost", "draining"], ["core-1", "core-3"]), [
      ["up", "away", "up"],
      [],
    ]);
    assert.deepEqual(await stateAndLack(["ready", "lost", "stopped"], ["core-1"]), [
      ["up", "away", "away"],
      ["node-b", "node-c"],
    ]);
    assert.deepEqual(await stateAndLack(["ready", "lost", "lost"], all), [["up", "orphaned", "orphaned"], []]);
    // Cut off itself, a node knows nothing of the others.
    assert.deepEqual(await stateAndLack(["ready", "unknown", undefined], []), [["up", "unknown", "unknown"], []]);
  });
});
