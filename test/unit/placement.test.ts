import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { newPlacementMembers, type PlacementNode, stepPlacement } from "../../src/coordinator/placement-members.js";
import { EVERYWHERE_UP_TO, type Placement, places } from "../../src/core/placement.js";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const BLOBS = Array.from({ length: 300 }, (_, index) => sha256(`blob ${index}`));

const nodeIds = (least: number, most = 40) =>
  fc.uniqueArray(fc.uuid(), { minLength: least, maxLength: most }).map((ids) => ids.sort());
const blob = fc.constantFrom(...BLOBS);
const replicas = fc.integer({ min: 1, max: 5 });

describe("placement", () => {
  it("places everything everywhere on five nodes or fewer, and where as many copies are asked for as there are nodes", () => {
    fc.assert(
      fc.property(nodeIds(1, EVERYWHERE_UP_TO), replicas, blob, (nodes, count, name) => {
        const found = places({ nodes, replicas: count });
        assert.ok(found.everywhere && nodes.every((node) => found.isOn(name, node)));
        assert.deepEqual(found.of(name), nodes);
      }),
    );
    assert.equal(places({ nodes: ["a", "b", "c", "d", "e", "f"], replicas: 6 }).everywhere, true);
    assert.equal(places(null).isOn(sha256("any"), "anyone"), true);
  });

  it("places each blob on as many different nodes as copies are asked for, the same by both questions", () => {
    fc.assert(
      fc.property(nodeIds(EVERYWHERE_UP_TO + 1), replicas, blob, (nodes, count, name) => {
        const found = places({ nodes, replicas: count });
        const on = found.of(name);
        assert.equal(new Set(on).size, count);
        assert.deepEqual(
          nodes.filter((node) => found.isOn(name, node)),
          [...on].sort(),
        );
        assert.equal(found.isOn(name, "a stranger"), false);
      }),
    );
  });

  it("moves only what a node that comes takes, and what one that goes had", () => {
    fc.assert(
      fc.property(nodeIds(EVERYWHERE_UP_TO + 2), replicas, fc.nat(), blob, (all, count, at, name) => {
        const one = all[at % all.length] as string;
        const without = places({ nodes: all.filter((node) => node !== one), replicas: count }).of(name);
        const withOne = places({ nodes: all, replicas: count }).of(name);
        const moved = withOne.filter((node) => !without.includes(node));
        assert.deepEqual(moved, withOne.includes(one) ? [one] : []);
        assert.ok(without.filter((node) => !withOne.includes(node)).length <= 1);
      }),
    );
  });

  it("keeps the copies that there are when one more or one less is asked for", () => {
    fc.assert(
      fc.property(nodeIds(EVERYWHERE_UP_TO + 2), replicas, blob, (nodes, count, name) => {
        const fewer = places({ nodes, replicas: count }).of(name);
        assert.deepEqual(
          places({ nodes, replicas: count + 1 })
            .of(name)
            .slice(0, count),
          fewer,
        );
      }),
    );
  });

  it("gives every node its part of twenty thousand blobs", () => {
    const nodes = Array.from({ length: 12 }, (_, index) => `node-${index}`).sort();
    const found = places({ nodes, replicas: 3 });
    const held = new Map(nodes.map((node) => [node, 0]));
    const count = 20_000;
    for (let index = 0; index < count; index++) {
      for (const node of found.of(sha256(String(index)))) held.set(node, (held.get(node) ?? 0) + 1);
    }
    const mean = (count * 3) / nodes.length;
    // A share is binomial: a standard deviation is 1.2% of the mean here, so this would show a weight that is not even.
    for (const [node, blobs] of held) assert.ok(Math.abs(blobs / mean - 1) < 0.07, `${node}: ${blobs} of ${mean}`);
  });

  it("names equal placements equally, and others otherwise", () => {
    fc.assert(
      fc.property(nodeIds(EVERYWHERE_UP_TO + 2), replicas, (nodes, count) => {
        const { name } = places({ nodes, replicas: count });
        assert.equal(places({ nodes: [...nodes], replicas: count }).name, name);
        assert.notEqual(places({ nodes: nodes.slice(1), replicas: count }).name, name);
        assert.notEqual(places({ nodes, replicas: count + 1 }).name, name);
      }),
    );
  });
});

describe("the nodes that blobs are placed on", () => {
  const PATIENCE = 300_000;
  const node = (id: string, more: Partial<PlacementNode> = {}): PlacementNode => {
    return { id, present: true, uptimeSeconds: 60, replicas: 3, ...more };
  };
  const ids = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);
  const named = (...nodes: string[]): Placement => ({ replicas: 3, nodes });

  it("are named when there are more than hold everything, and not before they have settled", () => {
    const members = newPlacementMembers(PATIENCE);
    const few = ids(5).map((id) => node(id));
    assert.equal(stepPlacement(members, 0, null, few), undefined);
    assert.equal(stepPlacement(members, 0, null, [...few, node("n5", { uptimeSeconds: 1 })]), undefined);
    assert.deepEqual(stepPlacement(members, 0, null, [...few, node("n5")]), named(...ids(6)));
  });

  it("stay when one of them is away for less than the patience, and are fewer when it stays away", () => {
    const members = newPlacementMembers(PATIENCE);
    const current = named(...ids(7));
    const without = ids(6).map((id) => node(id));
    const away = [...without, node("n6", { present: false })];
    assert.equal(stepPlacement(members, 0, current, away), undefined);
    assert.equal(stepPlacement(members, PATIENCE - 1, current, away), undefined);
    // it was back for a moment
    assert.equal(stepPlacement(members, PATIENCE, current, [...without, node("n6", { uptimeSeconds: 0 })]), undefined);
    assert.equal(stepPlacement(members, PATIENCE + 1, current, away), undefined);
    assert.equal(stepPlacement(members, 2 * PATIENCE, current, without), undefined, "one that was never heard");
    assert.deepEqual(stepPlacement(members, 2 * PATIENCE + 1, current, away), named(...ids(6)));
  });

  it("stay as they are while this node hears nobody", () => {
    const members = newPlacementMembers(1);
    const current = named(...ids(7));
    const heard = [node("n0"), ...ids(7).map((id) => node(id, { present: undefined }))];
    for (const now of [0, 10, 20]) assert.equal(stepPlacement(members, now, current, heard), undefined);
  });

  it("get as many copies as any of them asks for, and fewer only when all are there to say so", () => {
    const members = newPlacementMembers(PATIENCE);
    const current = named(...ids(7));
    const heard = (of: Partial<PlacementNode>[]) => ids(7).map((id, index) => node(id, of[index]));
    const four = stepPlacement(members, 0, current, heard([{ replicas: 4 }]));
    assert.equal(four?.replicas, 4);
    assert.equal(stepPlacement(members, 0, four ?? null, heard([{ present: false }])), undefined);
    assert.equal(stepPlacement(members, 1, four ?? null, heard([]))?.replicas, 3);
  });

  it("get fewer copies at once when those that asked for more are members no longer", () => {
    const members = newPlacementMembers(PATIENCE);
    const current: Placement = { replicas: 4, nodes: ids(7) };
    const away = [...ids(6).map((id) => node(id)), node("n6", { present: false })];
    assert.equal(stepPlacement(members, 0, current, away), undefined);
    assert.deepEqual(stepPlacement(members, PATIENCE, current, away), { replicas: 3, nodes: ids(6) });
  });

  it("come to rest: what was recorded is not changed again while nothing else does", () => {
    const anyNode = fc.record({
      id: fc.constantFrom(...ids(12)),
      present: fc.boolean(),
      uptimeSeconds: fc.constantFrom(1, 60),
      replicas: fc.integer({ min: 0, max: 4 }),
    });
    const heard = fc.uniqueArray(anyNode, { selector: ({ id }) => id, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(heard, { maxLength: 8 }), fc.integer({ min: 0, max: 2_000 }), (history, step) => {
        const members = newPlacementMembers(1_000);
        let current: Placement | null = null;
        let now = 0;
        for (const nodes of history) {
          now += step;
          const next = stepPlacement(members, now, current, nodes);
          if (next === undefined) continue;
          assert.deepEqual(next.nodes, [...next.nodes].sort());
          assert.equal(stepPlacement(members, now, next, nodes), undefined);
          current = next;
        }
      }),
    );
  });
});
