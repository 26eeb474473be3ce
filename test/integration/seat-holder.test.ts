import assert from "node:assert/strict";
import { ReelmeshError } from "../../src/core/errors.js";
import { systemClock } from "../../src/node/clock.js";
import { NatsServer } from "../../src/node/nats/server-process.js";
import { awaitJetStream } from "../../src/node/nats/stream-status.js";
import { SeatHolder } from "../../src/node/seat-holder.js";
import { temporaryFolder } from "../support/temporary.js";

/** Two of three members of a core, each by itself as on its own machine. */
async function members(
  works: (client: string, patienceMs: number, signal: AbortSignal, tries: number) => Promise<void>,
) {
  const begun: unknown[] = [];
  const mesh = { core: { generation: 1, servers: [] } };
  const open = async (slot: number) => {
    const place = { folder: await temporaryFolder(), name: `n${slot}`, host: "127.0.0.1", port: 0 };
    const server = new NatsServer({ ...place, report() {} });
    let tries = 0;
    const holder = new SeatHolder({
      nodeId: `n${slot}`,
      external: false,
      server,
      address: (port) => `127.0.0.1:${port}`,
      mesh,
      claimed: () => false,
      works: (client, patienceMs, signal) => works(client, patienceMs, signal, ++tries),
      clock: systemClock,
      report: (event, details) => event === "nats-server runs" && begun.push(details?.["slot"]),
    });
    return { slot, nodeId: `n${slot}`, holder, server };
  };
  const opened = [await open(2), await open(3)];
  const servers = await Promise.all(
    opened.map(async ({ slot, nodeId, holder }) => ({ slot, nodeId, ...(await holder.offer()) })),
  );
  const first = { slot: 1, nodeId: "n1", client: "127.0.0.1:1", route: "127.0.0.1:1" };
  const core = { generation: 2, servers: [first, ...servers] };
  const { signal } = new AbortController();
  const serve = () => Promise.allSettled(opened.map(({ holder }) => holder.serve(core, signal)));
  const stop = () => Promise.all(opened.map(({ holder }) => holder.stop()));
  return { begun, serve, stop };
}

const noLeader = () => Promise.reject(new ReelmeshError("UNAVAILABLE", "the NATS cluster has no leader"));

describe("servers that start together", function () {
  this.timeout(120_000);

  it("start again one after the other while they form no cluster, and then form one", async () => {
    const { begun, serve, stop } = await members((client, patienceMs, signal, tries) => {
      return tries <= 2 ? noLeader() : awaitJetStream(`nats://${client}`, patienceMs, signal);
    });
    try {
      assert.deepEqual(
        (await serve()).map(({ status }) => status),
        ["fulfilled", "fulfilled"],
      );
      assert.deepEqual(begun.sort(), [2, 2, 3, 3]);
    } finally {
      await stop();
    }
  });

  it("say what is wrong when they form none after four tries", async () => {
    const { begun, serve, stop } = await members(noLeader);
    try {
      for (const result of await serve())
        assert.equal(result.status === "rejected" && result.reason.code, "UNAVAILABLE");
      assert.deepEqual(begun.sort(), [2, 2, 3, 3, 3]);
    } finally {
      await stop();
    }
  });
});
