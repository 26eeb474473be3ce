/**
 * Whether a node runs one of the mesh's own NATS servers. Its seat is
 *
 *   none      entered when the log gives its slot to another node, or when what it was asked for was not recorded
 *   asked     the coordinator has had it start a server that the log does not name yet. Left for `member` when the log
 *             does, and for `none` when it has not for the trial time
 *   member    the log names it. Its server is started after the listening time, unless another node is heard to hold
 *             the slot: the log that this node has read may be old, and two servers of one name fight
 *
 * A server by itself that is newer than the log is kept: its node began the mesh, or was told to begin anew.
 *
 * The listening time serves a move as well: meanwhile the others read the entry that moves them from the old server.
 */
import type { Core } from "./facts.js";

export const LISTEN_MS = 2_500;
export const TRIAL_MS = 60_000;

export interface Seat {
  generation: number;
  slot: number;
}

export interface SeatSight {
  now: number;
  nodeId: string;
  /** As far as the node has read the log. */
  core: Core;
  /** Since when the node has known the core as it is, in milliseconds of its clock. */
  coreSince: number;
  /** The server that runs; one with routes is a member of a cluster. */
  running: (Seat & { routes?: string[] }) | undefined;
  /** What the coordinator asked for, and when. */
  asked: (Seat & { at: number }) | undefined;
  /** Whether another live node says that it holds a slot. */
  claimed(seat: Seat): boolean;
}

export type SeatDecision = { kind: "keep" } | { kind: "start"; seat: Seat } | { kind: "stop" };

const KEEP: SeatDecision = { kind: "keep" };

export function decideSeat(sight: SeatSight): SeatDecision {
  const { core, running, asked, now } = sight;
  const mine = slotOf(core, sight.nodeId);
  if (mine !== undefined && isSame(running, mine)) return KEEP;
  if (asked !== undefined && isSame(running, asked)) return now - asked.at < TRIAL_MS ? KEEP : { kind: "stop" };
  if (isUnrecorded(core, running)) return KEEP;
  if (mine === undefined || sight.claimed(mine)) return running === undefined ? KEEP : { kind: "stop" };
  return now - sight.coreSince < LISTEN_MS ? KEEP : { kind: "start", seat: mine };
}

/** Whether the server is one by itself that the log does not name yet. */
export function isUnrecorded({ generation }: Core, running: SeatSight["running"]): boolean {
  return running !== undefined && running.routes === undefined && running.generation > generation;
}

/** The seat that a core gives to a node. */
export function slotOf(core: Core, nodeId: string): Seat | undefined {
  const server = core.servers.find((one) => one.nodeId === nodeId);
  return server === undefined ? undefined : { generation: core.generation, slot: server.slot };
}

export function isSame(one: Seat | undefined, other: Seat): boolean {
  return one?.generation === other.generation && one.slot === other.slot;
}

/** Name of a cluster's member: the slot is its identity in the cluster's groups, whichever machine runs it. */
export function memberName(slot: number): string {
  return `core-${slot}`;
}
