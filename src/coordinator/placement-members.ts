/**
 * Which nodes blobs are placed on, as the coordinator decides it for all. A node is
 *
 *   outside   until it has been heard for the settling time, while the log names the nodes or more are there than hold
 *             everything; then it is named, and is
 *   a member  until it has not been heard for as long as the patience. A restart, a drain or a reboot changes nothing:
 *             its copies are made elsewhere only when it stays away
 *
 * Copies asked for: the most that any node was started with. They grow at once, and shrink when every member is there
 * to say so.
 */
import { EVERYWHERE_UP_TO, type Placement } from "../core/placement.js";

/** A node must have run for so long, in seconds, before blobs are placed on it: many start one after another. */
const SETTLE_SECONDS = 5;

/** A node as the coordinator hears of it. */
export interface PlacementNode {
  id: string;
  /** Whether it is there now; undefined: nobody can tell, because this node hears nobody. */
  present: boolean | undefined;
  uptimeSeconds: number;
  /** Copies that it was told to ask for; 0: it does not say. */
  replicas: number;
}

export interface PlacementMembers {
  readonly patienceMs: number;
  /** Since when a member has not been heard, by this node's clock in milliseconds. */
  silentSince: Map<string, number>;
}

export function newPlacementMembers(patienceMs: number): PlacementMembers {
  return { patienceMs, silentSince: new Map() };
}

/** The placement that should be recorded; undefined: the one that is stays. */
export function stepPlacement(
  members: PlacementMembers,
  now: number,
  current: Placement | null,
  heard: PlacementNode[],
): Placement | undefined {
  if (heard.some(({ present }) => present === undefined)) return undefined;
  const present = heard.filter(({ present }) => present);
  const known = current?.nodes ?? [];
  const settled = present.filter(({ id, uptimeSeconds }) => known.includes(id) || uptimeSeconds >= SETTLE_SECONDS);
  const there = new Set(settled.map(({ id }) => id));
  watchSilence(members, now, known, there);
  if (current === null && there.size <= EVERYWHERE_UP_TO) return undefined;
  const patient = (id: string) => now - (members.silentSince.get(id) ?? now) < members.patienceMs;
  const kept = known.filter((id) => there.has(id) || patient(id));
  const nodes = [...new Set([...kept, ...there])].sort();
  const asked = Math.max(1, ...present.map(({ replicas }) => replicas));
  const isWhole = nodes.every((id) => there.has(id));
  const replicas = isWhole ? asked : Math.max(asked, current?.replicas ?? 0);
  const same = current !== null && replicas === current.replicas && nodes.join() === known.join();
  return same ? undefined : { replicas, nodes };
}

function watchSilence(members: PlacementMembers, now: number, known: string[], there: Set<string>): void {
  const silent = known.filter((id) => !there.has(id));
  members.silentSince = new Map(silent.map((id) => [id, members.silentSince.get(id) ?? now]));
}
