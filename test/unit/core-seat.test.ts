import assert from "node:assert/strict";
import { decideSeat, LISTEN_MS, type SeatSight, TRIAL_MS } from "../../src/core/core-seat.js";
import type { Core } from "../../src/core/facts.js";

const server = (slot: number, nodeId: string) => ({ slot, nodeId, client: `${nodeId}:1`, route: `${nodeId}:2` });
const three: Core = { generation: 2, servers: [server(1, "me"), server(2, "b"), server(3, "c")] };
const others: Core = { generation: 2, servers: [server(1, "a"), server(2, "b"), server(3, "c")] };
const begun: Core = { generation: 0, servers: [] };

describe("a node's seat in the core", () => {
  const decide = (changes: Partial<SeatSight>) =>
    decideSeat({
      ...{ now: 0, nodeId: "me", core: three, coreSince: 0, running: undefined, asked: undefined },
      ...{ claimed: () => false, ...changes },
    }).kind;
  const mine = { generation: 2, slot: 1 };
  const old = { generation: 1, slot: 1 };

  it("is kept while the log names it, or names nobody yet", () => {
    assert.equal(decide({ running: mine, now: 1e9 }), "keep");
    assert.equal(decide({ running: old, core: begun, now: 1e9 }), "keep");
    assert.equal(decide({ core: others, now: 1e9 }), "keep");
  });

  it("is kept when its node was told to begin anew", () => {
    assert.equal(decide({ running: { generation: 3, slot: 1 }, now: 1e9 }), "keep");
    assert.equal(decide({ running: { generation: 3, slot: 1, routes: [] }, now: 1e9 }), "start");
  });

  it("is taken after listening, and not while another node is heard to hold it", () => {
    assert.equal(decide({ now: LISTEN_MS - 1 }), "keep");
    assert.equal(decide({ now: LISTEN_MS }), "start");
    assert.equal(decide({ now: 1e9, claimed: ({ slot, generation }) => slot === 1 && generation === 2 }), "keep");
  });

  it("moves to the next generation when the others have had time to read of it", () => {
    assert.equal(decide({ running: old, now: LISTEN_MS - 1 }), "keep");
    assert.equal(decide({ running: old, now: LISTEN_MS }), "start");
    assert.equal(decide({ running: old, now: LISTEN_MS, claimed: () => true }), "stop");
  });

  it("is left when the log names another node", () => {
    assert.equal(decide({ running: mine, core: others }), "stop");
  });

  it("is held for a while when the coordinator asked for it, until the log names it", () => {
    const asked = { generation: 2, slot: 3, at: 0 };
    const running = { generation: 2, slot: 3 };
    assert.equal(decide({ asked, running, core: others, now: TRIAL_MS - 1 }), "keep");
    assert.equal(decide({ asked, running, core: others, now: TRIAL_MS }), "stop");
    assert.equal(decide({ asked, running, core: begun, now: TRIAL_MS }), "stop");
    assert.equal(decide({ asked: { ...mine, at: 0 }, running: mine, now: 1e9 }), "keep");
  });
});
