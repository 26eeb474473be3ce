/** Joins the listings of a job's encode tasks into an asset, after checking that they fit together without a gap. */

import { ReelmeshError } from "./errors.js";
import type {
  AssetFile,
  AudioTrackPlan,
  EncodedMedia,
  EncodedRendition,
  Plan,
  SubtitleTrackPlan,
  VideoPlan,
} from "./media.js";
import type { MadeAsset } from "./renditions.js";
import { videoTasks } from "./video-tasks.js";

/**
 * The whole renditions of a plan, in the plan's order, and the files beside them, from one listing for each of its
 * encode tasks (in any order).
 *
 * MEDIA when a task of the plan is missing, there twice or not the plan's; when a chunk lacks a rendition; when chunks
 * of a rendition differ in init segment, codec or timescale; when a video segment is not the planned one; when segments
 * of audio or text do not follow each other from 0; when two tasks made the same file.
 */
export function assembleAsset(plan: Plan, encoded: { task: string; media: EncodedMedia }[]): MadeAsset {
  const listings = listingsByTask(plan, encoded);
  const video = plan.video ? joinVideo(plan.video, listings) : [];
  const audio = plan.audio.map((track) => checkTrack(track, "audio", listingOf(listings, track.name)));
  if (video.length + audio.length === 0) {
    throw new ReelmeshError("MEDIA", "the plan has neither video nor audio; plan it again");
  }
  const text = plan.subtitles.flatMap((track) => checkText(track, listingOf(listings, track.name)));
  if (plan.images) listingOf(listings, plan.images.name);
  return { plan, renditions: [...video, ...audio, ...text], files: joinFiles(listings) };
}

function refuse(task: string, reason: string, next = "encode it again"): never {
  throw new ReelmeshError("MEDIA", `${task} ${reason}; ${next}`);
}

function listingsByTask(plan: Plan, encoded: { task: string; media: EncodedMedia }[]): Map<string, EncodedMedia> {
  const planned = tasksOf(plan);
  const listings = new Map<string, EncodedMedia>();
  for (const { task, media } of encoded) {
    if (!planned.has(task)) refuse(task, "is not a task of the plan", "submit the source again");
    if (listings.has(task)) refuse(task, "is listed twice", "submit the source again");
    if (media.task !== task) refuse(task, `has the listing of ${media.task}`);
    listings.set(task, media);
  }
  return listings;
}

function tasksOf({ video, audio, subtitles, images }: Plan): Set<string> {
  const tasks = [...(video ? videoTasks(video) : []), ...audio, ...subtitles, ...(images ? [images] : [])];
  return new Set(tasks.map(({ name }) => name));
}

function joinFiles(listings: Map<string, EncodedMedia>): Record<string, AssetFile> {
  const files: Record<string, AssetFile> = {};
  for (const [task, media] of listings) {
    for (const [path, file] of Object.entries(media.files)) {
      if (path in files) refuse(task, `made ${path}, which another task has made too`, "submit the source again");
      files[path] = file;
    }
  }
  return files;
}

function listingOf(listings: Map<string, EncodedMedia>, task: string): EncodedMedia {
  return listings.get(task) ?? refuse(task, "is not encoded");
}

/** What one chunk gave for a rendition. */
interface Part {
  task: string;
  rendition: EncodedRendition;
}

function joinVideo(plan: VideoPlan, listings: Map<string, EncodedMedia>): EncodedRendition[] {
  const parts = new Map<string, Part[]>(plan.renditions.map(({ name }) => [name, []]));
  for (const { name: task, renditions: planned } of videoTasks(plan)) {
    const { renditions } = listingOf(listings, task);
    if (renditions.length !== planned.length) {
      refuse(task, `has ${renditions.length} renditions where ${planned.length} are planned`);
    }
    for (const { name } of planned) {
      const rendition = renditions.find((one) => one.kind === "video" && one.name === name);
      parts.get(name)?.push({ task, rendition: rendition ?? refuse(task, `has no video ${name}`) });
    }
  }
  return [...parts.values()].map((own) => joinParts(plan, own));
}

function joinParts(plan: VideoPlan, parts: Part[]): EncodedRendition {
  const [first] = parts;
  if (!first) throw new ReelmeshError("MEDIA", "the plan has video and no chunks; plan it again");
  for (const part of parts) checkAlike(first, part, plan.timeline.timescale);
  checkSegments(plan, parts);
  return { ...first.rendition, segments: parts.flatMap(({ rendition }) => rendition.segments) };
}

function checkAlike(first: Part, part: Part, timescale: number): void {
  const { name, init, codec } = part.rendition;
  const expected = first.rendition;
  if (part.rendition.timescale !== timescale) {
    refuse(part.task, `has timescale ${part.rendition.timescale} in ${name} where ${timescale} is planned`);
  }
  if (codec !== expected.codec) refuse(part.task, `has codec ${codec} in ${name}, ${first.task} ${expected.codec}`);
  if (init.sha256 !== expected.init.sha256) {
    const reason = `has another init segment in ${name} than ${first.task}: their encoders differ`;
    refuse(part.task, reason, "give all nodes the same version of ffmpeg and submit the source again");
  }
}

/** The segments of all parts in turn are the plan's, each once. */
function checkSegments(plan: VideoPlan, parts: Part[]): void {
  const all = parts.flatMap(({ task, rendition }) =>
    rendition.segments.map((segment) => ({ task, rendition: rendition.name, segment })),
  );
  for (const [index, { task, rendition, segment }] of all.entries()) {
    const planned = plan.segments[index];
    const found = `segment ${segment.number} of ${rendition}`;
    if (planned?.number !== segment.number) refuse(task, `has ${found} where ${planned?.number ?? "none"} is planned`);
    if (planned.start !== segment.start || planned.duration !== segment.duration) {
      const range = `${segment.start} for ${segment.duration} ticks`;
      refuse(task, `has ${found} at ${range}, planned at ${planned.start} for ${planned.duration}`);
    }
  }
  const last = parts.at(-1);
  if (last && all.length < plan.segments.length) {
    refuse(last.task, `ends with segment ${all.length} of ${last.rendition.name}, planned are ${plan.segments.length}`);
  }
}

/** Nothing where the text could not be read: that is told, and takes nothing from the picture. */
function checkText(track: SubtitleTrackPlan, media: EncodedMedia): EncodedRendition[] {
  return media.renditions.length === 0 ? [] : [checkTrack(track, "text", media)];
}

/** The one rendition of a track that was made from end to end. */
function checkTrack(
  track: AudioTrackPlan | SubtitleTrackPlan,
  kind: "audio" | "text",
  media: EncodedMedia,
): EncodedRendition {
  const [rendition] = media.renditions;
  if (media.renditions.length !== 1 || rendition?.kind !== kind || rendition.name !== track.name) {
    refuse(track.name, `does not hold exactly its own ${kind} rendition`);
  }
  if (rendition.segments.length === 0) refuse(track.name, "has no segments");
  let expected = 0;
  for (const [index, { number, start, duration }] of rendition.segments.entries()) {
    if (number !== index + 1) refuse(track.name, `has segment ${number} where ${index + 1} belongs`);
    if (start !== expected || duration <= 0) {
      refuse(track.name, `has segment ${number} at ${start} for ${duration} ticks, expected at ${expected}`);
    }
    expected += duration;
  }
  return rendition;
}
