/** A real nats-server for tests, on a free port. */
import { NatsServer } from "../../src/node/nats/server-process.js";
import { temporaryFolder } from "./temporary.js";

export async function startNats(): Promise<{ url: string; server: NatsServer }> {
  const folder = await temporaryFolder();
  const server = new NatsServer({ folder, name: "test", host: "127.0.0.1", port: 0, report: () => {} });
  return { url: `nats://127.0.0.1:${await server.start()}`, server };
}
