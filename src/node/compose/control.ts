import { viewJob } from "../../coordinator/job-view.js";
import { type PageRequest, pageOfJobs } from "../../core/job-pages.js";
import type { JobRecord } from "../../core/job-record.js";
import { joinAddress, splitAddress } from "../addresses.js";
import { assetRows, withCopies } from "../asset-rows.js";
import { systemClock } from "../clock.js";
import { lackOfMajority } from "../core-status.js";
import { meshCredentials } from "../credentials.js";
import { fetchingJobs } from "../fetching-jobs.js";
import { coordinatorService } from "../grpc/coordinator-service.js";
import { jobsService, submitJob } from "../grpc/jobs-service.js";
import { nodeServices } from "../grpc/node-service.js";
import { startGrpcServer } from "../grpc/server.js";
import { openHeartbeats } from "../nats/heartbeats.js";
import { nodeStatus, summarise } from "../status.js";
import { prepareSubmission, type Submission } from "../submission.js";
import type { Base } from "./base.js";
import { coreView } from "./core.js";
import type { Mesh, Parts } from "./parts.js";
import type { Shelf } from "./shelf.js";

const HEARTBEAT_MS = 1_000;
/** Whoever has just started has not heard everybody yet. */
const HEARING_MS = 5_000;
const CUT_OFF = "the mesh's NATS server cannot be reached, so no work is taken: start the node that runs it again";

export interface Addresses {
  grpc: string;
  http: string;
  peer: string;
}

export async function openControl(base: Base, shelf: Shelf, mesh: Mesh, parts: Parts): Promise<Addresses> {
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

type Self = Parameters<typeof nodeStatus>[0];

function describeSelf(base: Base, shelf: Shelf, { bus, core }: Mesh, parts: Parts, addresses: Addresses): Self {
  const { id, config, startedAt, tail, store, encoders, confinement, admission } = base;
  const { members, replicator } = shelf;
  const { coordinator, worker, slots, keeping, rememberer } = parts;
  return {
    id,
    name: config.name,
    addresses,
    https: config.tlsCert !== undefined,
    slots: () => slots.slots,
    replicas: config.replicas,
    state: () => admission.state(worker.running().length),
    data: config.data,
    startedAt,
    mesh: tail.state,
    members,
    store: store.blobs,
    encoders,
    confinement,
    clock: systemClock,
    leads: () => coordinator.leads,
    remembered: () => rememberer.count,
    missing: () => replicator.missing,
    transfers: shelf.transfers,
    survey: () => shelf.surveyor.survey(),
    running: () => worker.running(),
    fetching: () => shelf.fetches.list(),
    busy: () => worker.busy(),
    bus,
    core: coreView(core, bus),
    storeStatus: () => keeping.status(),
  };
}

function grpcServices(base: Base, shelf: Shelf, { core, bus }: Mesh, parts: Parts, self: Self) {
  const { id: nodeId, config, startedAt, tail, store, media, clients, admission } = base;
  const { members, replicator, holdings, surveyor, tasks } = shelf;
  const { coordinator, readmit } = parts;
  /** Whoever has the newest term, while it is heard. */
  const presentLeader = () => {
    const leader = members.leader(tail.state);
    return leader !== undefined && members.live().has(leader.id) ? leader : undefined;
  };
  const submission = { nodeId, store: store.blobs, mesh: tail.state, media, encoders: () => members.encoders() };
  const view = (job: JobRecord) => viewJob(job, [], [], tail.state.term, (id) => members.nameOf(id));
  const jobs = {
    coordinator,
    clients,
    coordinatorAddress: () => {
      const leader = presentLeader();
      return leader?.id === nodeId ? undefined : leader?.grpc;
    },
    obstacle: () => {
      if (!bus.connected()) return CUT_OFF;
      const led = coordinator.leads || presentLeader()?.coordinates === true;
      const hasHeard = systemClock.now() - startedAt > HEARING_MS;
      return led || !hasHeard ? undefined : lackOfMajority(tail.state.core, members);
    },
    recorded: (id: string) => {
      const job = tail.state.jobs.get(id);
      return job === undefined ? undefined : view(job);
    },
    recordedList: (request: PageRequest) => {
      const { jobs, more } = pageOfJobs(tail.state, request);
      return { jobs: jobs.map(view), more };
    },
    fetching: fetchingJobs(members, self, (job) => tail.state.jobs.has(job)),
    async *fetch(url: string, wanted: Submission, signal: AbortSignal) {
      const { job } = await shelf.fetches.add(url, wanted);
      yield* shelf.fetches.follow(job, signal);
    },
    cancelFetch: (job: string) => shelf.fetches.cancel(job),
    prepare: <Request extends Submission>(request: Request, signal: AbortSignal) =>
      prepareSubmission(submission, request, signal),
  };
  shelf.submitThrough((request, signal) =>
    submitJob(jobs, { ...request, forwarded: false }, { signal, deadline: Number.POSITIVE_INFINITY }),
  );
  return [
    coordinatorService(coordinator, systemClock),
    jobsService(jobs),
    ...nodeServices({
      status: () => nodeStatus(self),
      nodes: () => members.list(),
      join: () => ({
        nats: core.urls(),
        name: config.name,
        external: core.external,
        generation: core.seat.unrecorded()?.generation ?? tail.state.core.generation,
      }),
      offerCore: () => core.seat.offer(),
      serveCore: (wanted, signal) => core.seat.serve(wanted, signal),
      hold: tasks.holdHere,
      holds: (placement, asset, blobs) => holdings.holds(placement, asset, blobs),
      unsettled: async (logSequence, signal) => {
        await tail.applied(logSequence, signal);
        return holdings.unsettled();
      },
      assets: async () => {
        const survey = await surveyor.survey();
        return assetRows(tail.state, replicator).map((row) => withCopies(row, survey));
      },
      drain: () => admission.drain(),
      pause: () => admission.pause(),
      async resume(signal) {
        await admission.resume();
        if (tail.state.setAside.has(nodeId)) await readmit(signal);
      },
      summary: () => summarise(self),
    }),
  ];
}

function startHeartbeats(base: Base, { members }: Shelf, { bus }: Mesh, { coordinator }: Parts, self: Self): void {
  const { lifecycle, tail, admission } = base;
  members.hearThrough(() => bus.connected());
  members.onHeard((one) => coordinator.heard(one.id, one.term, one.coordinates, one.state === "stopped"));
  const heartbeats = openHeartbeats(bus, (summary) => members.heard(summary));
  const beat = (state?: "stopped") => {
    const summary = summarise(self, state);
    members.heard(summary);
    heartbeats.send(summary);
  };
  beat();
  const pulse = setInterval(() => beat(), HEARTBEAT_MS);
  // The others hear of a new coordinator when it has begun, and need not wait for its next beat.
  coordinator.onLead(() => beat());
  // Nothing is decided of a job while a node remembers what the log has lost: the coordinator hears of it at once.
  tail.onReset(() => beat());
  admission.onChange(() => beat());
  lifecycle.onStop("heartbeats", () => {
    clearInterval(pulse);
    heartbeats.stop();
    beat("stopped");
  });
}
