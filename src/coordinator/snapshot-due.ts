/**
 * When the coordinator writes a snapshot: after as many entries as it has rows (jobs, and finished tasks of those that go
 * on), and at least a thousand. So writing them costs a constant share of what the entries cost; and the log never holds
 * more than about twice what there is to know.
 */
import type { MeshState } from "../core/mesh-state.js";

const FEWEST_ENTRIES = 1_000;

export function isSnapshotDue({ sequence, snapshot, jobs, active }: MeshState, fewest = FEWEST_ENTRIES): boolean {
  const entries = sequence - snapshot;
  if (entries < Math.max(fewest, jobs.size)) return false;
  let rows = jobs.size;
  for (const id of active) rows += jobs.get(id)?.finished.size ?? 0;
  return entries >= rows;
}
