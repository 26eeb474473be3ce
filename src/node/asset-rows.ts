/** Finished assets as this node knows them: rows of the Assets service and of GET /assets. */
import type { MeshState } from "../core/mesh-state.js";
import type { Survey } from "./replication/survey.js";

/** A finished asset, as `GET /assets` lists it. */
export interface AssetSummary {
  asset: string;
  name: string;
  job: string;
  /** Seconds of media. */
  seconds: number;
  /** Bytes and number of its files. */
  bytes: number;
  files: number;
  renditions: string[];
  /** Milliseconds since 1970. */
  finishedMs: number;
}

/** The fields of Asset in proto/reelmesh/v1/jobs.proto. */
interface AssetRow extends AssetSummary {
  /** Whether this node holds every byte of it that is placed here. */
  held: boolean;
}

/** A row with what is known of its copies; nothing is known of an asset that has just come. */
export function withCopies(row: AssetRow, { counts, wanted }: Pick<Survey, "counts" | "wanted">) {
  const { copies, lacking } = counts.get(row.asset) ?? { copies: 0, lacking: row.files };
  return { ...row, available: lacking === 0, copiesWanted: wanted, copies, filesLacking: lacking };
}

/** Newest first. */
export function assetRows(mesh: MeshState, replicator: { isComplete(asset: string): boolean }): AssetRow[] {
  const rows: AssetRow[] = [];
  for (const id of mesh.assets.values()) {
    const job = mesh.jobs.get(id);
    if (job === undefined || job.package === null) continue;
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
