/** Ctrl-C ends a node's process, whatever its NATS server is like. */
import assert from "node:assert/strict";
import { startNats } from "../support/nats.js";
import { TestNode } from "../support/node.js";
import { TcpProxy } from "../support/proxy.js";
import { until } from "../support/until.js";

describe("a node whose NATS server hangs", function () {
  this.timeout(300_000);

  it("ends when it is asked to", async () => {
    const { url, server } = await startNats();
    const proxy = await TcpProxy.start(Number(new URL(url).port), "127.0.99.1", "127.0.0.1");
    const words = ["--nats", `nats://127.0.99.1:${new URL(url).port}`];
    const node = await TestNode.prepare({ name: "n1", words });
    let code: number | null = null;
    try {
      await node.up();
      proxy.faults.holdReplies = true;
      await node.story.next("NATS is away", () => true, 0);
      const before = proxy.connections;
      await until(async () => proxy.connections > before || undefined, "its next try is taken, and hears nothing");
    } finally {
      code = await node.stop().finally(() => proxy.stop().finally(() => server.stop()));
    }
    assert.equal(code, 0);
  });
});
