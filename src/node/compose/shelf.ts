/** What a node holds and serves, with or without a mesh. */
import { ReelmeshError } from "../../core/errors.js";
import type { BlobReference } from "../../core/work.js";
import { joinAddress } from "../addresses.js";
import { systemClock } from "../clock.js";
import type { MeshPlace } from "../find-mesh.js";
import { GrowingAssets } from "../growing-assets.js";
import type { PeerClients } from "../grpc/client.js";
import { statusOf } from "../http/answers.js";
import { type BlobClient, createBlobClient } from "../http/blob-client.js";
import { listen } from "../http/listen.js";
import { peersService } from "../http/peer-server.js";
import { Arrivals } from "../ingest/arrivals.js";
import { Fetches } from "../ingest/fetches.js";
import { RemoteReader } from "../ingest/remote-read.js";
import { s3Credentials } from "../ingest/s3.js";
import { SelfSubmission } from "../ingest/self-submission.js";
import { tusUploads, type Uploads } from "../ingest/uploads.js";
import { Members } from "../members.js";
import { services } from "../proto.js";
import type { Submission } from "../submission.js";
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
  fetches: Fetches;
  /** Submits by itself what says so, from when `submitThrough` has been called. */
  submitThrough(submit: Submit): void;
  /** What has gone between this node and others since it started. */
  transfers(): Transfers;
  http: string;
  peer: string;
}

/** As Jobs.Submit. */
type Submit = (request: Submission, signal: AbortSignal) => Promise<unknown>;

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
  const { fetches, uploads, submitThrough } = await openUploads(base);
  const http = await openViewers(base, host, replicator, growing, uploads, members);
  startPurging(base);
  const served = { servedBlobs: 0, servedBytes: 0 };
  const onServed = (bytes: number) => {
    served.servedBlobs += 1;
    served.servedBytes += bytes;
  };
  const peer = await openPeers(base, host, tasks, uploads, onServed);
  const transfers = () => ({ pulledBlobs: blobs.pulled.blobs, pulledBytes: blobs.pulled.bytes, ...served });
  const addresses = { http: joinAddress(advertise, http), peer: joinAddress(advertise, peer) };
  return { ...replication, ...addresses, members, tasks, pull, fetches, submitThrough, transfers };
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

/** What comes from outside, and the two ways in which it becomes a job. */
async function openUploads(base: Base) {
  const { config, store, lifecycle, report } = base;
  const { uploads: folder, blobs } = store;
  const arrivals = await Arrivals.open({ folder, store: blobs, clock: systemClock, limit: config.uploadLimit, report });
  lifecycle.onStop("arrivals", () => arrivals.stop());
  let through: Submit = async () => {
    throw new ReelmeshError("UNAVAILABLE", "this node is starting");
  };
  const submit: Submit = (request, signal) => through(request, signal);
  const selfSubmission = new SelfSubmission({ arrivals, submit, clock: systemClock, report });
  lifecycle.onStop("submissions", () => selfSubmission.stop());
  const uploads = tusUploads({
    arrivals,
    statusOf,
    report: (error) => report("upload failed", { error }),
    arrived: (arrival) => selfSubmission.submit(arrival),
  });
  const { allowSource: allowed, s3Endpoint: endpoint, s3Region: region } = config;
  const s3 = { region, ...(endpoint && { endpoint }), ...s3Credentials(process.env) };
  const reader = new RemoteReader(arrivals, { allowed, s3 });
  const fetches = new Fetches({ arrivals, reader, selfSubmission, store: blobs, clock: systemClock, report });
  lifecycle.onStop("fetches", () => fetches.stop());
  const submitThrough = (given: Submit) => {
    through = given;
    selfSubmission.start();
    fetches.start();
  };
  return { fetches, uploads, submitThrough };
}

async function openPeers(
  base: Base,
  host: string,
  tasks: Tasks,
  uploads: Uploads,
  onServed: (bytes: number) => void,
): Promise<number> {
  const { config, store, lifecycle } = base;
  const service = peersService({
    store: store.blobs,
    onServed,
    uploads,
    cut: tasks.cut,
    inits: tasks.inits,
  });
  const listener = await listen(service, { host, port: config.peerPort, report: reportFailure(base) });
  lifecycle.onStop("peers' HTTP", () => listener.close());
  return listener.port;
}
