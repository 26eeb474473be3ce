/**
 * Many simulated nodes in one process: each with the real worker and its own gRPC channel, work that only waits, and
 * results as a node would give them.
 *
 *   node nodes.js <nats url> <first> <count> <slots> <seconds a chunk> <chunks a job>
 */
import { createHash, randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { toReelmeshError } from "../../src/core/errors.js";
import type { BlobReference, Task, TaskResult } from "../../src/core/work.js";
import { systemClock } from "../../src/node/clock.js";
import { meshCredentials } from "../../src/node/credentials.js";
import { createPeerClients } from "../../src/node/grpc/client.js";
import { coordinatorClient } from "../../src/node/grpc/coordinator-client.js";
import { connectBus } from "../../src/node/nats/bus.js";
import { nodeSummaryCodec } from "../../src/node/proto.js";
import { type CoordinatorPort, type TaskReports, Worker } from "../../src/node/worker.js";
import type { FromNodes, ToNodes } from "./messages.js";
import { summaryOf } from "./summary.js";

const [url = "", ...numbers] = process.argv.slice(2);
const [first = 0, count = 0, slots = 0, seconds = 0, chunks = 0] = numbers.map(Number);
const HEARTBEAT_MS = 1_000;
const TELL_MS = 1_000;
/** Machines come one after another: one process that makes a thousand connections at once measures itself. */
const ARRIVE_MS = 15_000;
/** Planning, packaging and audio take this long. */
const LIGHT_MS = 500;
const FRAMES = 240;
const RENDITIONS = ["1080p", "720p", "480p"];
const PROGRESSES = 4;

let leader: string | undefined;
let waits: number[] = [];
let done = 0;
let errors: Record<string, number> = {};

process.on("message", (message: ToNodes) => {
  leader = message.grpc;
});
process.once("disconnect", () => process.exit(0));

const bus = await connectBus([url], `nodes ${first}`);
for (let index = 0; index < count; index++) startNode(`node-${first + index}`);
setInterval(() => {
  const message: FromNodes = { kind: "claims", waits, done, errors };
  process.send?.(message);
  waits = [];
  done = 0;
  errors = {};
}, TELL_MS);

function startNode(id: string): void {
  const clients = createPeerClients(meshCredentials().grpcChannel);
  const port = measured(
    coordinatorClient(
      id,
      clients,
      () => leader,
      () => 0,
    ),
  );
  const report = (event: string, details: Record<string, unknown>) => {
    if (event !== "task done")
      note(`${event}: ${String(details["reason"]).replace(/[0-9a-f-]{36}|node-\d+|chunk-\d+/g, "*")}`);
  };
  const run = (task: Task, signal: AbortSignal, reports: TaskReports) => work(id, task, signal, reports);
  const worker = new Worker({ slots, coordinator: port, run, clock: systemClock, report });
  const beat = () => {
    const own = { slots, busy: worker.busy(), term: 0, coordinates: false, logSequence: 0 };
    bus.connection.publish("reelmesh.heartbeat", nodeSummaryCodec.encode(summaryOf(id, own)));
  };
  setTimeout(() => {
    beat();
    setInterval(beat, HEARTBEAT_MS);
    worker.start();
  }, Math.random() * ARRIVE_MS);
}

/** A slot's claim is measured from asking to the answer; light lanes mostly wait for work that is not there. */
function measured(port: CoordinatorPort): CoordinatorPort {
  return {
    ...port,
    async claim(waitMs, light, signal) {
      const asked = performance.now();
      try {
        const lease = await port.claim(waitMs, light, signal);
        if (lease !== undefined && !light) waits.push(performance.now() - asked);
        return lease;
      } catch (error) {
        note(`claim: ${toReelmeshError(error).code}`);
        throw error;
      }
    },
    async complete(lease, result, signal) {
      const accepted = await port.complete(lease, result, signal);
      if (accepted) done++;
      return accepted;
    },
  };
}

function note(what: string): void {
  errors[what] = (errors[what] ?? 0) + 1;
}

async function work(id: string, task: Task, signal: AbortSignal, reports: TaskReports): Promise<TaskResult> {
  if (task.kind !== "encode") {
    await delay(LIGHT_MS, undefined, { signal });
    return task.kind === "plan" ? plan(id, task.job) : packaged(id);
  }
  if (task.name.startsWith("audio")) {
    await delay(LIGHT_MS, undefined, { signal });
    return encoded(id, 0, ["audio"]);
  }
  const took = seconds * 1_000 * (0.8 + 0.4 * Math.random());
  for (let part = 1; part <= PROGRESSES; part++) {
    await delay(took / PROGRESSES, undefined, { signal });
    reports.onProgress({ done: (FRAMES * part) / PROGRESSES, speed: FRAMES / seconds });
  }
  reports.onMade();
  return encoded(id, FRAMES, RENDITIONS);
}

function encoded(id: string, frames: number, renditions: string[]): TaskResult {
  const inits = renditions.map((rendition) => ({ rendition, sha256: blob(rendition).sha256 }));
  const encode = { listing: blob(), frames, inits, bytes: 5_000_000, holders: [id], proof: null, plan: "", notes: [] };
  return { kind: "encode", encode };
}

function plan(id: string, job: string): TaskResult {
  const tasks = Array.from({ length: chunks }, (_, index) => ({
    name: `chunk-${String(index + 1).padStart(6, "0")}`,
    frames: FRAMES,
    seconds: 10,
    encoder: "",
    renditions: RENDITIONS,
    awaited: true,
  }));
  const sound = { name: "audio-1", frames: 0, seconds: 10 * chunks, encoder: "", renditions: [], awaited: true };
  tasks.splice(1, 0, sound);
  const totals = { frames: FRAMES * chunks, seconds: 10 * chunks, renditions: RENDITIONS, notes: [] };
  return { kind: "plan", plan: { plan: blob(job), holders: [id], tasks, ...totals } };
}

function packaged(id: string): TaskResult {
  return { kind: "package", package: { manifest: blob(), files: 100, bytes: 50_000_000, holders: [id] } };
}

function blob(name: string = randomUUID()): BlobReference {
  return { sha256: createHash("sha256").update(name).digest("hex"), bytes: 1_000 };
}
