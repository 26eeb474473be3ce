/**
 * The init segments that the chunks of a plan must have. A rendition has one for all of its chunks, whichever nodes made
 * them, and what it says (the parameter sets of H.264 above all) follows from the plan and from the build of ffmpeg. So
 * the plan names their hashes before any chunk is encoded: a node whose encoder gives others finds that out by itself,
 * and does so also when it would be the first to finish.
 *
 * The planner's own encoder may be the odd one. So another node makes the init segments too, and where the two differ a
 * third: a planner that stands against two fails, and another node plans.
 */
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ReelmeshError, toReelmeshError } from "../../core/errors.js";
import { splitInit } from "../../core/fragment-reader.js";
import { finishInit } from "../../core/init-segment.js";
import type { Plan } from "../../core/media.js";
import { videoTasks } from "../../core/video-tasks.js";
import type { BlobReference } from "../../core/work.js";
import type { TaskContext } from "./context.js";
import type { MediaTools } from "./media-tools.js";

/** SHA-256 of the init segment by the name of the video rendition. */
type Inits = Record<string, string>;

/** Peers that are asked at most, those that do not answer included. */
const MOST_ASKED = 4;

/** What this node's encoder gives for the film's first frame; nothing without video. MEDIA when it gives none. */
export async function makeInits(
  context: TaskContext,
  media: MediaTools,
  plan: Plan,
  signal: AbortSignal,
): Promise<Inits> {
  const [chunk] = plan.video?.chunks ?? [];
  if (plan.video === null || chunk === undefined) return {};
  const scratch = await context.store.scratch();
  try {
    const cut = join(scratch, "first.nut");
    await media.cut(plan, chunk.name, await context.store.path(plan.source.sha256), cut, signal);
    const inits: Inits = {};
    for (const task of videoTasks(plan.video).filter((one) => one.chunk === chunk)) {
      const files = await media.encodeFirstFrame(plan, task, cut, scratch, signal);
      for (const rendition of task.renditions) {
        const { name } = rendition;
        const init = finishInit(splitInit(await readFile(files[name] as string)).init, plan.video, rendition);
        inits[name] = createHash("sha256").update(init).digest("hex");
      }
    }
    return inits;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Undefined where there is nothing to join, or no frame: then the chunks themselves show what is wrong. */
export async function tryInits(
  context: TaskContext,
  media: MediaTools,
  plan: Plan,
  signal: AbortSignal,
): Promise<Inits | undefined> {
  if ((plan.video?.chunks.length ?? 0) < 2) return undefined;
  try {
    return await makeInits(context, media, plan, signal);
  } catch (error) {
    if (toReelmeshError(error).code !== "MEDIA") throw error;
    context.report("the first frame gave no init segments", { job: plan.job, error });
    return undefined;
  }
}

/** The plan that names them. */
export function pinInits(plan: Plan, inits: Inits): Plan {
  if (plan.video === null) return plan;
  const renditions = plan.video.renditions.map((rendition) => {
    const init = inits[rendition.name];
    return init === undefined ? rendition : { ...rendition, init };
  });
  return { ...plan, video: { ...plan.video, renditions } };
}

/**
 * Asks other nodes until one gives the same. MEDIA when two agree against this one. Where nobody answers, or only one
 * who says otherwise, this node's stay.
 *
 * @param blobs the plan and its source, which those who are asked must hold
 */
export async function confirmInits(
  context: TaskContext,
  blobs: BlobReference[],
  own: Inits,
  job: string,
  signal: AbortSignal,
): Promise<void> {
  const [plan] = blobs as [BlobReference];
  const dissenters = new Map<string, string>();
  for (const target of context.copyTargets(plan.sha256).slice(0, MOST_ASKED)) {
    const theirs = await ask(context, target, blobs, job, signal);
    if (theirs === undefined) continue;
    if (isSame(own, theirs)) return;
    const text = JSON.stringify(theirs);
    const ally = dissenters.get(text);
    if (ally !== undefined) throw outvoted(job, ally, target.id);
    dissenters.set(text, target.id);
  }
  if (dissenters.size > 0) {
    context.report("nodes give different init segments", { job, nodes: [...dissenters.values()].join() });
  }
}

/** Undefined when it does not say. */
async function ask(
  context: TaskContext,
  { id, grpc }: { id: string; grpc: string },
  blobs: BlobReference[],
  job: string,
  signal: AbortSignal,
): Promise<Inits | undefined> {
  const [plan] = blobs as [BlobReference];
  const [peer] = context.sources([id]);
  if (peer === undefined) return undefined;
  try {
    // It has them already when it took the second copy.
    await context.hold(grpc, blobs, job, [context.nodeId], signal);
    return await context.fetchInits(peer, plan.sha256, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    context.report("a peer did not say which init segments it makes", { job, peer: id, reason: String(error) });
    return undefined;
  }
}

function isSame(one: Inits, other: Inits): boolean {
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}

function outvoted(job: string, one: string, other: string): ReelmeshError {
  const message = `this node's encoder gives other init segments for job ${job} than those of nodes ${one} and ${other}`;
  return new ReelmeshError("MEDIA", `${message}: install the same build of ffmpeg as there`);
}
