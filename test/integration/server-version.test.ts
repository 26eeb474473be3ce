import assert from "node:assert/strict";
import { chmod, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { connectBus } from "../../src/node/nats/bus.js";
import { natsServerProgram } from "../../src/node/nats/server-program.js";
import { temporaryFolder } from "../support/temporary.js";

/** What must be said of a server that is too old: its version, and what would come of it. */
const refusal = { code: "ENVIRONMENT", message: /version 2\.9\.10: .* two coordinators win at once.* 2\.10 or newer/ };

describe("a nats-server that is too old", () => {
  const named = process.env["REELMESH_NATS_SERVER"];
  let server: Server | undefined;
  afterEach(() => {
    if (named === undefined) delete process.env["REELMESH_NATS_SERVER"];
    else process.env["REELMESH_NATS_SERVER"] = named;
    server?.close();
    server = undefined;
  });

  it("is not started", async () => {
    const program = join(await temporaryFolder(), "nats-server");
    await writeFile(program, "#!/bin/sh\necho nats-server: v2.9.10\n");
    await chmod(program, 0o755);
    process.env["REELMESH_NATS_SERVER"] = program;
    await assert.rejects(natsServerProgram(), refusal);
  });

  it("is not talked to", async () => {
    const port = await listen({ version: "2.9.10", jetstream: true });
    await assert.rejects(connectBus([`nats://127.0.0.1:${port}`], "test", { timeoutMs: 50_000 }), refusal);
  });

  /** Greets as a server of that kind does, and answers the first ping. */
  async function listen(info: object): Promise<number> {
    const greeting = { server_id: "OLD", max_payload: 1 << 20, proto: 1, headers: true, ...info };
    const stub = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", (data) => data.includes("PING") && socket.write("PONG\r\n"));
      socket.write(`INFO ${JSON.stringify(greeting)}\r\n`);
    });
    server = stub;
    await new Promise<void>((resolve) => stub.listen(0, "127.0.0.1", resolve));
    return (stub.address() as { port: number }).port;
  }
});
