/**
 * Nodes in the schedule. A node is there while it is live (heard of lately on the bus) or asks for work; it is able while
 * it is live and not set aside. What is kept of one goes when nothing refers to it any more.
 */
import type { NodeBook, Schedule } from "./schedule-state.js";

/** The node's book, made where there is none. `now`: it was heard just now. */
export function nodeOf(schedule: Schedule, id: string, now = Number.NEGATIVE_INFINITY): NodeBook {
  let node = schedule.nodes.get(id);
  if (node === undefined) {
    node = { id, leases: 0, heardAt: now, claims: new Set(), faults: 0, accused: false, holds: new Set() };
    schedule.nodes.set(id, node);
  }
  node.heardAt = Math.max(node.heardAt, now);
  return node;
}

export function tidyNode(schedule: Schedule, node: NodeBook): void {
  const used = node.leases > 0 || node.claims.size > 0 || node.holds.size > 0;
  if (!used && node.faults === 0 && !node.accused) schedule.nodes.delete(node.id);
}

export function isThere(schedule: Schedule, id: string): boolean {
  return schedule.live.has(id) || (schedule.nodes.get(id)?.claims.size ?? 0) > 0;
}
