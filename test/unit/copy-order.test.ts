/** What nodes that copy an asset at the same time pull next, played in a small model of them. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "mocha";
import { CopyOrder, type Hand } from "../../src/core/copy-order.js";
import { heaviestFirst } from "../../src/core/placement.js";

const BLOBS = Array.from({ length: 300 }, (_, place) => {
  return { sha256: createHash("sha256").update(String(place)).digest("hex"), bytes: 1 };
});
const NODES = ["a", "b", "c", "d"];

/** Those that copy a blob before a node does. */
function before(sha256: string, node: string): string[] {
  const order = heaviestFirst(sha256, NODES);
  return order.slice(0, order.indexOf(node));
}

/**
 * Each round, each node pulls one blob by the hand that it prefers in it; one of those that others pass on comes when
 * one of these has it. Returns how many each node had to ask the maker for, and when each blob came to each node.
 * `stuck`: a node that gets nothing and has nothing to give.
 */
function play(stuck?: string): { fromMaker: number; came: Map<string, number[]>; rounds: number } {
  const nodes = NODES.filter((node) => node !== stuck).map((node) => {
    return { node, order: new CopyOrder(BLOBS, (sha256) => before(sha256, node).length > 0), held: new Set<string>() };
  });
  const came = new Map(nodes.map(({ node }) => [node, [] as number[]]));
  let fromMaker = 0;
  let rounds = 0;
  for (; nodes.some(({ held }) => held.size < BLOBS.length); rounds++) {
    assert.ok(rounds < 3_000, "it comes to an end");
    for (const { node, order, held } of nodes) {
      const prefers: Hand = rounds % 4 === 0 ? "first" : "second";
      const copy = order.next(rounds * 100, prefers);
      if (copy === undefined) continue;
      const { sha256 } = copy.blob;
      const givers = nodes.filter((other) => before(sha256, node).includes(other.node));
      if (copy.from === "copiers" && !givers.some((giver) => giver.held.has(sha256))) {
        order.notYet(copy, rounds * 100);
        continue;
      }
      if (copy.from === "anyone") fromMaker += 1;
      held.add(sha256);
      order.came(copy);
      came.get(node)?.push(copy.place);
    }
  }
  return { fromMaker, came, rounds };
}

describe("the order of copying", () => {
  it("takes each blob from its maker once, and every node gets all", () => {
    const { fromMaker, came } = play();
    assert.equal(fromMaker, BLOBS.length);
    for (const places of came.values()) assert.equal(new Set(places).size, BLOBS.length);
  });

  it("keeps near to the film's order", () => {
    for (const places of play().came.values()) {
      for (const [index, place] of places.entries())
        assert.ok(Math.abs(index - place) < 100, `${place} came as ${index}`);
    }
  });

  it("asks the maker for what a copier that is stuck should have passed on, and does not wait until the end for it", () => {
    const { came } = play("b");
    for (const [node, places] of came) {
      assert.equal(new Set(places).size, BLOBS.length, `${node} has all`);
      const early = places.slice(0, BLOBS.length - 20).filter((place) => place < 100);
      assert.equal(early.length, 100, `the beginning of the film is on ${node} before its end`);
    }
  });

  it("has nothing to wait for when it copies alone", () => {
    const order = new CopyOrder(BLOBS, () => false);
    const places = BLOBS.map(() => order.next(0, "second")?.place);
    assert.deepEqual(places, [...BLOBS.keys()]);
    assert.ok(order.isEmpty);
  });
});
