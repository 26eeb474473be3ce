/** What a node holds and serves, with or without a mesh. */
import type { BlobReference } from "../../core/work.js";
import { joinAddress } from "../addresses.js";
import { systemClock } from "../clock.js";
import type { MeshPlace } from "../find-mesh.js";
import { GrowingAssets } from "../growing-assets.js";
import type { PeerClients } from "../grpc/client.js";
import { type BlobClient, createBlobClient } from "../http/blob-client.js";
import { listen } from "../http/listen.js";
import { peersService } from "../http/peer-server.js";
import { Members } from "../members.js";
import { services } from "../proto.js";
import { receiveSubtitles, receiveUpload } from "../submission.js";
import { createTasks, type Tasks } from "../tasks/tasks.js";
import type { Base } from "./base.js";
import { openReplication, type Replication } from "./replication.js";
import { openViewers, reportFailure, startPurging } from "./viewers.js";

const HOLD_BASE_MS = 60_000;
/** A peer is given this long for each byte of a second copy: a megabyte a second. */
const HOLD_MS_A_BYTE = 1 / 1_000;

/** The fields of Transfers in proto/reelmesh/v1/node.proto. */
interface Transfers {
  pulledBlobs: number;
  pulledBytes: number;
  servedBlobs: number;
  servedBytes: number;
}

/** What is held and served, with or without a mesh. */
export interface Shelf extends Replication {
  members: Members;
  tasks: Tasks;
  pull: BlobClient["pull"];
  /** What has gone between this node and others since it started. */
  transfers(): Transfers;
  http: string;
  peer: string;
}

export async function openShelf(base: Base, { listen: host, advertise }: MeshPlace): Promise<Shelf> {
  const { lifecycle, report, id: nodeId, tail, media, clients } = base;
  const store = base.store.blobs;
  const members = new Members(nodeId, systemClock.now);
  const sources = (holders: string[]) => members.sources(holders);
  const blobs = createBlobClient({ store });
  lifecycle.onStop("blob client", () => blobs.close());
  const { pull, fetchCut, fetchInits } = blobs;
  const replication = openReplication(base, members, blobs);
  const { replicator } = replication;
  const tasks = createTasks({
    nodeId,
    store,
    media,
    pull,
    sources,
    fetchCut,
    fetchInits,
    copyTargets: (key) => members.copyTargets(key),
    hold: (...wanted) => holdAt(clients, ...wanted),
    report,
  });
  const growing = new GrowingAssets({ store, mesh: tail.state, pull, sources, clock: systemClock });
  lifecycle.onStop("growing assets", () => growing.stop());
  const http = await openViewers(base, host, replicator, growing);
  startPurging(base);
  const served = { servedBlobs: 0, servedBytes: 0 };
  const peer = await openPeers(base, host, tasks, (bytes) => {
    served.servedBlobs += 1;
    served.servedBytes += bytes;
  });
  const transfers = () => ({ pulledBlobs: blobs.pulled.blobs, pulledBytes: blobs.pulled.bytes, ...served });
  const addresses = { http: joinAddress(advertise, http), peer: joinAddress(advertise, peer) };
  return { ...replication, ...addresses, members, tasks, pull, transfers };
}

/** Asks a peer to pull blobs, and waits until it has. */
export async function holdAt(
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

async function openPeers(base: Base, host: string, tasks: Tasks, onServed: (bytes: number) => void): Promise<number> {
  const { config, store, lifecycle } = base;
  const service = peersService({
    store: store.blobs,
    onServed,
    upload: (job, body, signal, kind) =>
      (kind === "source" ? receiveUpload : receiveSubtitles)(store.blobs, job, body, signal),
    cut: tasks.cut,
    inits: tasks.inits,
  });
  const listener = await listen(service, { host, port: config.peerPort, report: reportFailure(base) });
  lifecycle.onStop("peers' HTTP", () => listener.close());
  return listener.port;
}
