/** Finished assets as this node knows them: rows of the Assets service and of GET /assets. */
import type { MeshState } from "../core/mesh-state.js";

/** The fields of Asset in proto/reelmesh/v1/jobs.proto. */
export interface AssetRow {
  asset: string;
  name: string;
  job: string;
  seconds: number;
  bytes: number;
  files: number;
  renditions: string[];
  held: boolean;
  finishedMs: number;
}

/** Newest first. */
export function assetRows(mesh: MeshState, replicator: { isComplete(asset: string): boolean }): AssetRow[] {
  const rows: AssetRow[] = [];
  for (const job of mesh.jobs.values()) {
    if (job.package === null) continue;
    rows.push({
      asset: job.asset,
      name: job.name,
      job: job.id,
      seconds: job.plan?.seconds ?? 0,
      bytes: job.package.bytes,
      files: job.package.files,
      renditions: job.plan?.renditions ?? [],
      held: replicator.isComplete(job.asset),
      finishedMs: job.endedMs,
    });
  }
  return rows.reverse();
}
