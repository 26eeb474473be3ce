import assert from "node:assert/strict";
import type { TaskContext } from "../../src/node/tasks/context.js";
import { confirmInits } from "../../src/node/tasks/init-segments.js";

const GOOD = { "720p": "a".repeat(64), "480p": "b".repeat(64) };
const ODD = { "720p": "a".repeat(64), "480p": "c".repeat(64) };
const PLAN = { sha256: "d".repeat(64), bytes: 1 };

/** A node beside peers that answer with those init segments, or not at all; which were asked. */
async function confirm(own: typeof GOOD, ...peers: (typeof GOOD | undefined)[]): Promise<string[]> {
  const asked: string[] = [];
  const context = {
    nodeId: "self",
    copyTargets: () => peers.map((_, place) => ({ id: `peer-${place}`, grpc: `grpc-${place}` })),
    sources: ([holder]: string[]) => [holder as string],
    hold: async () => {},
    fetchInits: async (peer: string) => {
      asked.push(peer);
      return peers[Number(peer.slice(-1))] ?? Promise.reject(new Error("away"));
    },
    report: () => {},
  };
  await confirmInits(context as unknown as TaskContext, [PLAN], own, "j", new AbortController().signal);
  return asked;
}

describe("init segments of a plan", () => {
  it("are confirmed by the first other node that makes the same", async () => {
    assert.deepEqual(await confirm(GOOD, GOOD, GOOD), ["peer-0"]);
    assert.deepEqual(await confirm(GOOD, ODD, GOOD, GOOD), ["peer-0", "peer-1"]);
    assert.deepEqual(await confirm(GOOD, undefined, GOOD), ["peer-0", "peer-1"]);
  });

  it("are refused when two other nodes agree on others", async () => {
    await assert.rejects(
      confirm(ODD, GOOD, GOOD),
      /other init segments for job j than those of nodes peer-0 and peer-1/,
    );
    await assert.rejects(confirm(ODD, GOOD, undefined, GOOD), { code: "MEDIA" });
  });

  it("stay where no two others agree", async () => {
    assert.deepEqual(await confirm(GOOD), []);
    assert.deepEqual(await confirm(ODD, GOOD), ["peer-0"]);
    assert.deepEqual(await confirm(GOOD, undefined, undefined), ["peer-0", "peer-1"]);
  });
});
