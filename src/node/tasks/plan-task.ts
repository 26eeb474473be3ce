/** The plan task: index the source and cut its timeline; see src/core/plan.ts for the rules. */
import { rm } from "node:fs/promises";
import { ReelmeshError } from "../../core/errors.js";
import { jobOwner } from "../../core/owners.js";
import { buildPlan, plannedTasks } from "../../core/plan.js";
import type { BlobReference, PlanTask, TaskResult } from "../../core/work.js";
import { chooseRates } from "./choose-rates.js";
import { copyToPeer, ensureHeld, putBytes, type TaskContext } from "./context.js";
import { confirmInits, pinInits, tryInits } from "./init-segments.js";
import type { MediaTools } from "./media-tools.js";

export async function runPlanTask(
  context: TaskContext,
  media: MediaTools,
  job: string,
  task: PlanTask,
  signal: AbortSignal,
): Promise<TaskResult> {
  const { source: submitted, options, holders } = task;
  if (submitted === null || options === null) throw new ReelmeshError("INTERNAL", `job ${job} has no source`);
  const beside = options.subtitles.flatMap(({ file }) => file ?? []);
  for (const blob of [submitted, ...beside]) await ensureHeld(context, blob, job, holders, signal);
  const scratch = await context.store.scratch();
  try {
    const file = await context.store.path(submitted.sha256);
    const prepared = await media.prepare(file, task.fileName, scratch, signal, task.decode);
    const source = prepared.file === file ? submitted : await context.store.adopt(prepared.file, jobOwner(job));
    const sourceFile = await context.store.path(source.sha256);
    const captions = await media.findCaptions(sourceFile, prepared.summary, signal);
    const known = { ...prepared, summary: { ...prepared.summary, captions }, job, source, options };
    const whole = buildPlan(known);
    const sampled = () => buildPlan({ ...known, chunkSeconds: options.segmentSeconds });
    const planned = await chooseRates(media, whole, sampled, sourceFile, scratch, signal);
    const inits = await tryInits(context, media, planned, signal);
    const plan = inits === undefined ? planned : pinInits(planned, inits);
    const reference = await putBytes(context, JSON.stringify(plan), job);
    const blobs: BlobReference[] = [reference, source, ...beside];
    const kept = await copyToPeer(context, blobs, job, signal);
    if (inits !== undefined) await confirmInits(context, blobs, inits, job, signal);
    return {
      kind: "plan",
      plan: {
        plan: reference,
        holders: kept,
        tasks: plannedTasks(plan),
        frames: plan.video?.frames ?? 0,
        seconds: plan.seconds,
        renditions: plan.video?.renditions.map((rendition) => rendition.name) ?? [],
        notes: plan.notes,
      },
    };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
