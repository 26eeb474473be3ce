/**
 * Many simulated nodes in one process, each with a connection of its own to the coordinator; their heartbeats, one a
 * second each, go over one connection to NATS.
 *
 *   node nodes.js <nats url> <first> <count> <slots> <seconds a chunk> <chunks a job>
 */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { connectBus } from "../../src/node/nats/bus.js";
import { nodeSummaryCodec } from "../../src/node/proto.js";
import { LeanClient } from "./lean-client.js";
import type { FromNodes, ToNodes } from "./messages.js";
import { SimulatedNode } from "./simulated-node.js";
import { summaryOf } from "./summary.js";

const [url = "", ...numbers] = process.argv.slice(2);
const [first = 0, count = 0, slots = 0, seconds = 0, chunks = 0] = numbers.map(Number);
const HEARTBEAT_MS = 1_000;
const TELL_MS = 1_000;
/** Machines come one after another: one process that makes a thousand connections at once measures itself. */
const ARRIVE_MS = 15_000;
/** Heartbeats of some go together. */
const ROUNDS = 50;

let leader: string | undefined;
let waits: number[] = [];
let done = 0;
let errors: Record<string, number> = {};

process.on("message", (message: ToNodes) => {
  leader = message.grpc;
});
process.once("disconnect", () => process.exit(0));

const bus = await connectBus([url], `nodes ${first}`);
const beats: (() => void)[] = [];
for (let index = 0; index < count; index++) void startNode(`node-${first + index}`, (index / count) * ARRIVE_MS);
let round = 0;
setInterval(() => {
  for (let at = round++ % ROUNDS; at < beats.length; at += ROUNDS) beats[at]?.();
}, HEARTBEAT_MS / ROUNDS);
const late = monitorEventLoopDelay({ resolution: 5 });
late.enable();
setInterval(() => {
  const message: FromNodes = { kind: "claims", waits, done, errors, late: late.max / 1e6 };
  process.send?.(message);
  late.reset();
  waits = [];
  done = 0;
  errors = {};
}, TELL_MS);

async function startNode(id: string, after: number): Promise<void> {
  await delay(after);
  const node = new SimulatedNode({
    id,
    client: new LeanClient(() => leader),
    slots,
    seconds,
    chunks,
    claimed: (ms) => waits.push(ms),
    completed: () => done++,
    failed: (what) => {
      errors[what] = (errors[what] ?? 0) + 1;
    },
  });
  beats.push(heartbeatOf(id, node));
  node.start();
}

/** Only how many slots are taken changes. */
function heartbeatOf(id: string, node: SimulatedNode): () => void {
  const known = new Map<number, Uint8Array>();
  return () => {
    const { busy } = node;
    const own = { slots, busy, term: 0, coordinates: false, logSequence: 0 };
    const bytes = known.get(busy) ?? nodeSummaryCodec.encode(summaryOf(id, own));
    known.set(busy, bytes);
    bus.connection.publish("reelmesh.heartbeat", bytes);
  };
}
