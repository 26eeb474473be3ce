/** Turns what is known of a source into the plan of a job. */
import { AUDIO_ENCODERS, planAudio, startSeconds } from "./audio-plan.js";
import { placeChapters } from "./chapters.js";
import { type ChunkInput, cutChunks } from "./chunks.js";
import { BT709, hdrColour, videoRange } from "./colour.js";
import { presentationOrder } from "./frame-order.js";
import { planImages } from "./images-plan.js";
import { buildLadder, displaySize } from "./ladder.js";
import type { Colour, Plan, VideoPlan } from "./media.js";
import { firstPlayed } from "./menus.js";
import { checkOptions } from "./options.js";
import { ratio } from "./rational.js";
import { cutSegments } from "./segments.js";
import type { SourceIndex, SourceSummary, SourceVideo } from "./source.js";
import { planSubtitles } from "./subtitle-plan.js";
import { layOutFrames, secondsOfFrames } from "./timeline.js";
import { EVERYWHERE } from "./video-encoders.js";
import { videoTasks } from "./video-tasks.js";
import type { BlobReference, JobOptions, PlannedTask } from "./work.js";

/** From here on an untagged picture is taken for BT.709 by players, below for BT.601: see `colourOf`. */
const HD_HEIGHT = 720;
export interface PlanInput {
  job: string;
  /** The file that the summary and the index were read from. */
  source: BlobReference;
  summary: SourceSummary;
  /** Null when the source has no video. */
  index: SourceIndex | null;
  options: JobOptions;
  /** Sentences of those who prepared the source. */
  notes?: string[];
  /** Seconds of a chunk; chosen by the length of the video and its keyframes unless given. */
  chunkSeconds?: number;
}

/** The index must be one that can be cut exactly (exactness.ts). INVALID_INPUT when the options do not suit the source. */
export function buildPlan({ job, source, summary, index, options, notes = [], chunkSeconds }: PlanInput): Plan {
  checkOptions(options, summary);
  const video = summary.video && index ? planVideo(summary, summary.video, index, options, chunkSeconds) : null;
  const zero = zeroOf(summary, video);
  const videoSeconds = video ? secondsOf(video) : 0;
  const { tracks: audio, notes: ofAudio } = planAudio(summary.audio, options, zero, videoSeconds);
  const texts = planSubtitles(summary, options);
  const seconds = Math.max(videoSeconds, ...audio.map((track) => track.seconds));
  return {
    version: 1,
    job,
    source,
    demuxer: summary.demuxer,
    options,
    notes: [...notes, ...ofAudio, ...texts.notes],
    seconds,
    zero,
    boundaries: video ? segmentEnds(video) : evenBoundaries(seconds, options.segmentSeconds),
    video,
    audio,
    subtitles: texts.tracks,
    images: summary.video && index && video ? planImages(summary.video, video, index) : null,
    chapters: placeChapters(summary.chapters, zero.pts * ratio(zero.timeBase), seconds),
  };
}

/** The encode tasks in the order in which they should start: what a viewer needs first comes first. */
export function plannedTasks({ video, audio, subtitles, images, seconds: all }: Plan): PlannedTask[] {
  const special = (encoder: string) => (EVERYWHERE.includes(encoder) ? "" : encoder);
  const light = (name: string, seconds: number): PlannedTask => {
    return { name, frames: 0, seconds, encoder: "", renditions: [], awaited: false };
  };
  const first = firstPlayed(audio);
  const tracks = audio.map((track) => {
    const { name, seconds, codec } = track;
    return { ...light(name, seconds), encoder: special(AUDIO_ENCODERS[codec]), awaited: track === first };
  });
  tracks.sort((a, b) => Number(b.awaited) - Number(a.awaited));
  const texts = subtitles.map(({ name }) => light(name, all));
  if (!video) return [...tracks, ...texts];
  const pictures = images === null ? [] : [light(images.name, all)];
  const chunks = videoTasks(video).map(({ name, chunk: { firstFrame, frames }, renditions }): PlannedTask => {
    const seconds = secondsOfFrames(video.timeline, firstFrame, frames);
    const made = renditions.map((rendition) => rendition.name);
    return { name, frames, seconds, encoder: special(renditions[0]?.encoder ?? ""), renditions: made, awaited: true };
  });
  return [...chunks.slice(0, 1), ...tracks, ...texts, ...chunks.slice(1), ...pictures];
}

function planVideo(
  summary: SourceSummary,
  source: SourceVideo,
  index: SourceIndex,
  options: JobOptions,
  chunkSeconds?: number,
): VideoPlan {
  const { stream, timeBase, frameRates } = source;
  const order = presentationOrder(index, summary.fileName);
  const layout = layOutFrames(order.pts, timeBase, frameRates, index.lastDuration);
  const { timeline } = layout;
  const frames = order.pts.length;
  const { gops, segments } = cutSegments(layout, frames, options.segmentSeconds);
  const { codecs } = options;
  const chunks = cutChunks({ index, order, timeBase, timeline, segments, codecs } satisfies ChunkInput, chunkSeconds);
  const renditions = buildLadder(source, options, layout.frameRate);
  const { pixelFormat } = source;
  const { filters, colour } = { filters: filtersOf(source), colour: colourOf(source) };
  const light = source.light === undefined ? {} : { light: source.light };
  const look = { pixelFormat, filters, colour, ...light };
  return { stream, timeBase, ...layout, frames, ...look, gops, segments, chunks, renditions };
}

function secondsOf({ timeline, frames }: VideoPlan): number {
  return secondsOfFrames(timeline, 0, frames);
}

function segmentEnds({ segments, timeline }: VideoPlan): number[] {
  return segments.map(({ start, duration }) => (start + duration) / timeline.timescale);
}

function evenBoundaries(seconds: number, step: number): number[] {
  return Array.from({ length: Math.max(1, Math.ceil(seconds / step)) }, (_, place) =>
    Math.min(seconds, (place + 1) * step),
  );
}

/** The first frame of the video, or the start of the earliest audio track where there is none. */
function zeroOf({ video, audio }: SourceSummary, plan: VideoPlan | null): Plan["zero"] {
  if (video && plan) return { pts: plan.chunks[0]?.startPts ?? 0, timeBase: video.timeBase };
  const [earliest] = audio.toSorted((a, b) => startSeconds(a) - startSeconds(b));
  return { pts: earliest?.startPts ?? 0, timeBase: earliest?.timeBase ?? { num: 1, den: 1 } };
}

/**
 * Fields are joined to frames only where a frame says that it has fields; then the picture is turned upright. A full
 * range may stand in the container alone, which the cut does not keep.
 */
function filtersOf({ interlaced, rotation, colour }: SourceVideo): string[] {
  const filters = interlaced ? ["bwdif=mode=send_frame:deint=interlaced"] : [];
  if (colour.range === "pc" && !isRgb(colour)) filters.push("setparams=range=pc");
  if (isRgb(colour)) filters.push("scale=out_color_matrix=bt709:out_range=tv", "format=yuv420p");
  if (rotation === 90) filters.push("transpose=clock");
  if (rotation === 180) filters.push("hflip", "vflip");
  if (rotation === 270) filters.push("transpose=cclock");
  return filters;
}

/**
 * How the output is tagged. A player takes an untagged picture for BT.709 when it is large and for BT.601 when it is
 * small, so the rungs of one untagged HD source would differ in colour: that source is tagged as what it looks like.
 */
function colourOf(source: SourceVideo): Colour {
  const { colour } = source;
  if (isRgb(colour)) return BT709;
  if (videoRange(colour) !== "SDR") return hdrColour(colour);
  const range = colour.range ? { range: "tv" } : {};
  if (colour.matrix || colour.primaries || colour.transfer) return { ...colour, ...range };
  const { width, height } = displaySize(source);
  return Math.min(width, height) >= HD_HEIGHT ? BT709 : range;
}

function isRgb({ matrix }: Colour): boolean {
  return matrix === "gbr";
}
