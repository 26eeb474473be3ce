/** The mesh's own NATS servers: which this node runs, and how it follows them wherever they go. */
import { join } from "node:path";
import type { Seat } from "../../core/core-seat.js";
import { joinAddress } from "../addresses.js";
import { systemClock } from "../clock.js";
import { type CoreView, coreNodes } from "../core-status.js";
import type { MeshPlace, RememberedMesh } from "../find-mesh.js";
import type { Members, NodeSummary } from "../members.js";
import { type Bus, connectBus } from "../nats/bus.js";
import { openHeartbeats } from "../nats/heartbeats.js";
import { STREAM } from "../nats/mesh-log.js";
import { clusterName } from "../nats/server-configuration.js";
import { NatsServer } from "../nats/server-process.js";
import { natsServerProgram } from "../nats/server-program.js";
import { awaitJetStream, streamStatus, tendCopies } from "../nats/stream-status.js";
import { version } from "../paths.js";
import { services } from "../proto.js";
import { SeatHolder } from "../seat-holder.js";
import type { Base } from "./base.js";
import type { Mesh } from "./parts.js";

/** How long a node that starts waits for the other servers, and then for another holder of its slot to be heard. */
const REACH_MS = 3_000;
const HEAR_MS = 2_500;
/** A node that has been cut off for this long asks others where the servers are, and asks again as often. */
const ASK_MS = 5_000;
const LOOK_MS = 1_000;
/** How often the log's copies are counted. */
const TEND_MS = 10_000;
const OFFER_MS = 5_000;
/** Longer than a member waits for its cluster. */
const SERVE_MS = 70_000;

export interface CoreParts {
  external: boolean;
  canServe: boolean;
  seat: SeatHolder;
  /** URLs of the servers to use now. */
  urls(): string[];
}

/** Starts this node's server where it has one to run, or where it begins a mesh. */
export async function openCore(
  base: Base,
  members: Members,
  place: MeshPlace,
  signal: AbortSignal,
): Promise<CoreParts> {
  const { config, id: nodeId, report, lifecycle, tail } = base;
  const { listen: host, advertise, external } = place;
  const server = new NatsServer({
    folder: join(config.data, "nats"),
    name: `${config.name}-${nodeId.slice(0, 8)}`,
    host,
    advertise,
    port: config.natsPort,
    routePort: config.routePort,
    report,
  });
  const seat = new SeatHolder({
    nodeId,
    external,
    server,
    address: (port) => joinAddress(advertise, port),
    mesh: tail.state,
    claimed: (wanted) => members.claimed(wanted),
    works: (client, patienceMs, stop) => awaitJetStream(`nats://${client}`, patienceMs, stop),
    clock: systemClock,
    report,
  });
  lifecycle.onStop("nats-server", () => seat.stop());
  const anew = config.newCore === true;
  if (!external && place.nats.length === 0) place.nats = [`nats://${await seat.begin({ anew })}`];
  else if (!external && place.generation <= tail.state.core.generation)
    await seat.resume((wanted, others) => hearClaim(base, wanted, others, signal));
  const urls = () => {
    const { servers } = tail.state.core;
    if (external || servers.length === 0 || seat.unrecorded() !== null) return place.nats;
    // This node knows better than the log where its own server listens since its last start.
    const own = seat.seat()?.client;
    return servers.map(({ nodeId: member, client }) => `nats://${(member === nodeId && own) || client}`);
  };
  return { external, canServe: await canServe(base, external), seat, urls };
}

async function canServe({ report }: Base, external: boolean): Promise<boolean> {
  if (external) return false;
  try {
    await natsServerProgram();
    return true;
  } catch (error) {
    report("this node cannot run a NATS server for the mesh", { error });
    return false;
  }
}

/** Whether another node is heard on the other servers that holds the slot. */
async function hearClaim(base: Base, wanted: Seat, others: string[], signal: AbortSignal): Promise<boolean> {
  const urls = others.map((client) => `nats://${client}`);
  const bus = await connectBus(urls, base.config.name, { timeoutMs: REACH_MS }).catch(() => undefined);
  if (bus === undefined) return false;
  const heard = new AbortController();
  const heartbeats = openHeartbeats(bus, ({ id, seat }: NodeSummary) => {
    const isIt = seat?.slot === wanted.slot && seat.generation >= wanted.generation;
    if (isIt && id !== base.id) heard.abort();
  });
  const wait = AbortSignal.any([heard.signal, signal]);
  await systemClock.sleep(HEAR_MS, wait);
  heartbeats.stop();
  await bus.close();
  return heard.signal.aborted;
}

/** Keeps the bus, the node's memory and its server with the core as the log tells it. */
export function followCore(
  base: Base,
  members: Members,
  { place, core, bus }: Pick<Mesh, "place" | "core" | "bus">,
  leads: () => boolean,
): void {
  if (core.external) return;
  const { tail, lifecycle } = base;
  let told = "";
  const look = () => {
    if (core.seat.unrecorded() !== null) return;
    const { generation, servers } = tail.state.core;
    const urls = core.urls();
    if (urls.join() !== told) remember(base, place, urls);
    told = urls.join();
    if (servers.length > 1) bus.move(urls, clusterName(generation));
    void core.seat.look();
  };
  // At once, so that nothing is appended after the entry that ends the log on the old servers.
  tail.onEntry((entry) => {
    if (entry.kind === "coreChanged") look();
    else void core.seat.settled();
  });
  // What the log tells without that entry, in a snapshot, is seen a moment later.
  const regular = () => tail.caughtUp && look();
  lifecycle.onStop("core", systemClock.every(LOOK_MS, regular));
  core.seat.watch();
  members.onHeard(({ seat }) => seat !== null && core.seat.heard(seat));
  let read = 0;
  const tend = async () => {
    const copies = tail.state.core.servers.length;
    const before = read;
    read = tail.state.sequence;
    if (copies < 2) return;
    await core.seat.watchCopy(STREAM, await streamStatus(bus), before);
    if (leads()) await tendCopies(bus, copies);
  };
  lifecycle.onStop(
    "copies of the log",
    systemClock.every(TEND_MS, () => void tend()),
  );
  askWhileAway(base, members, bus);
}

function remember({ store, tail, id, report }: Base, { listen }: MeshPlace, nats: string[]): void {
  const { servers } = tail.state.core;
  // The only server's node need not be told where it is.
  if (servers.length === 0 || (servers.length === 1 && servers[0]?.nodeId === id)) return;
  const mesh: RememberedMesh = { nats, listen, external: false };
  store.settings.put("mesh", mesh).catch((error: unknown) => report("the mesh could not be remembered", { error }));
}

/** A node that missed a move finds the servers through the others. */
function askWhileAway({ clients, config, id, tail, lifecycle, report }: Base, members: Members, bus: Bus): void {
  const ask = async () => {
    if (bus.connected()) return;
    const peers = members.list().filter((row) => row.id !== id);
    const request = { name: config.name, version };
    const answers = await Promise.allSettled(
      peers.map(({ grpc }) => clients.call(grpc, services.Node.Join, request, { deadlineMs: ASK_MS / 2 })),
    );
    for (const answer of answers) {
      if (bus.connected() || answer.status === "rejected") continue;
      const { nats, generation, external } = answer.value;
      if (external || generation <= tail.state.core.generation) continue;
      report("another node knows newer NATS servers", { nats: nats.join(",") });
      return bus.move(nats, clusterName(generation));
    }
  };
  lifecycle.onStop(
    "search for the core",
    systemClock.every(ASK_MS, () => void ask()),
  );
}

/** What the coordinator asks of the nodes: the adapter of CorePort in src/coordinator/core-keeper.ts. */
export function corePort({ clients }: Base, members: Members) {
  return {
    nodes: () => coreNodes(members.list()),
    offer: ({ grpc }: { grpc: string }, signal: AbortSignal) =>
      clients.call(grpc, services.Node.OfferCore, {}, { deadlineMs: OFFER_MS, signal }),
    serve: async ({ grpc }: { grpc: string }, core: Parameters<SeatHolder["serve"]>[0], signal: AbortSignal) => {
      await clients.call(grpc, services.Node.ServeCore, core, { deadlineMs: SERVE_MS, signal });
    },
  };
}

export function coreView({ external, canServe, seat }: CoreParts, bus: Bus): CoreView {
  return { external, canServe, seat: () => seat.seat(), stream: () => streamStatus(bus) };
}
