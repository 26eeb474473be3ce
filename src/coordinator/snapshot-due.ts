/**
 * When the coordinator writes a snapshot: after as many entries as there are jobs, and at least a thousand. A snapshot
 * is about as large as the jobs are many, so writing them costs a constant share of what the entries cost; and the log
 * never holds more than about twice what there is to know.
 */
import type { MeshState } from "../core/mesh-state.js";

const FEWEST_ENTRIES = 1_000;

export function isSnapshotDue({ sequence, snapshot, jobs }: MeshState, fewest = FEWEST_ENTRIES): boolean {
  return sequence - snapshot >= Math.max(fewest, jobs.size);
}
