/**
 * Who makes the mesh log where there is none, or only an empty one: after its store was wiped, on new servers, and in
 * a new mesh.
 *
 * The live node that has read the log the furthest does it, of equals the one with the smallest id; it begins the log
 * at the next sequence with a snapshot of what it knows. It waits a while first: what is not heard yet may know more,
 * and servers that have just started may not have found the log yet. If it does not come to do it, the next in line
 * does, one more turn later. A node that knows nothing makes a log only where nobody is heard that knows something.
 *
 * Two that do it at once do no harm: the log takes one first entry, and whoever wrote the other reads on from there.
 */
export interface Candidate {
  id: string;
  /** Newest entry that it has read; 0 for none. */
  sequence: number;
}

/** Several heartbeats of each node. */
const QUIET_MS = 3_000;
/** For each candidate before this one. */
const TURN_MS = 10_000;

/** `waitedMs`: since this node found that there is no log. `fresh`: the servers are this node's own and hold nothing yet. */
export function mayFound(self: Candidate, others: Candidate[], waitedMs: number, fresh: boolean): boolean {
  const before = others.filter((other) => comesBefore(other, self));
  if (self.sequence === 0) {
    if (before.some((other) => other.sequence > 0)) return false;
    if (fresh) return true;
  }
  return waitedMs >= QUIET_MS + before.length * TURN_MS;
}

function comesBefore(one: Candidate, other: Candidate): boolean {
  return one.sequence !== other.sequence ? one.sequence > other.sequence : one.id < other.id;
}
