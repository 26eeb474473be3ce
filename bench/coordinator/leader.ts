/**
 * One process that can coordinate: the real coordinator, log, store and gRPC server of a node, without its worker and its
 * shelf. While it leads it keeps as many jobs in the queue as it was told, and removes the oldest finished ones beyond so
 * many, as the owner of a full shelf would: what a coordinator knows grows with the assets that there are.
 *
 *   node leader.js <id> <nats url> <data folder> <jobs> <nodes> <assets>
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { dirname, join } from "node:path";
import { Coordinator } from "../../src/coordinator/coordinator.js";
import { ReelmeshError } from "../../src/core/errors.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import type { BlobReference } from "../../src/core/work.js";
import { systemClock } from "../../src/node/clock.js";
import { meshCredentials } from "../../src/node/credentials.js";
import { coordinatorService } from "../../src/node/grpc/coordinator-service.js";
import { startGrpcServer } from "../../src/node/grpc/server.js";
import { Members } from "../../src/node/members.js";
import { MeshTail } from "../../src/node/mesh-tail.js";
import { connectBus } from "../../src/node/nats/bus.js";
import { openHeartbeats } from "../../src/node/nats/heartbeats.js";
import { openMeshLog } from "../../src/node/nats/mesh-log.js";
import { openStore } from "../../src/node/store/open.js";
import type { FromLeader } from "./messages.js";
import { summaryOf } from "./summary.js";
import { tellStalls } from "./tell-stalls.js";

const [id = "", url = "", folder = "", jobs = "", nodes = "", assets = ""] = process.argv.slice(2);
const STOCK_MS = 50;
const HEARTBEAT_MS = 1_000;
const OPTIONS = { ...DEFAULT_OPTIONS, ladder: [], segmentSeconds: 4, preset: "veryfast", crf: 23 };

const tell = (message: FromLeader) => process.send?.(message);
process.once("disconnect", () => process.exit(0));

const bus = await connectBus([url], id);
const store = await openStore(folder);
const tail = new MeshTail({ copy: store.log, blobs: store.blobs, clock: systemClock, report: () => {} });
await tail.restore();
const log = openMeshLog(bus);
const members = new Members(id, systemClock.now);

let granted = false;
const report = (event: string, details: Record<string, unknown>) => {
  if (event === "term started") {
    granted = false;
    tell({ kind: "leads", at: Date.now() });
  } else if (event === "task granted" && !granted) {
    granted = true;
    tell({ kind: "granted", at: Date.now() });
  } else if (event === "term ended" || event === "append failed" || event === "task failed") {
    process.stderr.write(`${id}: ${event} ${JSON.stringify(details)}\n`);
  }
};
const keepSnapshot = async () => ({ state: await tail.keep(), holders: [id] });
const coordinator = new Coordinator({
  nodeId: id,
  nodeName: id,
  log,
  tail,
  members,
  keepSnapshot,
  clock: systemClock,
  report,
});
const server = await startGrpcServer({
  host: "127.0.0.1",
  port: 0,
  credentials: meshCredentials().grpcServer,
  services: [coordinatorService(coordinator, systemClock)],
});

members.hearThrough(() => bus.connected());
members.onHeard((one) => coordinator.heard(one.id, one.term, one.coordinates, one.state === "stopped"));
bus.onChange((connected) => coordinator.busChanged(connected));
const heartbeats = openHeartbeats(bus, (summary) => members.heard(summary));
const beat = () => {
  const { term, sequence } = tail.state;
  const own = { slots: 0, busy: 0, term, coordinates: coordinator.leads, logSequence: sequence };
  const summary = { ...summaryOf(id, own), grpc: server.address };
  members.heard(summary);
  heartbeats.send(summary);
};
beat();
setInterval(beat, HEARTBEAT_MS);
tail.onEntry((entry) => {
  if (entry.kind === "termStarted") beat();
});
/** One that was killed may find the log truncated beyond what it has read: the other's snapshot is in its folder. */
const fetch = async ({ sha256 }: BlobReference, [other = ""]: string[], owner: string) => {
  const file = join(dirname(folder), other, "blobs", sha256.slice(0, 2), sha256.slice(2, 4), sha256);
  await store.blobs.put(createReadStream(file), owner);
};
const found = () => log.found(1);
tail.follow({ log, fetch, found }, (error) => {
  throw error;
});
coordinator.start();
tell({ kind: "ready", grpc: server.address });

tellStalls();

let submitting = 0;
let submitted = 0;
const removing = new Set<string>();
setInterval(() => {
  const finished = [...tail.state.assets.values()].filter((job) => !removing.has(job));
  for (const job of finished.slice(0, Math.max(0, finished.length - Number(assets)))) {
    if (coordinator.leads) void remove(job);
  }
  const wanted = Number(jobs) - tail.state.active.size - submitting;
  for (let count = 0; count < wanted && coordinator.leads; count++) void submit();
}, STOCK_MS);

async function remove(job: string): Promise<void> {
  removing.add(job);
  try {
    await coordinator.jobs.control(job, { kind: "remove" });
  } catch (error) {
    if (!(error instanceof ReelmeshError)) throw error;
  } finally {
    removing.delete(job);
  }
}

async function submit(): Promise<void> {
  submitting++;
  const job = systemClock.newId();
  const source = { sha256: createHash("sha256").update(job).digest("hex"), bytes: 1_000_000_000 };
  const holder = `node-${submitted++ % Number(nodes)}`;
  const names = { fileName: "film.mp4", name: "film", asset: `film-${job}` };
  try {
    await coordinator.jobs.submit({
      kind: "jobSubmitted",
      jobSubmitted: { job, ...names, source, holder, options: OPTIONS, submittedMs: 0, priority: 0 },
    });
  } catch (error) {
    if (!(error instanceof ReelmeshError)) throw error;
  } finally {
    submitting--;
  }
}
