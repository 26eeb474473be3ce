/** What a node says of the NATS servers under the mesh log. */
import { serves } from "../coordinator/core-slots.js";
import type { StreamSight } from "../core/copy-watch.js";
import { memberName } from "../core/core-seat.js";
import type { Core, CoreServer } from "../core/facts.js";
import type { CoreStatus } from "../gen/reelmesh/v1/CoreStatus.js";
import type { CoreSeat, NodeSummary } from "./members.js";

/** What this node has to do with them. */
export interface CoreView {
  external: boolean;
  canServe: boolean;
  /** The server that it runs. */
  seat(): CoreSeat | null;
  /** The log's stream and its copies, as its leader sees them; undefined when nobody tells. */
  stream(): Promise<StreamSight | undefined>;
}

interface Members {
  list(): NodeSummary[];
  nameOf(id: string): string;
}

export async function coreStatus(view: CoreView, core: Core, members: Members): Promise<CoreStatus> {
  const stream = await view.stream();
  const told = { streamLeader: stream?.leader ?? "", replicas: stream?.replicas ?? [] };
  if (view.external) return { external: true, generation: 0, slots: [], ...told, lacking: [] };
  const nodes = coreNodes(members.list());
  const slots = core.servers.map((server) => ({
    slot: server.slot,
    nodeId: server.nodeId,
    nodeName: members.nameOf(server.nodeId),
    client: server.client,
    state: stateOf(core, server, nodes, told.replicas),
  }));
  // A node that is cut off knows of nobody.
  const isCutOff = slots.some(({ state }) => state === "unknown");
  const lacking = isCutOff ? [] : lackingForMajority(slots, ({ state }) => state === "up" || state === "orphaned");
  const names = lacking.map(({ nodeName }) => nodeName);
  return { external: false, generation: core.generation, slots, ...told, lacking: names };
}

/** Why nothing can be decided, as far as is heard: the nodes of most of the mesh's own servers, of several, are away. */
export function lackOfMajority(
  core: Core,
  members: Pick<Members, "nameOf"> & { live(): Set<string> },
): string | undefined {
  const live = members.live();
  const away = lackingForMajority(core.servers, ({ nodeId }) => live.has(nodeId));
  if (away.length === 0) return undefined;
  const names = away.map(({ nodeId }) => members.nameOf(nodeId)).join(", ");
  const what = `${away.length} of the ${core.servers.length} NATS servers of the core are away (${names})`;
  return `${what}, so nothing new starts: bring one of them back, or see docs/operations.md when they are gone for good`;
}

/** Those of several servers that are away, where they are too many for the others to be a majority. */
function lackingForMajority<Server>(servers: Server[], isUp: (server: Server) => boolean): Server[] {
  const away = servers.filter((server) => !isUp(server));
  return servers.length > 1 && away.length * 2 >= servers.length ? away : [];
}

/** The rows of the members as the core's rules take them. */
export function coreNodes(rows: NodeSummary[]) {
  return rows.map(({ externalNats, ...row }) => ({ ...row, external: externalNats }));
}

function stateOf(
  core: Core,
  server: CoreServer,
  nodes: ReturnType<typeof coreNodes>,
  copies: StreamSight["replicas"],
): string {
  if (serves(core, server, nodes)) return "up";
  const state = nodes.find((node) => node.id === server.nodeId)?.state ?? "unknown";
  if (state === "unknown") return "unknown";
  if (state === "ready" || state === "draining") return "starting";
  const copy = copies.find((one) => one.server === memberName(server.slot));
  return copy?.current === true ? "orphaned" : "away";
}
