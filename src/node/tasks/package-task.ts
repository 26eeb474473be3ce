/** The package task: verify that everything joins, and write the playlists, the MPD and the asset's manifest. */
import { assembleAsset } from "../../core/assemble.js";
import { assetFiles, manifestTexts } from "../../core/asset-files.js";
import { chapterFiles } from "../../core/chapters.js";
import { ReelmeshError } from "../../core/errors.js";
import type { AssetManifest, EncodedMedia } from "../../core/media.js";
import { checkCaps } from "../../core/stream-caps.js";
import type { BlobReference, PackageTask, TaskResult } from "../../core/work.js";
import { copyToPeer, putBytes, readJson, readPlan, type TaskContext } from "./context.js";

export async function runPackageTask(
  context: TaskContext,
  job: string,
  task: PackageTask,
  signal: AbortSignal,
): Promise<TaskResult> {
  const plan = await readPlan(context, task.plan, job, task.holders, signal);
  const encoded: { task: string; media: EncodedMedia }[] = [];
  for (const { task: name, result } of task.encoded) {
    if (!result?.listing) throw new ReelmeshError("INTERNAL", `task ${name} of job ${job} has no result`);
    const media = await readJson<EncodedMedia>(context, result.listing, job, result.holders, signal);
    encoded.push({ task: name, media });
  }
  const made = assembleAsset(plan, encoded);
  const chapters: BlobReference[] = [];
  for (const [path, { type, text }] of Object.entries(chapterFiles(plan))) {
    const stored = await putBytes(context, text, job);
    chapters.push(stored);
    made.files[path] = { ...stored, type };
  }
  checkCaps(plan, made.renditions);
  const manifests: Record<string, BlobReference> = {};
  for (const [path, text] of Object.entries(manifestTexts(made))) {
    manifests[path] = await putBytes(context, text, job);
  }
  const files = assetFiles(made, manifests);
  const asset: AssetManifest = { version: 1, asset: task.asset, seconds: plan.seconds, files };
  const manifest = await putBytes(context, JSON.stringify(asset), job);
  return {
    kind: "package",
    package: {
      manifest,
      files: Object.keys(files).length,
      bytes: Object.values(files).reduce((sum, file) => sum + file.bytes, 0),
      holders: await copyToPeer(context, [manifest, ...Object.values(manifests), ...chapters], job, signal),
    },
  };
}
