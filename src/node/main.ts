/** The composition root: the one place that knows every part, starts them in order and stops them in reverse. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { Coordinator } from "../coordinator/coordinator.js";
import { viewJob } from "../coordinator/job-view.js";
import type { ReelmeshError } from "../core/errors.js";
import { hasEnded, type JobRecord } from "../core/mesh-state.js";
import type { MeshLog } from "../core/ports.js";
import type { BlobReference } from "../core/work.js";
import { isLoopback, joinAddress, splitAddress } from "./addresses.js";
import { assetRows } from "./asset-rows.js";
import type { NodeConfig } from "./config.js";
import { meshCredentials } from "./credentials.js";
import { createMediaTools } from "./ffmpeg/media-tools.js";
import { findMesh, type MeshPlace, PATIENCE_MS, patiently } from "./find-mesh.js";
import { createPeerClients, type PeerClients } from "./grpc/client.js";
import { coordinatorClient } from "./grpc/coordinator-client.js";
import { coordinatorService } from "./grpc/coordinator-service.js";
import { jobsService } from "./grpc/jobs-service.js";
import { nodeServices } from "./grpc/node-service.js";
import { startGrpcServer } from "./grpc/server.js";
import { createBlobClient } from "./http/blob-client.js";
import { listen } from "./http/listen.js";
import { peersService } from "./http/peer-server.js";
import { viewersService } from "./http/viewers-server.js";
import { Lifecycle } from "./lifecycle.js";
import { createLogger, type Report, reporter } from "./logger.js";
import { Members } from "./members.js";
import { MeshTail } from "./mesh-tail.js";
import { type Bus, connectBus } from "./nats/bus.js";
import { openHeartbeats } from "./nats/heartbeats.js";
import { openMeshLog } from "./nats/mesh-log.js";
import { NatsServer } from "./nats/server-process.js";
import { version } from "./paths.js";
import { services } from "./proto.js";
import { Replicator } from "./replicator.js";
import { nodeStatus, summarise } from "./status.js";
import { openStore, type Store } from "./store/open.js";
import { prepareSubmission, receiveUpload } from "./submission.js";
import { createTasks, type Tasks } from "./tasks/tasks.js";
import { Worker } from "./worker.js";

const HEARTBEAT_MS = 1_000;
const JOIN_MS = 5_000;
const HOLD_BASE_MS = 60_000;
/** A peer is given this long for each byte of a second copy: a megabyte a second. */
const HOLD_MS_A_BYTE = 1 / 1_000;
/** Replication looks again this often even when nothing has changed. */
const REPLICATION_MS = 30_000;

export interface ReadyLine {
  event: "ready";
  name: string;
  id: string;
  /** host:port. */
  grpc: string;
  http: string;
  peer: string;
  /** URLs of the NATS servers, separated by commas: what another node takes as --nats. */
  nats: string;
}

/** Runs a node until the signal; prints one line on standard output when it is ready. */
export async function runNode(config: NodeConfig, signal: AbortSignal): Promise<void> {
  const report = reporter(createLogger(config.name, config.log));
  const lifecycle = new Lifecycle(report);
  try {
    const ready = await startNode(config, lifecycle, report, signal);
    process.stdout.write(`${config.log === "json" ? JSON.stringify(ready) : describe(ready)}\n`);
    if (!signal.aborted) await once(signal, "abort");
    report("stopping");
  } finally {
    await lifecycle.stop();
  }
}

function describe({ name, grpc, http, peer, nats }: ReadyLine): string {
  return `node ${name} is ready: gRPC ${grpc}, viewers http://${http}/, peers ${peer}, NATS ${nats}`;
}

async function startNode(
  config: NodeConfig,
  lifecycle: Lifecycle,
  report: Report,
  signal: AbortSignal,
): Promise<ReadyLine> {
  const base = await openBase(config, lifecycle, report, signal);
  const place = await findPlace(base, signal);
  // Viewers are served from what is held, also while the mesh is away.
  const shelf = await openShelf(base, place);
  const mesh = await openMesh(base, place, signal);
  const parts = compose(base, shelf, mesh);
  const addresses = await openControl(base, shelf, mesh, parts);
  await startParts(base, shelf, mesh, parts, signal);
  const { id } = base;
  const nats = place.nats.join(",");
  report("node started", { version, id, ...addresses, nats });
  if (!isLoopback(place.listen)) {
    const { listen } = place;
    report("listening beyond this machine without credentials: use it on a network that you trust", { listen });
  }
  return { event: "ready", name: config.name, id, ...addresses, nats };
}

/** What a node has by itself, without any mesh. */
interface Base {
  config: NodeConfig;
  lifecycle: Lifecycle;
  report: Report;
  startedAt: number;
  id: string;
  store: Store;
  tail: MeshTail;
  media: ReturnType<typeof createMediaTools>;
  encoders: { name: string; version: string }[];
  clients: PeerClients;
}

async function openBase(config: NodeConfig, lifecycle: Lifecycle, report: Report, signal: AbortSignal): Promise<Base> {
  const startedAt = performance.now();
  const media = createMediaTools();
  const encoders = await media.encoders(signal);
  const store = await openStore(config.data);
  lifecycle.onStop("store", () => store.close());
  const id = await identity(store);
  const tail = new MeshTail(store.log);
  await tail.restore();
  const clients = createPeerClients(meshCredentials().grpcChannel);
  lifecycle.onStop("gRPC clients", () => clients.close());
  return { config, lifecycle, report, startedAt, id, store, tail, media, encoders, clients };
}

async function identity({ settings }: Store): Promise<string> {
  const known = await settings.get("node.id");
  if (typeof known === "string") return known;
  const id = randomUUID();
  await settings.put("node.id", id);
  return id;
}

function findPlace(base: Base, signal: AbortSignal): Promise<MeshPlace> {
  const { config, store, clients, report, lifecycle, id } = base;
  const components = {
    settings: store.settings,
    askToJoin: (address: string) => {
      const { host, port } = splitAddress(address);
      const request = { name: config.name, version };
      return clients.call(joinAddress(host, port), services.Node.Join, request, { deadlineMs: JOIN_MS, signal });
    },
    startServer: (host: string) => {
      const name = `${config.name}-${id.slice(0, 8)}`;
      const server = new NatsServer({ folder: join(config.data, "nats"), name, host, port: config.natsPort, report });
      lifecycle.onStop("nats-server", () => server.stop());
      return server.start();
    },
    report,
  };
  return findMesh(components, config, signal);
}

/** What is held and served, with or without a mesh. */
interface Shelf {
  members: Members;
  replicator: Replicator;
  tasks: Tasks;
  http: string;
  peer: string;
}

async function openShelf(base: Base, { listen: host, advertise }: MeshPlace): Promise<Shelf> {
  const { lifecycle, report, id: nodeId, tail, media, clients } = base;
  const store = base.store.blobs;
  const members = new Members(nodeId, () => performance.now());
  const sources = (holders: string[]) => members.sources(holders);
  const blobs = createBlobClient({ store });
  lifecycle.onStop("blob client", () => blobs.close());
  const { pull, fetchCut } = blobs;
  const replicator = new Replicator({ store, mesh: tail.state, pull, sources, wallClock: Date.now, report });
  lifecycle.onStop("replicator", () => replicator.stop());
  replicator.wake();
  const tasks = createTasks({
    nodeId,
    store,
    media,
    pull,
    sources,
    fetchCut,
    copyTargets: (key) => members.copyTargets(key),
    hold: (...wanted) => holdAt(clients, ...wanted),
    report,
  });
  const http = await openViewers(base, host, replicator);
  const peer = await openPeers(base, host, tasks);
  return { members, replicator, tasks, http: joinAddress(advertise, http), peer: joinAddress(advertise, peer) };
}

interface Mesh {
  place: MeshPlace;
  patienceMs: number;
  bus: Bus;
  log: MeshLog;
}

async function openMesh({ config, report, lifecycle }: Base, place: MeshPlace, signal: AbortSignal): Promise<Mesh> {
  const patienceMs = place.known ? Number.POSITIVE_INFINITY : PATIENCE_MS;
  const bus = await patiently(() => connectBus(place.nats, config.name), patienceMs, report, signal);
  lifecycle.onStop("NATS connection", () => bus.close());
  const log = await patiently(() => openMeshLog(bus), patienceMs, report, signal);
  return { place, patienceMs, bus, log };
}

interface Parts {
  coordinator: Coordinator;
  worker: Worker;
  coordinatorAddress(): string | undefined;
}

function compose(base: Base, { members, tasks }: Shelf, { log }: Mesh): Parts {
  const { config, report, id: nodeId, tail, clients } = base;
  const now = () => performance.now();
  const coordinatorAddress = () => members.find(tail.state.coordinator.id)?.grpc;
  const coordinator = new Coordinator({
    nodeId,
    nodeName: config.name,
    log,
    tail,
    members,
    now,
    wallClock: Date.now,
    random: Math.random,
    newId: randomUUID,
    report,
  });
  const worker = new Worker({
    slots: config.slots,
    coordinator: coordinatorClient(nodeId, clients, coordinatorAddress),
    run: tasks.run,
    now,
    report,
  });
  return { coordinator, worker, coordinatorAddress };
}

/** Asks a peer to pull blobs, and waits until it has. */
async function holdAt(
  clients: PeerClients,
  grpc: string,
  blobs: BlobReference[],
  job: string,
  holders: string[],
  signal: AbortSignal,
): Promise<void> {
  const bytes = blobs.reduce((sum, blob) => sum + blob.bytes, 0);
  const deadlineMs = Math.round(HOLD_BASE_MS + bytes * HOLD_MS_A_BYTE);
  await clients.call(grpc, services.Node.Hold, { blobs, job, holders }, { deadlineMs, signal });
}

interface Addresses {
  grpc: string;
  http: string;
  peer: string;
}

async function openControl(base: Base, shelf: Shelf, mesh: Mesh, parts: Parts): Promise<Addresses> {
  const { lifecycle, config } = base;
  const { listen: host, advertise } = mesh.place;
  const addresses = { grpc: "", http: shelf.http, peer: shelf.peer };
  const self = describeSelf(base, shelf, mesh, parts, addresses);
  const server = await startGrpcServer({
    host,
    port: config.grpcPort,
    credentials: meshCredentials().grpcServer,
    services: grpcServices(base, shelf, mesh, parts, self),
  });
  lifecycle.onStop("gRPC server", () => server.stop());
  addresses.grpc = joinAddress(advertise, splitAddress(server.address).port);
  startHeartbeats(base, shelf, mesh, parts, self);
  return addresses;
}

async function openViewers(base: Base, host: string, replicator: Replicator): Promise<number> {
  const { config, tail, lifecycle } = base;
  const service = viewersService({
    manifest: (asset) => replicator.manifest(asset),
    file: (reference, asset) => replicator.file(reference, asset),
    list: () => assetRows(tail.state, replicator),
  });
  const listener = await listen(service, { host, port: config.httpPort, report: reportFailure(base) });
  lifecycle.onStop("viewers' HTTP", () => listener.close());
  return listener.port;
}

async function openPeers(base: Base, host: string, tasks: Tasks): Promise<number> {
  const { config, store, lifecycle } = base;
  const service = peersService({
    store: store.blobs,
    upload: (job, body, signal) => receiveUpload(store.blobs, job, body, signal),
    cut: tasks.cut,
  });
  const listener = await listen(service, { host, port: config.peerPort, report: reportFailure(base) });
  lifecycle.onStop("peers' HTTP", () => listener.close());
  return listener.port;
}

function reportFailure({ report }: Base): (error: ReelmeshError, request: string) => void {
  return (error, request) => report("HTTP request failed", { request, error });
}

type Self = Parameters<typeof summarise>[0];

function describeSelf(base: Base, shelf: Shelf, { bus }: Mesh, parts: Parts, addresses: Addresses): Self {
  const { id, config, startedAt, tail, store, encoders } = base;
  const { members, replicator } = shelf;
  const { coordinator, worker } = parts;
  return {
    id,
    name: config.name,
    addresses,
    slots: config.slots,
    data: config.data,
    startedAt,
    mesh: tail.state,
    members,
    store: store.blobs,
    encoders,
    now: () => performance.now(),
    leads: () => coordinator.leads,
    missing: () => replicator.missing,
    running: () => worker.running(),
    busy: () => worker.busy(),
    bus,
  };
}

function grpcServices(base: Base, shelf: Shelf, { place, bus }: Mesh, parts: Parts, self: Self) {
  const { id: nodeId, config, tail, store, media, clients } = base;
  const { members, replicator, tasks } = shelf;
  const { coordinator, coordinatorAddress } = parts;
  const submission = { nodeId, store: store.blobs, mesh: tail.state, media };
  const view = (job: JobRecord) => viewJob(job, [], [], tail.state.term, (id) => members.nameOf(id));
  return [
    coordinatorService(coordinator),
    jobsService({
      coordinator,
      clients,
      coordinatorAddress: () => {
        const { id } = tail.state.coordinator;
        return id !== nodeId && members.live().has(id) ? coordinatorAddress() : undefined;
      },
      connected: () => bus.connected(),
      recorded: (id) => {
        const job = tail.state.jobs.get(id);
        return job === undefined ? undefined : view(job);
      },
      recordedList: (limit) => [...tail.state.jobs.values()].slice(-limit).reverse().map(view),
      prepare: (request, signal) => prepareSubmission(submission, request, signal),
    }),
    ...nodeServices({
      status: () => nodeStatus(self),
      nodes: () => members.list(),
      join: () => ({ nats: place.nats, name: config.name }),
      hold: tasks.holdHere,
      assets: () => assetRows(tail.state, replicator),
    }),
  ];
}

function startHeartbeats(base: Base, { members }: Shelf, { bus }: Mesh, { coordinator }: Parts, self: Self): void {
  const { lifecycle, tail } = base;
  members.hearThrough(() => bus.connected());
  members.onHeard((one) => coordinator.heard(one.id, one.term, one.coordinates, one.state === "stopped"));
  const heartbeats = openHeartbeats(bus, (summary) => members.heard(summary));
  const beat = (state: "ready" | "stopped") => {
    const summary = summarise(self, state);
    members.heard(summary);
    heartbeats.send(summary);
  };
  beat("ready");
  const pulse = setInterval(() => beat("ready"), HEARTBEAT_MS);
  // The others hear of a new coordinator when it has begun, and need not wait for its next beat.
  tail.onEntry((entry) => {
    if (entry.kind === "termStarted") beat("ready");
  });
  lifecycle.onStop("heartbeats", () => {
    clearInterval(pulse);
    heartbeats.stop();
    beat("stopped");
  });
}

async function startParts(base: Base, shelf: Shelf, mesh: Mesh, parts: Parts, signal: AbortSignal): Promise<void> {
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
