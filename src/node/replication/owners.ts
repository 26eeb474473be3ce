/**
 * Who owns a blob says what it is held for:
 *
 *   job:<id>                 source, plan and chunks; released when the job is not kept any more (its asset is held first)
 *   asset:<name>             this node's share of the files of a finished asset, and its manifest
 *   cache:<name>             files that a viewer asked for and that are placed elsewhere; may go at any time
 *   whole:<hash>             the manifest of that hash, once every file is held: the next start reads no manifest of these
 *   share:<placement>:<hash> the same, once exactly this node's share under a placement is held
 */
import { ReelmeshError } from "../../core/errors.js";
import type { JobRecord } from "../../core/job-record.js";
import { CACHE_OWNER } from "../../core/ports.js";
import type { BlobReference } from "../../core/work.js";

export function assetOwner(asset: string): string {
  return `asset:${asset}`;
}

export function cacheOwner(asset: string): string {
  return `${CACHE_OWNER}${asset}`;
}

/** INTERNAL for a job that is not done. */
export function manifestOf(job: JobRecord): BlobReference {
  const reference = job.package?.manifest;
  if (reference) return reference;
  throw new ReelmeshError("INTERNAL", `job ${job.id} is done without a manifest`);
}

/** Nodes that are known to hold parts of a finished job. */
export function holdersOf(job: JobRecord): string[] {
  const encoded = [...job.finished.values()].flatMap(({ result }) => result.holders);
  return [...new Set([...(job.package?.holders ?? []), ...encoded])];
}
