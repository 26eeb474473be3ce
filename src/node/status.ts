/** What the node says of itself: its heartbeat and its full status. */
import { statfs } from "node:fs/promises";
import { availableParallelism, freemem, loadavg, totalmem } from "node:os";
import type { Confinement } from "../core/confinement.js";
import type { MeshState } from "../core/mesh-state.js";
import type { BlobStore, Clock } from "../core/ports.js";
import { EVERYWHERE } from "../core/video-encoders.js";
import type { NodeStatus } from "../gen/reelmesh/v1/NodeStatus.js";
import type { StoreStatus } from "../gen/reelmesh/v1/StoreStatus.js";
import type { NodeState } from "./admission.js";
import { type CoreView, coreStatus } from "./core-status.js";
import type { Fetching } from "./fetching-jobs.js";
import type { Members, NodeSummary } from "./members.js";
import { version } from "./paths.js";
import type { Survey } from "./replication/survey.js";
import type { RunningTask } from "./worker.js";

interface Components {
  id: string;
  name: string;
  addresses: { grpc: string; http: string; peer: string };
  /** Whether viewers use HTTPS. */
  https: boolean;
  slots(): number;
  replicas: number;
  state(): NodeState;
  data: string;
  startedAt: number;
  mesh: MeshState;
  members: Members;
  store: BlobStore;
  encoders: { name: string; version: string }[];
  confinement: Pick<Confinement, "kind" | "reason">;
  clock: Pick<Clock, "now">;
  leads(): boolean;
  missing(): number;
  transfers(): NonNullable<NodeStatus["transfers"]>;
  survey(): Promise<Survey>;
  remembered(): number;
  running(): RunningTask[];
  fetching(): Fetching[];
  busy(): number;
  bus: { connected(): boolean; version(): string };
  core: CoreView;
  storeStatus(): Promise<StoreStatus>;
}

/** What a heartbeat is made of. */
type Pulse = Omit<Components, "transfers" | "survey" | "storeStatus">;

export function summarise(components: Pulse, state: NodeState = components.state()): NodeSummary {
  const { id, name, addresses, mesh, store } = components;
  return {
    id,
    name,
    state,
    version,
    ...addresses,
    https: components.https,
    slots: components.slots(),
    busy: components.busy(),
    term: mesh.term,
    coordinates: components.leads(),
    ...store.totals(),
    missing: components.missing(),
    heardMsAgo: 0,
    logSequence: mesh.sequence,
    remembered: components.remembered(),
    setAside: mesh.setAside.get(id) ?? "",
    seat: components.core.seat(),
    canServe: components.core.canServe,
    externalNats: components.core.external,
    uptimeSeconds: (components.clock.now() - components.startedAt) / 1000,
    fetching: components.fetching(),
    replicas: components.replicas,
    encoders: components.encoders.map((encoder) => encoder.name).filter((name) => !EVERYWHERE.includes(name)),
  };
}

export async function nodeStatus(components: Components): Promise<NodeStatus> {
  const { id, mesh, members, data } = components;
  const disk = await statfs(data);
  const node = summarise(components);
  return {
    node,
    uptimeSeconds: (components.clock.now() - components.startedAt) / 1000,
    term: mesh.term,
    coordinatorId: mesh.coordinator.id,
    coordinatorName: mesh.coordinator.name,
    cores: availableParallelism(),
    load: loadavg()[0] ?? 0,
    memoryBytes: totalmem(),
    memoryFreeBytes: freemem(),
    diskBytes: disk.blocks * disk.bsize,
    diskFreeBytes: disk.bavail * disk.bsize,
    encoders: components.encoders,
    running: components.running(),
    peers: members.list().filter((row) => row.id !== id),
    natsConnected: components.bus.connected(),
    natsVersion: components.bus.version(),
    logSequence: mesh.sequence,
    core: await coreStatus(components.core, mesh.core, members),
    confinement: components.confinement.kind,
    confinementReason: components.confinement.reason,
    store: await components.storeStatus(),
    transfers: components.transfers(),
    copies: copiesStatus(await components.survey(), members),
  };
}

function copiesStatus({ wanted, nodes, silent, counts }: Survey, members: Members): NonNullable<NodeStatus["copies"]> {
  const lacking = [...counts.values()].map((count) => count.lacking).filter((files) => files > 0);
  return {
    wanted,
    nodes: nodes.length,
    assets: counts.size,
    assetsLacking: lacking.length,
    filesLacking: lacking.reduce((sum, files) => sum + files, 0),
    silent: silent.map((id) => members.nameOf(id)),
  };
}
