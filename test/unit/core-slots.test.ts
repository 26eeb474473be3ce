import assert from "node:assert/strict";
import {
  BAR_MS,
  type CoreChange,
  type CoreNode,
  type CoreSlots,
  newCoreSlots,
  SETTLE_MS,
  stepCoreSlots,
} from "../../src/coordinator/core-slots.js";
import type { Core } from "../../src/core/facts.js";

const PATIENCE_MS = 300_000;
const none: Core = { generation: 0, servers: [] };
const server = (slot: number, nodeId: string) => ({ slot, nodeId, client: `${nodeId}:1`, route: `${nodeId}:2` });
const one: Core = { generation: 1, servers: [{ ...server(1, "a"), route: "" }] };
const three: Core = { generation: 2, servers: [server(1, "a"), server(2, "b"), server(3, "c")] };

function node(id: string, uptimeSeconds: number, changes: Partial<CoreNode> = {}): CoreNode {
  return {
    ...{ id, name: id, grpc: `${id}:3`, state: "ready", canServe: true, external: false, uptimeSeconds, seat: null },
    ...changes,
  };
}

/** A server by itself has no route. */
const alone = (id: string, generation: number) =>
  node(id, 100, { seat: { generation, slot: 1, client: `${id}:1`, route: "" } });
const seated = (id: string, generation: number, slot: number, uptimeSeconds = 100) =>
  node(id, uptimeSeconds, { seat: { generation, slot, client: `${id}:1`, route: `${id}:2` } });

/** The core's three nodes, each with its server. */
const members = () => [seated("a", 2, 1), seated("b", 2, 2), seated("c", 2, 3)];

describe("the core's slots", () => {
  let slots: CoreSlots;
  beforeEach(() => {
    slots = newCoreSlots(PATIENCE_MS);
  });

  const look = (now: number, core: Core, nodes: CoreNode[]) => stepCoreSlots(slots, { kind: "look", now, core, nodes });
  const takes = (change: CoreChange | undefined) => change?.taken.map(({ slot, node }) => `${slot}${node.id}`);

  it("record the server that began the mesh", () => {
    const change = look(0, none, [alone("a", 1), node("b", 5)]);
    assert.deepEqual(change, { kind: "change", generation: 1, kept: [{ ...server(1, "a"), route: "" }], taken: [] });
  });

  it("record the server of a node that was told to begin anew", () => {
    const change = look(0, three, [alone("d", 3), node("e", 5)]);
    assert.equal(change?.generation, 3);
    assert.deepEqual(change?.kept, [{ ...server(1, "d"), route: "" }]);
  });

  it("go from one to three when three nodes have been ready for a while, to those that have been there longest", () => {
    const nodes = [alone("a", 1), node("d", 10), node("c", 20), node("b", 20)];
    assert.equal(look(0, one, nodes.slice(0, 2)), undefined);
    assert.equal(look(1000, one, nodes), undefined);
    assert.equal(look(1000 + SETTLE_MS - 1, one, nodes), undefined);
    const change = look(1000 + SETTLE_MS, one, nodes);
    assert.equal(change?.generation, 2);
    assert.deepEqual(takes(change), ["1a", "2b", "3c"]);
    assert.deepEqual(
      change?.taken.map(({ starts }) => starts),
      [false, true, true],
    );
  });

  it("begin to wait anew when one of the three goes", () => {
    const nodes = [alone("a", 1), node("b", 20), node("c", 20)];
    look(0, one, nodes);
    look(SETTLE_MS - 1, one, nodes.slice(0, 2));
    assert.equal(look(SETTLE_MS, one, nodes), undefined);
    assert.notEqual(look(2 * SETTLE_MS, one, nodes), undefined);
  });

  it("give no slot to a node that drains, has no server to run, or is not heard", () => {
    const others = [
      node("b", 90, { state: "draining" }),
      node("c", 90, { canServe: false }),
      node("d", 90, { state: "lost" }),
      node("e", 1),
      node("f", 1),
    ];
    const nodes = [alone("a", 1), ...others];
    look(0, one, nodes);
    assert.deepEqual(takes(look(SETTLE_MS, one, nodes)), ["1a", "2e", "3f"]);
  });

  it("make one change at a time, and number each try anew", () => {
    const nodes = [alone("a", 1), node("b", 20), node("c", 20), node("d", 10)];
    look(0, one, nodes);
    assert.equal(look(SETTLE_MS, one, nodes)?.generation, 2);
    assert.equal(look(SETTLE_MS + 1, one, nodes), undefined);
    stepCoreSlots(slots, { kind: "ended", now: SETTLE_MS + 2, barred: ["b"] });
    const again = look(SETTLE_MS + 3, one, nodes);
    assert.equal(again?.generation, 3);
    assert.deepEqual(takes(again), ["1a", "2c", "3d"]);
  });

  it("number a try above one that an earlier coordinator began", () => {
    const nodes = [alone("a", 1), seated("b", 7, 2), node("c", 20), node("d", 10)];
    look(0, one, nodes);
    assert.equal(look(SETTLE_MS, one, nodes)?.generation, 8);
  });

  it("take a barred node again after a while", () => {
    const nodes = [alone("a", 1), node("b", 20), node("c", 20)];
    look(0, one, nodes);
    look(SETTLE_MS, one, nodes);
    stepCoreSlots(slots, { kind: "ended", now: SETTLE_MS, barred: ["b"] });
    assert.equal(look(SETTLE_MS + BAR_MS - 1, one, nodes), undefined);
    assert.notEqual(look(SETTLE_MS + BAR_MS, one, nodes), undefined);
  });

  it("wait for a member that is away, and give its slot to another after the patience", () => {
    const [a, b, c] = members() as [CoreNode, CoreNode, CoreNode];
    const nodes = [a, b, { ...c, state: "lost" }, node("d", 50), node("e", 60)];
    assert.equal(look(0, three, nodes), undefined);
    assert.equal(look(PATIENCE_MS - 1, three, nodes), undefined);
    const change = look(PATIENCE_MS, three, nodes);
    assert.equal(change?.generation, 2);
    assert.deepEqual(change?.kept, three.servers.slice(0, 2));
    assert.deepEqual(takes(change), ["3e"]);
  });

  it("forget that a member was away when it is back with its server", () => {
    const [a, b, c] = members() as [CoreNode, CoreNode, CoreNode];
    const spare = node("d", 50);
    look(0, three, [a, b, { ...c, state: "stopped" }, spare]);
    look(PATIENCE_MS - 1, three, [a, b, { ...c, seat: null }, spare]);
    look(PATIENCE_MS - 1, three, [a, b, c, spare]);
    assert.equal(look(PATIENCE_MS, three, [a, b, { ...c, state: "lost" }, spare]), undefined);
  });

  it("record a member's new address", () => {
    const [a, b, c] = members() as [CoreNode, CoreNode, CoreNode];
    const moved = { ...c, seat: { generation: 2, slot: 3, client: "c:7", route: "c:8" } };
    const change = look(0, three, [a, b, moved]);
    assert.equal(change?.generation, 2);
    assert.deepEqual(change?.kept[2], { slot: 3, nodeId: "c", client: "c:7", route: "c:8" });
  });

  it("change nothing while all members are there, while nobody can take a slot, or while NATS is somebody else's", () => {
    const [a, b, c] = members() as [CoreNode, CoreNode, CoreNode];
    for (const now of [0, PATIENCE_MS, 2 * PATIENCE_MS]) {
      assert.equal(look(now, three, [a, b, c, node("d", 50)]), undefined);
    }
    const without = [a, b, { ...c, state: "lost" }];
    for (const now of [3, 4, 5]) assert.equal(look(now * PATIENCE_MS, three, without), undefined);
    assert.equal(look(6 * PATIENCE_MS, three, [...without, node("d", 50, { external: true })]), undefined);
  });
});
