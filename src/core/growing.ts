/** What can be played of an asset while its job still runs. */
import { assembleAsset } from "./assemble.js";
import type { EncodedMedia, EncodedRendition, Plan, VideoPlan } from "./media.js";
import { type Growth, type MadeAsset, peakBitrate, targetDuration } from "./renditions.js";
import { videoTasks } from "./video-tasks.js";

export interface GrowingAsset {
  /** Every rendition up to the same time. */
  made: MadeAsset;
  growth: Omit<Growth, "since" | "now">;
  /** That time, from zero. */
  seconds: number;
}

/**
 * The chunks from the first on, as far as every rendition has them, with the tracks up to there; undefined before there
 * is any. A track is encoded from end to end in one go, many times as fast as the video: it is waited for. Small
 * pictures and chapters come with the whole asset. MEDIA as assembleAsset.
 */
export function playableSoFar(plan: Plan, encoded: { task: string; media: EncodedMedia }[]): GrowingAsset | undefined {
  const finished = new Set(encoded.map(({ task }) => task));
  const tracks = [...plan.audio, ...plan.subtitles].map(({ name }) => name);
  if (!tracks.every((name) => finished.has(name))) return undefined;
  const video = plan.video && chunksSoFar(plan.video, finished);
  if (video?.chunks.length === 0) return undefined;
  const begun: Plan = { ...plan, video, images: null };
  const tasks = new Set([...tracks, ...(video ? videoTasks(video).map(({ name }) => name) : [])]);
  const own = encoded.filter(({ task }) => tasks.has(task));
  const { renditions } = assembleAsset(begun, own);
  const seconds = video ? endOf(video) : plan.seconds;
  const isWhole = video?.chunks.length === plan.video?.chunks.length;
  const made = { plan, renditions: isWhole ? renditions : renditions.map((one) => upTo(one, seconds)), files: {} };
  return { made, growth: growthOf(plan, renditions), seconds: isWhole ? plan.seconds : seconds };
}

/** Video segments are as long as planned, and of tracks everything is there: so the end will have the same target. */
function growthOf({ video }: Plan, renditions: EncodedRendition[]): GrowingAsset["growth"] {
  const longest =
    Math.max(0, ...(video?.segments ?? []).map(({ duration }) => duration)) / (video?.timeline.timescale ?? 1);
  const target = targetDuration(renditions, longest);
  const tracks = renditions.filter(({ kind }) => kind === "audio");
  const caps = new Map(tracks.map((track) => [track.name, peakBitrate(track, target)]));
  for (const { name, maxBitrate } of video?.renditions ?? []) caps.set(name, maxBitrate);
  return { target, caps };
}

function chunksSoFar(video: VideoPlan, finished: Set<string>): VideoPlan {
  const missing = videoTasks(video).find(({ name }) => !finished.has(name));
  const chunks = missing === undefined ? video.chunks : video.chunks.slice(0, video.chunks.indexOf(missing.chunk));
  const last = chunks.at(-1);
  const segments = video.segments.slice(0, last === undefined ? 0 : last.firstSegment - 1 + last.segments);
  return { ...video, chunks, segments };
}

function endOf({ segments, timeline }: VideoPlan): number {
  const last = segments.at(-1);
  return last === undefined ? 0 : (last.start + last.duration) / timeline.timescale;
}

/** A segment of a track ends within half a frame of the video's boundary, so its middle says on which side it lies. */
function upTo(rendition: EncodedRendition, seconds: number): EncodedRendition {
  const { timescale } = rendition;
  const segments = rendition.segments.filter(({ start, duration }) => start + duration / 2 < seconds * timescale);
  return { ...rendition, segments };
}
