/**
 * The tasks beside picture and sound: a subtitle track, the images. What fails in them does not fail the job: their
 * listing is empty then, and a note says why.
 */
import { readFile, stat } from "node:fs/promises";
import type { Cue } from "../../core/cue.js";
import { ReelmeshError } from "../../core/errors.js";
import { CUT_OFFSET_SECONDS } from "../../core/ffmpeg-arguments.js";
import { pictureCues } from "../../core/images-plan.js";
import { THUMBNAILS_FOLDER, thumbnailSheet } from "../../core/layout.js";
import type { AssetFile, EncodedRendition, ImagesPlan, Plan, SubtitleTrackPlan, VideoPlan } from "../../core/media.js";
import { MOST_SUBTITLE_BYTES, readSubtitles } from "../../core/read-subtitles.js";
import { cutText, shiftCues } from "../../core/subtitle-segments.js";
import { writeWebVtt } from "../../core/webvtt.js";
import type { TaskReports } from "../worker.js";
import { ensureHeld, putBytes, type TaskContext } from "./context.js";
import type { MediaTools } from "./media-tools.js";

export interface Made {
  renditions: EncodedRendition[];
  files?: Record<string, AssetFile>;
  notes?: string[];
}

/** What a task of this kind works with. */
export interface ExtraTask {
  context: TaskContext;
  media: MediaTools;
  plan: Plan;
  /** Nodes that hold the plan and what it speaks of. */
  holders: string[];
  scratch: string;
  /** Writes what the task needs of the source to a file, and returns its path. */
  fetchCut(): Promise<string>;
  signal: AbortSignal;
  reports: TaskReports;
}

/** Undefined when the plan has no such task of this kind. */
export function makeExtra(task: ExtraTask, name: string): Promise<Made> | undefined {
  const { plan } = task;
  const track = plan.subtitles.find((one) => one.name === name);
  if (track !== undefined) return orLeaveOut(`The subtitle track ${name} (${track.language})`, makeText(task, track));
  const { images, video } = plan;
  if (images?.name !== name || video === null) return undefined;
  return orLeaveOut("The poster and the small pictures", makePictures(task, { ...plan, video }, images));
}

/** Only what lies in the source is left out; what a node lacks is tried again elsewhere. */
async function orLeaveOut(what: string, made: Promise<Made>): Promise<Made> {
  try {
    return await made;
  } catch (error) {
    if (!(error instanceof ReelmeshError) || !["MEDIA", "INVALID_INPUT"].includes(error.code)) throw error;
    return { renditions: [], notes: [`${what} could not be made and was left out: ${error.message}.`] };
  }
}

async function makeText(task: ExtraTask, track: SubtitleTrackPlan): Promise<Made> {
  const { context, plan } = task;
  const cues = await cuesOf(task, track);
  const { timescale, segments } = cutText(plan, cues);
  const stored = segments.map(async ({ text, ...segment }) => ({
    ...segment,
    ...(await putBytes(context, text, plan.job)),
  }));
  const init = await putBytes(context, writeWebVtt(cues), plan.job);
  const rendition = { name: track.name, kind: "text" as const, codec: "wvtt", timescale, init };
  return { renditions: [{ ...rendition, segments: await Promise.all(stored) }] };
}

/** In the output's time. */
async function cuesOf(task: ExtraTask, { name, from }: SubtitleTrackPlan): Promise<Cue[]> {
  const { context, media, plan, holders, scratch, signal, reports } = task;
  if ("file" in from) {
    await ensureHeld(context, from.file, plan.job, holders, signal);
    return shiftCues(readSubtitles(await context.store.read(from.file.sha256), name), 0);
  }
  const cut = await task.fetchCut();
  const { onProgress } = reports;
  const text = "captions" in from ? await media.readCaptions(cut, scratch, { signal, onProgress }) : cut;
  if ((await stat(text)).size > MOST_SUBTITLE_BYTES) throw new ReelmeshError("MEDIA", "it is too long for subtitles");
  const { pts, timeBase } = plan.zero;
  const offset = (CUT_OFFSET_SECONDS + (pts * timeBase.num) / timeBase.den) * 1000;
  return shiftCues(readSubtitles(await readFile(text), "the track"), offset);
}

async function makePictures(task: ExtraTask, plan: Plan & { video: VideoPlan }, images: ImagesPlan): Promise<Made> {
  const { context, media, scratch, signal, reports } = task;
  const cut = await task.fetchCut();
  const { poster, sheets } = await media.makeImages(plan, images, cut, scratch, {
    signal,
    onProgress: reports.onProgress,
  });
  const planned = Math.ceil(images.count / (images.columns * images.rows));
  if (sheets.length !== planned) throw new ReelmeshError("MEDIA", `${sheets.length} of ${planned} sheets came out`);
  const jpeg = async (file: string): Promise<AssetFile> => ({
    ...(await putBytes(context, await readFile(file), plan.job)),
    type: "image/jpeg",
  });
  const files: Record<string, AssetFile> = { "poster.jpg": await jpeg(poster) };
  for (const [place, sheet] of sheets.entries()) files[thumbnailSheet(place + 1)] = await jpeg(sheet);
  const map = writeWebVtt(pictureCues(images, plan.seconds, thumbnailSheet));
  files[`${THUMBNAILS_FOLDER}.vtt`] = { ...(await putBytes(context, map, plan.job)), type: "text/vtt" };
  return { renditions: [], files };
}
