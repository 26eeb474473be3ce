/** The encode task: one chunk of the video with its whole ladder, or one audio track, to final CMAF segments. */
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type CutSegment, cutVideo } from "../../core/cmaf.js";
import { codecString } from "../../core/codec-string.js";
import { reorderDelay } from "../../core/edit-list.js";
import { ReelmeshError } from "../../core/errors.js";
import { readSamples, splitInit } from "../../core/fragment-reader.js";
import { proveFrames } from "../../core/frame-proof.js";
import { finishInit } from "../../core/init-segment.js";
import { bucketRun } from "../../core/leaky-bucket.js";
import type { EncodedMedia, EncodedRendition, Plan, SegmentFile, VideoPlan, VideoRendition } from "../../core/media.js";
import { frameTicks } from "../../core/timeline.js";
import { findVideoTask, type VideoTask } from "../../core/video-tasks.js";
import type { BlobReference, EncodeResult, EncodeTask, FrameProof, TaskResult } from "../../core/work.js";
import type { Progress, TaskReports } from "../worker.js";
import { type MadeAudio, makeAudio } from "./audio-task.js";
import { copyToPeer, putBytes, readPlan, type TaskContext } from "./context.js";
import { type Made as ExtraMade, makeExtra } from "./extras-task.js";
import { keepCaps } from "./keep-caps.js";
import type { MediaTools } from "./media-tools.js";

/** Writes the part of the source that a task needs to a file: cut here where the source is held, else at a holder. */
export type FetchCut = (plan: Plan, name: string, task: EncodeTask, file: string, signal: AbortSignal) => Promise<void>;

/** What a task gave. */
interface Made extends ExtraMade {
  proof?: FrameProof | null;
}
export async function runEncodeTask(
  context: TaskContext,
  media: MediaTools,
  fetchCut: FetchCut,
  job: string,
  name: string,
  task: EncodeTask,
  signal: AbortSignal,
  reports: TaskReports,
): Promise<TaskResult> {
  const plan = await readPlan(context, task.plan, job, task.holders, signal);
  const scratch = await context.store.scratch();
  try {
    const fetch = async () => {
      const cut = join(scratch, "cut.nut");
      await fetchCut(plan, name, task, cut, signal);
      return cut;
    };
    const { holders, linear } = task;
    const extra = makeExtra({ context, media, plan, holders, scratch, fetchCut: fetch, signal, reports }, name);
    const result = (made: Made) => resultOf(context, plan, task.plan, name, made, signal);
    const onBegun = async (made: Made) => reports.onGrown(endOf(made), await result(made));
    const made: Made = await (extra ??
      encode(context, media, plan, name, linear, await fetch(), scratch, signal, reports, onBegun));
    return { kind: "encode", encode: await result(made) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function encode(
  context: TaskContext,
  media: MediaTools,
  plan: Plan,
  name: string,
  linear: boolean,
  cut: string,
  scratch: string,
  signal: AbortSignal,
  reports: TaskReports,
  onBegun: (made: Made) => Promise<void>,
): Promise<Made> {
  const task = plan.video === null ? undefined : findVideoTask(plan.video, name);
  if (plan.video !== null && task !== undefined) {
    return encodeChunk(context, media, plan, plan.video, task, linear, cut, scratch, signal, reports);
  }
  const track = plan.audio.find((one) => one.name === name);
  if (track === undefined) throw new ReelmeshError("MEDIA", `the plan of job ${plan.job} has no task "${name}"`);
  let begun: SegmentFile[] = [];
  const keep = async ({ init, timescale, segments, notes }: MadeAudio): Promise<Made> => {
    const rendition = await store(context, plan.job, name, "audio", init, timescale, segments, begun);
    begun = rendition.segments;
    return { renditions: [rendition], proof: null, notes };
  };
  const tell = async (beginning: MadeAudio) => onBegun(await keep(beginning));
  return keep(await makeAudio(media, plan, track, cut, scratch, signal, reports, tell));
}

/** Where what was made of a track ends, seconds. */
function endOf({ renditions: [track] }: Made): number {
  const last = track?.segments.at(-1);
  return track === undefined || last === undefined ? 0 : (last.start + last.duration) / track.timescale;
}

async function encodeChunk(
  context: TaskContext,
  media: MediaTools,
  plan: Plan,
  video: VideoPlan,
  task: VideoTask,
  linear: boolean,
  cut: string,
  scratch: string,
  signal: AbortSignal,
  reports: TaskReports,
): Promise<Made> {
  const { chunk } = task;
  // The lead's frames are no progress of the chunk's own.
  const onFrames = ({ done, speed }: Progress) =>
    reports.onProgress({ done: Math.min(chunk.frames, Math.max(0, done - chunk.leadFrames)), speed });
  const { files, hashes } = await media.encodeVideo(plan, task, cut, scratch, { signal, onProgress: onFrames });
  const again = await keepCaps(media, plan, task, cut, scratch, files, signal);
  if (again.length > 0)
    context.report("encoded again with a tighter cap", { task: task.name, renditions: again.join() });
  reports.onMade();
  const segments = video.segments.slice(chunk.firstSegment - 1, chunk.firstSegment - 1 + chunk.segments);
  const expected = frameTicks(video.timeline);
  const renditions: EncodedRendition[] = [];
  for (const rendition of task.renditions) {
    const { name, codec, init: pinned } = rendition;
    const file = await readOutput(files, name);
    const { timescale, samples } = readSamples(file);
    if (timescale !== video.timeline.timescale) {
      throw new ReelmeshError("MEDIA", `${name} came out in ${timescale} ticks a second, not the plan's`);
    }
    const init = finishInit(splitInit(file).init, video, rendition);
    const own = cutVideo(samples, segments, expected, reorderDelay(video.timeline, codec));
    const stored = withBuckets(await store(context, plan.job, name, "video", init, timescale, own), own, rendition);
    checkInit(task, stored, pinned);
    renditions.push(stored);
  }
  return { renditions, proof: proveFrames(hashes, video, chunk, linear) };
}

/** What each segment does to the decoder's buffer, for the check of the whole stream. */
function withBuckets(stored: EncodedRendition, cut: CutSegment[], planned: VideoRendition): EncodedRendition {
  const segments = stored.segments.map((segment, place) => {
    const frames = (cut[place]?.frames ?? []).map(({ bytes, ticks }) => {
      return { bits: bytes * 8, seconds: ticks / stored.timescale };
    });
    return { ...segment, bucket: bucketRun(frames, planned) };
  });
  return { ...stored, segments };
}

/** It would join no other node's chunks. */
function checkInit({ name: task }: VideoTask, { name, init }: EncodedRendition, pinned: string | undefined): void {
  if (pinned === undefined || pinned === init.sha256) return;
  const message = `${name} of ${task} came out with another init segment than the plan names`;
  throw new ReelmeshError("MEDIA", `${message}: this node's ffmpeg is not the others', install the same build`);
}

async function readOutput(files: Record<string, string>, rendition: string): Promise<Buffer> {
  const file = files[rendition];
  if (file === undefined) throw new ReelmeshError("MEDIA", `the encoder gave no ${rendition}`);
  return readFile(file);
}

/** `known`: the first segments as they were stored before; what is the same of them is not stored again. */
async function store(
  context: TaskContext,
  job: string,
  name: string,
  kind: "video" | "audio",
  init: Uint8Array,
  timescale: number,
  cut: CutSegment[],
  known: SegmentFile[] = [],
): Promise<EncodedRendition> {
  const segments = cut.map(async ({ bytes, frames: _, ...segment }, place) => {
    const before = known[place];
    if (before !== undefined && before.sha256 === sha256Of(bytes)) return before;
    return { ...segment, ...(await putBytes(context, bytes, job)) };
  });
  return {
    name,
    kind,
    codec: codecString(init),
    timescale,
    init: await putBytes(context, init, job),
    segments: await Promise.all(segments),
  };
}

/** Gives what was made a second home. */
async function resultOf(
  context: TaskContext,
  plan: Plan,
  reference: BlobReference | null,
  name: string,
  { renditions, proof = null, files: others = {}, notes = [] }: Made,
  signal: AbortSignal,
): Promise<EncodeResult> {
  const media: EncodedMedia = { version: 1, task: name, renditions, files: others };
  const listing = await putBytes(context, JSON.stringify(media), plan.job);
  const files = [...renditions.flatMap(({ init, segments }) => [init, ...segments]), ...Object.values(others)];
  const blobs = [listing, ...files.map(({ sha256, bytes }) => ({ sha256, bytes }))];
  return {
    listing,
    frames: (plan.video && findVideoTask(plan.video, name)?.chunk.frames) ?? 0,
    inits: renditions.map((rendition) => ({ rendition: rendition.name, sha256: rendition.init.sha256 })),
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    holders: await copyToPeer(context, blobs, plan.job, signal),
    proof,
    plan: reference?.sha256 ?? "",
    notes,
  };
}

function sha256Of(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
