/** The composition root: the one place that knows every part, starts them in order and stops them in reverse. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Coordinator } from "../coordinator/coordinator.js";
import { ReelmeshError } from "../core/errors.js";
import { hasEnded } from "../core/mesh-state.js";
import { advertisedHost, isLoopback, joinAddress, localAddressTowards, splitAddress } from "./addresses.js";
import { assetRows } from "./asset-rows.js";
import type { NodeConfig } from "./config.js";
import { meshCredentials } from "./credentials.js";
import { createMediaTools } from "./ffmpeg/media-tools.js";
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
import { createTasks } from "./tasks/tasks.js";
import { Worker } from "./worker.js";

const HEARTBEAT_MS = 1_000;
const JOIN_MS = 5_000;
const RETRY_MS = 1_000;
/** How long a starting node waits for the mesh that it was told of. */
const PATIENCE_MS = 60_000;
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
  const startedAt = performance.now();
  const now = () => performance.now();
  const credentials = meshCredentials();

  const media = createMediaTools();
  const encoders = await media.encoders(signal);

  const store = await openStore(config.data);
  lifecycle.onStop("store", () => store.close());
  const id = await identity(store);
  const tail = new MeshTail(store.log);
  await tail.restore();

  const clients = createPeerClients(credentials.grpcChannel);
  lifecycle.onStop("gRPC clients", () => clients.close());

  const mesh = await findMesh(config, store, clients, id, lifecycle, report, signal);
  const bus = await connectPatiently(mesh.nats, config.name, report, signal);
  lifecycle.onStop("NATS connection", () => bus.close());
  const log = await openMeshLog(bus);

  const members = new Members(id, now);
  const coordinatorAddress = () => members.find(tail.state.coordinator.id)?.grpc;
  const blobs = createBlobClient({ store: store.blobs });
  lifecycle.onStop("blob client", () => blobs.close());
  const pull = blobs.pull.bind(blobs);
  const sources = (holders: string[]) => members.sources(holders);

  const replicator = new Replicator({
    store: store.blobs,
    mesh: tail.state,
    pull,
    sources,
    wallClock: Date.now,
    report,
  });
  const coordinator = new Coordinator({
    nodeId: id,
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
  const tasks = createTasks({
    nodeId: id,
    store: store.blobs,
    media,
    pull,
    sources,
    fetchCut: blobs.fetchCut.bind(blobs),
    copyTargets: (key) => members.copyTargets(key),
    hold: (grpc, references, job, holders, holdSignal) => hold(clients, grpc, references, job, holders, holdSignal),
    report,
  });
  const worker = new Worker({
    slots: config.slots,
    coordinator: coordinatorClient(id, clients, coordinatorAddress),
    run: tasks.run,
    now,
    report,
  });

  const reportHttp = (error: ReelmeshError, request: string) => report("HTTP request failed", { request, error });
  const viewers = viewersService({
    manifest: (asset) => replicator.manifest(asset),
    file: (reference, asset) => replicator.file(reference, asset),
    list: () => assetRows(tail.state, replicator),
  });
  const http = await listen(viewers, { host: mesh.listen, port: config.httpPort, report: reportHttp });
  lifecycle.onStop("viewers' HTTP", () => http.close());
  const peers = peersService({
    store: store.blobs,
    upload: (job, body, uploadSignal) => receiveUpload(store.blobs, job, body, uploadSignal),
    cut: tasks.cut,
  });
  const peer = await listen(peers, {
    host: mesh.listen,
    port: config.peerPort,
    report: reportHttp,
  });
  lifecycle.onStop("peers' HTTP", () => peer.close());

  const addresses = {
    grpc: "",
    http: joinAddress(mesh.advertise, http.port),
    peer: joinAddress(mesh.advertise, peer.port),
  };
  const self = {
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
    now,
    leads: () => coordinator.leads,
    missing: () => replicator.missing,
    running: () => worker.running(),
    bus,
  };
  const submission = { nodeId: id, store: store.blobs, mesh: tail.state, media };
  const server = await startGrpcServer({
    host: mesh.listen,
    port: config.grpcPort,
    credentials: credentials.grpcServer,
    services: [
      coordinatorService(coordinator),
      jobsService({
        coordinator,
        clients,
        coordinatorAddress: () => (tail.state.coordinator.id === id ? undefined : coordinatorAddress()),
        prepare: (request, callSignal) => prepareSubmission(submission, request, callSignal),
      }),
      ...nodeServices({
        status: () => nodeStatus(self),
        nodes: () => members.list(),
        join: () => ({ nats: mesh.nats, name: config.name }),
        hold: (request, callSignal) => tasks.holdHere(request, callSignal),
        assets: () => assetRows(tail.state, replicator),
      }),
    ],
  });
  lifecycle.onStop("gRPC server", () => server.stop());
  addresses.grpc = joinAddress(mesh.advertise, splitAddress(server.address).port);

  members.onHeard((one) => coordinator.heard(one.id, one.term, one.coordinates, one.state === "stopped"));
  const heartbeats = openHeartbeats(bus, (summary) => members.heard(summary));
  const beat = (state: "ready" | "stopped") => {
    const summary = summarise(self, state);
    members.heard(summary);
    heartbeats.send(summary);
  };
  beat("ready");
  const pulse = setInterval(() => beat("ready"), HEARTBEAT_MS);
  lifecycle.onStop("heartbeats", async () => {
    clearInterval(pulse);
    heartbeats.stop();
    beat("stopped");
  });

  let wasLeading = false;
  tail.onEntry((entry, job) => {
    if (entry.kind === "termStarted" || wasLeading !== coordinator.leads) beat("ready");
    wasLeading = coordinator.leads;
    if (job === undefined || !hasEnded(job)) return;
    worker.abandon(job.id);
    replicator.wake();
  });
  bus.onChange((connected) => {
    report(connected ? "NATS is back" : "NATS is away");
    coordinator.busChanged(connected);
  });
  await tail.follow(log, (error) => report("following the mesh log failed", { error }));
  lifecycle.onStop("mesh log", () => tail.stop());
  coordinator.start();
  lifecycle.onStop("coordinator", () => coordinator.stop());
  replicator.wake();
  const look = setInterval(() => replicator.wake(), REPLICATION_MS);
  lifecycle.onStop("replicator", () => {
    clearInterval(look);
    return replicator.stop();
  });
  worker.start();
  lifecycle.onStop("worker", () => worker.stop());

  if (!isLoopback(mesh.listen)) {
    report("listening beyond this machine without credentials: use it on a network that you trust", {
      listen: mesh.listen,
    });
  }
  report("node started", { version, id, ...addresses, nats: mesh.nats.join(",") });
  return { event: "ready", name: config.name, id, ...addresses, nats: mesh.nats.join(",") };
}

async function identity(store: Store): Promise<string> {
  const known = await store.settings.get("node.id");
  if (typeof known === "string") return known;
  const id = randomUUID();
  await store.settings.put("node.id", id);
  return id;
}

interface MeshPlace {
  /** Host to listen on, host to tell others, NATS servers to use. */
  listen: string;
  advertise: string;
  nats: string[];
}

/**
 * Where the mesh is: the NATS servers that were named, those of the node to join, those that this node used before,
 * or its own. A node that has joined once finds its mesh again without being told.
 */
async function findMesh(
  config: NodeConfig,
  store: Store,
  clients: PeerClients,
  id: string,
  lifecycle: Lifecycle,
  report: Report,
  signal: AbortSignal,
): Promise<MeshPlace> {
  const remembered = (await store.settings.get("mesh")) as { nats: string[]; listen: string } | undefined;
  const join = config.join;
  let nats = config.nats ?? (join === undefined ? remembered?.nats : undefined);
  let facing: string | undefined;
  if (join !== undefined) {
    facing = await patiently(() => localAddressTowards(join), report, signal);
    const answer = await patiently(() => askToJoin(clients, join, config.name), report, signal);
    report("joined", { through: answer.name, nats: answer.nats.join(",") });
    nats = answer.nats;
  }
  const listenHost = config.listen ?? facing ?? remembered?.listen ?? "127.0.0.1";
  const advertise = config.advertise ?? advertisedHost(listenHost);
  if (nats === undefined) {
    const server = new NatsServer({
      folder: `${config.data}/nats`,
      name: `${config.name}-${id.slice(0, 8)}`,
      host: listenHost,
      port: config.natsPort,
      report,
    });
    lifecycle.onStop("nats-server", () => server.stop());
    const port = await server.start();
    return { listen: listenHost, advertise, nats: [`nats://${joinAddress(advertise, port)}`] };
  }
  await store.settings.put("mesh", { nats, listen: listenHost });
  return { listen: listenHost, advertise, nats };
}

async function askToJoin(clients: PeerClients, address: string, name: string) {
  const { host, port } = splitAddress(address);
  return clients.call(joinAddress(host, port), services.Node.Join, { name, version }, { deadlineMs: JOIN_MS });
}

function connectPatiently(nats: string[], name: string, report: Report, signal: AbortSignal): Promise<Bus> {
  return patiently(() => connectBus(nats, name), report, signal);
}

/** Tries again while the other side is not there yet, for a minute. */
async function patiently<T>(attempt: () => Promise<T>, report: Report, signal: AbortSignal): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const transient = error instanceof ReelmeshError && error.code === "UNAVAILABLE";
      if (!transient || signal.aborted || Date.now() > until) throw error;
      if (tries === 0) report("waiting for the mesh", { error });
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
}

const HOLD_BASE_MS = 60_000;
/** A peer is given this long for each byte of a second copy: a megabyte a second. */
const HOLD_MS_A_BYTE = 1 / 1_000;

async function hold(
  clients: PeerClients,
  grpc: string,
  blobs: { sha256: string; bytes: number }[],
  job: string,
  holders: string[],
  signal: AbortSignal,
): Promise<void> {
  const bytes = blobs.reduce((sum, blob) => sum + blob.bytes, 0);
  const deadlineMs = Math.round(HOLD_BASE_MS + bytes * HOLD_MS_A_BYTE);
  await clients.call(grpc, services.Node.Hold, { blobs, job, holders }, { deadlineMs, signal });
}
