/** Who is there, who asks for work, and who is set aside: what each change of it means for claims and jobs. */
import { lookAgain } from "./job-book.js";
import { nodeOf, tidyNode } from "./node-book.js";
import type { Claim, Schedule } from "./schedule-state.js";

export function enterClaim(schedule: Schedule, claim: Claim, now: number): void {
  const node = nodeOf(schedule, claim.nodeId, now);
  schedule.claims.set(claim.id, claim);
  node.claims.add(claim);
  if (!schedule.aside.has(node.id)) queueOf(schedule, claim).set(claim);
  if (node.claims.size === 1 && !schedule.live.has(node.id)) lookAgain(schedule, node.holds);
}

export function leaveClaim(schedule: Schedule, id: string): void {
  const claim = schedule.claims.get(id);
  if (claim === undefined) return;
  schedule.claims.delete(id);
  queueOf(schedule, claim).delete(claim);
  const node = nodeOf(schedule, claim.nodeId);
  node.claims.delete(claim);
  if (node.claims.size === 0 && !schedule.live.has(node.id)) lookAgain(schedule, node.holds);
  tidyNode(schedule, node);
}

function queueOf(schedule: Schedule, { light }: Claim) {
  return light ? schedule.lights : schedule.slots;
}

/** The nodes that were heard of lately: jobs whose inputs come or go with one are looked at again. */
export function setLive(schedule: Schedule, live: Set<string>): void {
  const changed = differences(schedule.live, live);
  if (changed.length === 0) return;
  schedule.live = live;
  countAble(schedule);
  for (const id of changed) {
    const node = schedule.nodes.get(id);
    if (node !== undefined) lookAgain(schedule, node.holds);
  }
}

/** The mesh state may name other nodes that are set aside: their claims wait apart. */
export function lookAside(schedule: Schedule): void {
  const aside = new Set(schedule.mesh.setAside.keys());
  const changed = differences(schedule.aside, aside);
  if (changed.length === 0) return;
  schedule.aside = aside;
  countAble(schedule);
  for (const id of changed) {
    const node = nodeOf(schedule, id);
    node.accused = false;
    node.faults = 0;
    for (const claim of node.claims) {
      if (aside.has(id)) queueOf(schedule, claim).delete(claim);
      else queueOf(schedule, claim).set(claim);
    }
    tidyNode(schedule, node);
  }
}

function countAble(schedule: Schedule): void {
  schedule.able = new Set([...schedule.live].filter((id) => !schedule.aside.has(id)));
}

/** What is in one of the two only. */
function differences(a: Set<string>, b: Set<string>): string[] {
  return [...[...a].filter((id) => !b.has(id)), ...[...b].filter((id) => !a.has(id))];
}
