/** What can be played of an asset while its job still runs. */
import { assembleAsset } from "./assemble.js";
import { setOrder } from "./dash-sets.js";
import type { EncodedMedia, EncodedRendition, Plan, VideoPlan } from "./media.js";
import { firstPlayed } from "./menus.js";
import {
  findRendition,
  type Growth,
  longestPlannedSeconds,
  type MadeAsset,
  peakBitrate,
  renditionSeconds,
  targetDuration,
} from "./renditions.js";
import { videoTasks } from "./video-tasks.js";

/** Encoders of sound keep to their bit rate over a segment, but for this. */
const SOUND_PEAK = 1.25;

export interface GrowingAsset {
  /** The picture and the sound that is played first up to the same time, what stands beside them at most so far. */
  made: MadeAsset;
  growth: Omit<Growth, "since" | "now">;
  /** That time, from zero. */
  seconds: number;
}

/** The listing of a finished task, or of the beginning of one that is not. */
export interface Listed {
  task: string;
  media: EncodedMedia;
  isPart: boolean;
}

/**
 * The chunks from the first on, as far as every rendition has them, and no further than the sound that is played first;
 * undefined before there is any. What stands beside these is there from when it has a beginning, and holds nothing up:
 * other sound as far as it goes, subtitles when they are read to their end. Small pictures and chapters come with the
 * whole asset. MEDIA as assembleAsset.
 */
export function playableSoFar(plan: Plan, listed: Listed[]): GrowingAsset | undefined {
  const tasks = new Map(listed.map((one) => [one.task, one]));
  const main = firstPlayed(plan.audio);
  if (main !== undefined && !tasks.has(main.name)) return undefined;
  const video = plan.video && chunksSoFar(plan.video, tasks);
  if (video?.chunks.length === 0) return undefined;
  const audio = plan.audio.filter(({ name }) => tasks.has(name));
  const subtitles = plan.subtitles.filter(({ name }) => tasks.get(name)?.isPart === false);
  const begun: Plan = { ...plan, video, audio, subtitles, images: null };
  const names = new Set([...(video ? videoTasks(video) : []), ...audio, ...subtitles].map(({ name }) => name));
  const own = listed.filter(({ task }) => names.has(task));
  const { renditions } = assembleAsset(begun, own);
  const isPart = video !== null && video.chunks.length < (plan.video?.chunks.length ?? 0);
  const ofVideo = isPart ? endOf(video) : plan.seconds;
  const isBegun = main !== undefined && tasks.get(main.name)?.isPart;
  const ofSound = isBegun ? renditionSeconds(findRendition(renditions, "audio", main.name)) : plan.seconds;
  const seconds = Math.min(ofVideo, ofSound);
  const growing = seconds < plan.seconds ? renditions.map((one) => upTo(one, seconds)) : renditions;
  const made = { plan: { ...plan, audio, subtitles }, renditions: growing, files: {} };
  return { made, growth: growthOf(plan, renditions, tasks), seconds };
}

function growthOf(
  plan: Plan,
  renditions: EncodedRendition[],
  tasks: ReadonlyMap<string, Listed>,
): GrowingAsset["growth"] {
  const { video, audio, subtitles } = plan;
  const target = targetDuration(renditions, longestPlannedSeconds(plan));
  const tracks = renditions.filter(({ kind }) => kind === "audio");
  const caps = new Map(tracks.map((track) => [track.name, peakBitrate(track, target)]));
  for (const { name, bitrate } of audio) {
    if (tasks.get(name)?.isPart) caps.set(name, Math.max(caps.get(name) ?? 0, Math.ceil(bitrate * SOUND_PEAK)));
  }
  for (const { name, maxBitrate } of video?.renditions ?? []) caps.set(name, maxBitrate);
  return { target, caps, tracks: setOrder({ audio, subtitles }) };
}

function chunksSoFar(video: VideoPlan, finished: ReadonlyMap<string, unknown>): VideoPlan {
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

/** A segment of sound ends within half a frame of the video's boundary, so its middle says on which side it lies. */
function upTo(rendition: EncodedRendition, seconds: number): EncodedRendition {
  const { timescale } = rendition;
  const segments = rendition.segments.filter(({ start, duration }) => start + duration / 2 < seconds * timescale);
  return { ...rendition, segments };
}
