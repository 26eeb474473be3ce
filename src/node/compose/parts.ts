import { Coordinator } from "../../coordinator/coordinator.js";
import { hasEnded } from "../../core/job-record.js";
import type { MeshLog } from "../../core/ports.js";
import { systemClock } from "../clock.js";
import { DiskWatch } from "../disk-watch.js";
import { type MeshPlace, PATIENCE_MS, patiently } from "../find-mesh.js";
import { coordinatorClient } from "../grpc/coordinator-client.js";
import { readMachine, readProcessor } from "../machine.js";
import type { LogSource } from "../mesh-tail.js";
import { type Bus, connectBus } from "../nats/bus.js";
import { openMeshLog } from "../nats/mesh-log.js";
import { obeyLog } from "../obey-log.js";
import { Rememberer } from "../rememberer.js";
import { SlotKeeper } from "../slot-keeper.js";
import { Worker } from "../worker.js";
import type { Base } from "./base.js";
import { type CoreParts, corePort, followCore, openCore } from "./core.js";
import { type Keeping, openKeeping } from "./keeping.js";
import { keepLog } from "./log.js";
import type { Shelf } from "./shelf.js";

/** Replication looks again this often even when nothing has changed. */
const REPLICATION_MS = 30_000;

export interface Mesh {
  place: MeshPlace;
  core: CoreParts;
  bus: Bus;
  log: MeshLog;
}

export async function openMesh(base: Base, { members }: Shelf, place: MeshPlace, signal: AbortSignal): Promise<Mesh> {
  const { config, report, lifecycle } = base;
  const core = await openCore(base, members, place, signal);
  const patienceMs = place.known ? Number.POSITIVE_INFINITY : PATIENCE_MS;
  const bus = await patiently(() => connectBus(core.urls(), config.name, { report }), patienceMs, report, signal);
  lifecycle.onStop("NATS connection", () => bus.close());
  return { place, core, bus, log: openMeshLog(bus) };
}

export interface Parts {
  coordinator: Coordinator;
  worker: Worker;
  slots: SlotKeeper;
  disk: DiskWatch;
  keeping: Keeping;
  rememberer: Rememberer;
  logSource: LogSource;
  /** Asks the mesh to grant work to this node again. */
  readmit(signal: AbortSignal): Promise<void>;
}

export function compose(base: Base, shelf: Shelf, { place, log, core }: Mesh): Parts {
  const { members, tasks } = shelf;
  const { config, report, id: nodeId, tail, clients, admission, media } = base;
  const coordinatorAddress = () => members.leader(tail.state)?.grpc;
  const { keepSnapshot, source: logSource } = keepLog(base, shelf, log, place.own);
  const coordinator = new Coordinator({
    nodeId,
    nodeName: config.name,
    log,
    tail,
    members,
    keepSnapshot,
    clock: systemClock,
    report,
    placement: { nodes: () => members.placementNodes(), patienceMs: config.copyPatience * 1000 },
    ...(core.external ? {} : { core: { port: corePort(base, members), patienceMs: config.corePatience * 1000 } }),
  });
  const { data, quota } = config;
  const disk = new DiskWatch({ data, quota, store: base.store.blobs, admission, now: systemClock.now, report });
  const client = coordinatorClient(nodeId, clients, coordinatorAddress, () => tail.state.term);
  const rememberer = new Rememberer({ tail, offer: client.remember, clock: systemClock, report });
  const worker = new Worker({
    // The keeper says how many, before the worker starts.
    slots: 0,
    coordinator: client,
    run: tasks.run,
    isNodesFault: (error) => disk.caused(error),
    clock: systemClock,
    report,
  });
  const slots = new SlotKeeper({
    slots: config.slots,
    admission,
    worker,
    machine: readMachine,
    processor: readProcessor,
    peakBytes: () => media.peakBytes(),
    clock: systemClock,
    report,
  });
  const { readmit } = client;
  const keeping = openKeeping(base, shelf);
  return { coordinator, worker, slots, disk, keeping, rememberer, logSource, readmit };
}

export function startParts(base: Base, shelf: Shelf, mesh: Mesh, parts: Parts): void {
  const { lifecycle, report, tail } = base;
  const { replicator, members } = shelf;
  const { bus } = mesh;
  const { coordinator, worker, slots, disk, keeping, rememberer, logSource } = parts;
  obeyLog(tail, worker);
  tail.onEntry((entry, job) => {
    if (entry.kind === "placementChanged") replicator.wake();
    if (job !== undefined && hasEnded(job)) replicator.changed(job);
  });
  bus.onChange((connected) => {
    report(connected ? "NATS is back" : "NATS is away");
    coordinator.busChanged(connected);
  });
  // A node that cannot follow any more neither leads nor works: it says so, and goes on serving what it has.
  const failed = (error: unknown) => {
    report("following the mesh log failed: the node only serves from here on", { error });
    void Promise.all([coordinator.stop(), worker.stop()]);
  };
  followCore(base, members, mesh, () => coordinator.leads);
  tail.onReset(() => replicator.wake());
  tail.follow(logSource, failed);
  lifecycle.onStop("mesh log", () => tail.stop());
  rememberer.start();
  lifecycle.onStop("rememberer", () => rememberer.stop());
  coordinator.start();
  lifecycle.onStop("coordinator", () => coordinator.stop());
  const look = setInterval(() => replicator.wake(), REPLICATION_MS);
  lifecycle.onStop("replication rounds", () => clearInterval(look));
  keeping.start();
  disk.start();
  lifecycle.onStop("disk watch", () => disk.stop());
  slots.start();
  lifecycle.onStop("slots", () => slots.stop());
  worker.start();
  lifecycle.onStop("worker", () => worker.stop());
}
