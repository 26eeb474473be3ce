/** What a node has by itself: its folder, its tools, its identity; and where its mesh is. */
import { randomUUID } from "node:crypto";
import type { Confinement } from "../../core/confinement.js";
import { joinAddress, splitAddress } from "../addresses.js";
import { Admission } from "../admission.js";
import { systemClock } from "../clock.js";
import type { NodeConfig } from "../config.js";
import { meshCredentials } from "../credentials.js";
import { createMediaTools } from "../ffmpeg/media-tools.js";
import { findMesh, type MeshPlace } from "../find-mesh.js";
import { createPeerClients, type PeerClients } from "../grpc/client.js";
import type { Lifecycle } from "../lifecycle.js";
import type { Report } from "../logger.js";
import { MeshTail } from "../mesh-tail.js";
import { version } from "../paths.js";
import { services } from "../proto.js";
import { openStore, type Store } from "../store/open.js";
import { tellDamage } from "./keeping.js";

const JOIN_MS = 5_000;

/** What a node has by itself, without any mesh. */
export interface Base {
  config: NodeConfig;
  lifecycle: Lifecycle;
  report: Report;
  startedAt: number;
  id: string;
  store: Store;
  admission: Admission;
  tail: MeshTail;
  media: ReturnType<typeof createMediaTools>;
  encoders: { name: string; version: string }[];
  confinement: Confinement;
  clients: PeerClients;
}

/** What the operator is told of how hostile sources are kept in their place. */
const CONFINED = {
  bubblewrap: "ffmpeg runs in bubblewrap: without a network, and with one folder to write to",
  limits: "ffmpeg runs with limits, and not in bubblewrap: install the package bubblewrap where it can run",
  none: "ffmpeg runs without limits: install the packages bubblewrap and util-linux",
} as const;

export async function openBase(
  config: NodeConfig,
  lifecycle: Lifecycle,
  report: Report,
  signal: AbortSignal,
): Promise<Base> {
  const startedAt = performance.now();
  const media = createMediaTools();
  const encoders = await media.encoders(signal);
  const confinement = await media.confinement();
  const { kind, reason } = confinement;
  report(CONFINED[kind], reason === "" ? {} : { reason });
  const store = await openStore(config.data, { quota: config.quota });
  lifecycle.onStop("store", () => store.close());
  tellDamage(store, report);
  const id = await identity(store);
  const admission = await Admission.open(store.settings);
  const tail = new MeshTail({ copy: store.log, blobs: store.blobs, clock: systemClock, report });
  await tail.restore();
  const clients = createPeerClients(meshCredentials().grpcChannel);
  lifecycle.onStop("gRPC clients", () => clients.close());
  return { config, lifecycle, report, startedAt, id, store, admission, tail, media, encoders, confinement, clients };
}

async function identity({ settings }: Store): Promise<string> {
  const known = await settings.get("node.id");
  if (typeof known === "string") return known;
  const id = randomUUID();
  await settings.put("node.id", id);
  return id;
}

export function findPlace(base: Base, signal: AbortSignal): Promise<MeshPlace> {
  const { config, store, clients, report, tail } = base;
  const components = {
    settings: store.settings,
    askToJoin: (address: string) => {
      const { host, port } = splitAddress(address);
      const request = { name: config.name, version };
      return clients.call(joinAddress(host, port), services.Node.Join, request, { deadlineMs: JOIN_MS, signal });
    },
    recorded: tail.state.core.servers.map(({ client }) => `nats://${client}`),
    report,
  };
  return findMesh(components, config, signal);
}
