import { Coordinator } from "../../coordinator/coordinator.js";
import { hasEnded } from "../../core/mesh-state.js";
import type { MeshLog } from "../../core/ports.js";
import { systemClock } from "../clock.js";
import { type MeshPlace, PATIENCE_MS, patiently } from "../find-mesh.js";
import { coordinatorClient } from "../grpc/coordinator-client.js";
import { type Bus, connectBus } from "../nats/bus.js";
import { openMeshLog } from "../nats/mesh-log.js";
import { Worker } from "../worker.js";
import type { Base } from "./base.js";
import type { Shelf } from "./shelf.js";

/** Replication looks again this often even when nothing has changed. */
const REPLICATION_MS = 30_000;

export interface Mesh {
  place: MeshPlace;
  patienceMs: number;
  bus: Bus;
  log: MeshLog;
}

export async function openMesh(
  { config, report, lifecycle }: Base,
  place: MeshPlace,
  signal: AbortSignal,
): Promise<Mesh> {
  const patienceMs = place.known ? Number.POSITIVE_INFINITY : PATIENCE_MS;
  const bus = await patiently(() => connectBus(place.nats, config.name), patienceMs, report, signal);
  lifecycle.onStop("NATS connection", () => bus.close());
  const log = await patiently(() => openMeshLog(bus), patienceMs, report, signal);
  return { place, patienceMs, bus, log };
}

export interface Parts {
  coordinator: Coordinator;
  worker: Worker;
  coordinatorAddress(): string | undefined;
}

export function compose(base: Base, { members, tasks }: Shelf, { log }: Mesh): Parts {
  const { config, report, id: nodeId, tail, clients } = base;
  const coordinatorAddress = () => members.find(tail.state.coordinator.id)?.grpc;
  const coordinator = new Coordinator({
    nodeId,
    nodeName: config.name,
    log,
    tail,
    members,
    clock: systemClock,
    report,
  });
  const worker = new Worker({
    slots: config.slots,
    coordinator: coordinatorClient(nodeId, clients, coordinatorAddress),
    run: tasks.run,
    clock: systemClock,
    report,
  });
  return { coordinator, worker, coordinatorAddress };
}

export async function startParts(
  base: Base,
  shelf: Shelf,
  mesh: Mesh,
  parts: Parts,
  signal: AbortSignal,
): Promise<void> {
  const { lifecycle, report, tail } = base;
  const { replicator } = shelf;
  const { bus, log, patienceMs } = mesh;
  const { coordinator, worker } = parts;
  tail.onEntry((_entry, job) => {
    if (job === undefined || !hasEnded(job)) return;
    worker.abandon(job.id);
    replicator.wake();
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
  await patiently(() => tail.follow(log, failed), patienceMs, report, signal);
  lifecycle.onStop("mesh log", () => tail.stop());
  coordinator.start();
  lifecycle.onStop("coordinator", () => coordinator.stop());
  const look = setInterval(() => replicator.wake(), REPLICATION_MS);
  lifecycle.onStop("replication rounds", () => clearInterval(look));
  worker.start();
  lifecycle.onStop("worker", () => worker.stop());
}
