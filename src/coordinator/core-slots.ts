/**
 * Who runs the mesh's own NATS servers. The core is in one of these states:
 *
 *   unrecorded   a live node runs a server by itself that is newer than what the log names, because it began the mesh
 *                or was told to begin anew (--new-core); it is recorded, and the core is `one`
 *   one          one server, of the node that began the mesh. Left when three nodes have been ready for the settling
 *                time: the two that have been there longest join the first in a cluster of the next generation, which
 *                begins with empty stores
 *   three        three slots. A member whose node is not heard, or runs no server, for as long as the patience loses
 *                its slot to the node that has been there longest; the generation stays. Never left
 *
 * A member that comes back at another address keeps its slot, and the new address is recorded.
 *
 * At most one change is under way at a time, and the log records it when the servers that it needs have started. A
 * node on which that failed is passed over for a while. Where any node was told to use NATS servers of somebody
 * else's, nothing changes: there the core is not the mesh's business.
 *
 * Two members away at once are not replaced: without a majority the log takes nothing, and so no decision either.
 */
import type { Core, CoreServer } from "../core/facts.js";

const CORE_SIZE = 3;
/** Three nodes must have been there this long: machines that start together come one after another. */
export const SETTLE_MS = 5_000;
/** A node on which a server did not start is passed over this long. */
export const BAR_MS = 60_000;

/** A node as the coordinator hears of it. */
export interface CoreNode {
  id: string;
  name: string;
  /** host:port of its gRPC listener. */
  grpc: string;
  /** "ready" can take a slot; "draining" keeps the one that it has; every other state is away. */
  state: string;
  /** Whether it could run a server. */
  canServe: boolean;
  external: boolean;
  uptimeSeconds: number;
  /** The server that it runs. */
  seat: { generation: number; slot: number; client: string; route: string } | null;
}

export interface CoreSlots {
  readonly patienceMs: number;
  /** Since when three nodes have been ready, in milliseconds of this node's clock; undefined: they are not. */
  readySince: number | undefined;
  /** Since when a member has been away, by node. */
  awaySince: Map<string, number>;
  /** Until when a node is passed over. */
  barredUntil: Map<string, number>;
  /** Highest generation that was ever tried: a failed try must not share its number with the next. */
  tried: number;
  changing: boolean;
}

export type CoreEvent =
  | { kind: "look"; now: number; core: Core; nodes: CoreNode[] }
  /** The change is over; `barred`: nodes on which a server did not start. */
  | { kind: "ended"; now: number; barred: string[] };

/** A change of the core, to be recorded when its servers run. */
export interface CoreChange {
  kind: "change";
  generation: number;
  /** Servers that stay as they are. */
  kept: CoreServer[];
  /** Slots whose addresses are still to be asked of their nodes. */
  taken: {
    slot: number;
    node: CoreNode /** Whether its server must run before the change is recorded. */;
    starts: boolean;
  }[];
}

export function newCoreSlots(patienceMs: number): CoreSlots {
  return {
    patienceMs,
    readySince: undefined,
    awaySince: new Map(),
    barredUntil: new Map(),
    tried: 0,
    changing: false,
  };
}

/** One step, in place; what it returns is to be done. */
export function stepCoreSlots(slots: CoreSlots, event: CoreEvent): CoreChange | undefined {
  if (event.kind === "ended") {
    slots.changing = false;
    for (const id of event.barred) slots.barredUntil.set(id, event.now + BAR_MS);
    return undefined;
  }
  const { now, core, nodes } = event;
  noteReady(slots, now, nodes);
  noteAway(slots, now, core, nodes);
  if (slots.changing || nodes.some((node) => node.external)) return undefined;
  const change = decide(slots, now, core, nodes);
  if (change === undefined) return undefined;
  slots.changing = true;
  slots.tried = Math.max(slots.tried, change.generation);
  return change;
}

function noteReady(slots: CoreSlots, now: number, nodes: CoreNode[]): void {
  const ready = nodes.filter((node) => node.state === "ready" && node.canServe).length;
  slots.readySince = ready < CORE_SIZE ? undefined : (slots.readySince ?? now);
}

function noteAway(slots: CoreSlots, now: number, core: Core, nodes: CoreNode[]): void {
  const away = core.servers.filter((server) => !serves(core, server, nodes)).map((server) => server.nodeId);
  for (const id of slots.awaySince.keys()) if (!away.includes(id)) slots.awaySince.delete(id);
  for (const id of away) if (!slots.awaySince.has(id)) slots.awaySince.set(id, now);
}

/** Whether the slot's node is there and runs its server. */
export function serves(core: Core, { nodeId, slot }: CoreServer, nodes: CoreNode[]): boolean {
  const node = nodes.find((one) => one.id === nodeId);
  const present = node?.state === "ready" || node?.state === "draining";
  return present && node.seat?.slot === slot && node.seat.generation === core.generation;
}

function decide(slots: CoreSlots, now: number, core: Core, nodes: CoreNode[]): CoreChange | undefined {
  const unrecorded = record(core, nodes) ?? readdress(core, nodes);
  if (unrecorded !== undefined) return unrecorded;
  const [only] = core.servers;
  if (only === undefined) return undefined;
  if (core.servers.length === 1) return grow(slots, now, core, only, nodes);
  return replace(slots, now, core, nodes);
}

/** A server of a cluster that is tried has a route; one by itself has none. */
function record(core: Core, nodes: CoreNode[]): CoreChange | undefined {
  for (const { id, state, seat } of byTimeThere(nodes)) {
    if (state !== "ready" || seat === null || seat.route !== "" || seat.generation <= core.generation) continue;
    const { generation, client, route } = seat;
    return { kind: "change", generation, kept: [{ slot: 1, nodeId: id, client, route }], taken: [] };
  }
  return undefined;
}

/** A member may have come back with another address or other ports. */
function readdress(core: Core, nodes: CoreNode[]): CoreChange | undefined {
  const kept = core.servers.map((server) => {
    const seat = serves(core, server, nodes) ? nodes.find((node) => node.id === server.nodeId)?.seat : undefined;
    return seat ? { ...server, client: seat.client, route: seat.route } : server;
  });
  const isNews = kept.some(({ client, route }, index) => {
    const recorded = core.servers[index];
    return client !== recorded?.client || route !== recorded.route;
  });
  return isNews ? { kind: "change", generation: core.generation, kept, taken: [] } : undefined;
}

function grow(slots: CoreSlots, now: number, core: Core, only: CoreServer, nodes: CoreNode[]): CoreChange | undefined {
  if (slots.readySince === undefined || now - slots.readySince < SETTLE_MS) return undefined;
  const holder = nodes.find((node) => node.id === only.nodeId);
  if (holder === undefined || !serves(core, only, nodes)) return undefined;
  const [second, third] = candidates(slots, now, core, nodes);
  if (second === undefined || third === undefined) return undefined;
  const seats = nodes.map((node) => node.seat?.generation ?? 0);
  return {
    kind: "change",
    generation: Math.max(core.generation, slots.tried, ...seats) + 1,
    kept: [],
    // The first server goes on until the change is recorded: it has the log that records it.
    taken: [
      { slot: 1, node: holder, starts: false },
      { slot: 2, node: second, starts: true },
      { slot: 3, node: third, starts: true },
    ],
  };
}

function replace(slots: CoreSlots, now: number, core: Core, nodes: CoreNode[]): CoreChange | undefined {
  const isOver = ({ nodeId }: CoreServer) => now - (slots.awaySince.get(nodeId) ?? now) >= slots.patienceMs;
  const lost = core.servers.find(isOver);
  const [next] = candidates(slots, now, core, nodes);
  if (lost === undefined || next === undefined) return undefined;
  return {
    kind: "change",
    generation: core.generation,
    kept: core.servers.filter((server) => server !== lost),
    taken: [{ slot: lost.slot, node: next, starts: true }],
  };
}

/** Nodes that can take a slot and have none, the one that has been there longest first. */
function candidates(slots: CoreSlots, now: number, core: Core, nodes: CoreNode[]): CoreNode[] {
  return byTimeThere(nodes).filter((node) => {
    const isMember = core.servers.some((server) => server.nodeId === node.id);
    const barred = (slots.barredUntil.get(node.id) ?? 0) > now;
    return node.state === "ready" && node.canServe && !isMember && !barred;
  });
}

function byTimeThere(nodes: CoreNode[]): CoreNode[] {
  return [...nodes].sort((a, b) => b.uptimeSeconds - a.uptimeSeconds || (a.id < b.id ? -1 : 1));
}
