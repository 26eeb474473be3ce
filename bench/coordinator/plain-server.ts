/**
 * What the coordinator is measured against: the same gRPC server, messages of the same form and every node's heartbeats,
 * and nothing behind them. A slot's claim is granted a chunk at once, a renewal renews, a result counts; nothing is queued,
 * chosen or written down.
 *
 *   node plain-server.js <id> <nats url>
 */
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { CoordinatorHandlers } from "../../src/gen/reelmesh/v1/Coordinator.js";
import { meshCredentials } from "../../src/node/credentials.js";
import { startGrpcServer, unary } from "../../src/node/grpc/server.js";
import { connectBus } from "../../src/node/nats/bus.js";
import { openHeartbeats } from "../../src/node/nats/heartbeats.js";
import { services } from "../../src/node/proto.js";
import type { FromLeader } from "./messages.js";
import { tellStalls } from "./tell-stalls.js";

const [id = "", url = ""] = process.argv.slice(2);
const RENEW_AFTER_MS = 5_000;
const CHUNKS = 50;

const tell = (message: FromLeader) => process.send?.(message);
process.once("disconnect", () => process.exit(0));

let granted = 0;
let job = randomUUID();
const implementation: CoordinatorHandlers = {
  Claim: unary(async ({ nodeId, waitMs, light }) => {
    if (light) {
      await delay(waitMs);
      return { lease: null };
    }
    const chunk = granted++ % CHUNKS;
    if (chunk === 0) job = randomUUID();
    const plan = { sha256: createHash("sha256").update(job).digest("hex"), bytes: 1_000 };
    const name = `chunk-${String(chunk + 1).padStart(6, "0")}`;
    const encode = { plan, holders: [nodeId], linear: false };
    const task = { job, name, kind: "encode" as const, encode };
    return { lease: { id: randomUUID(), term: 1, attempt: 1, renewAfterMs: RENEW_AFTER_MS, task } };
  }),
  RenewLeases: unary(async () => ({ unwanted: [], renewAfterMs: RENEW_AFTER_MS })),
  Complete: unary(async () => ({ accepted: true })),
  Grow: unary(async () => ({})),
  Fail: unary(async () => ({})),
  Remember: unary(async () => ({})),
  Readmit: unary(async () => ({})),
};
const server = await startGrpcServer({
  host: "127.0.0.1",
  port: 0,
  credentials: meshCredentials().grpcServer,
  services: [{ definition: services.Coordinator, implementation }],
});
openHeartbeats(await connectBus([url], id), () => {});
tell({ kind: "ready", grpc: server.address });
tellStalls();
