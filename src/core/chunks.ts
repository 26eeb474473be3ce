/** Deals segments out to chunks, and says which packets of the source a chunk needs. */
import { shortDigest } from "./digest.js";
import { type FrameOrder, keyframeDistance } from "./frame-order.js";
import type { Chunk, PlannedSegment, Rational, Timeline } from "./media.js";
import { ratio, secondsText } from "./rational.js";
import type { SourceIndex } from "./source.js";
import { frameTicks } from "./timeline.js";

/**
 * A source of up to eight minutes is cut into chunks of 24 s, so that a few machines share even a short one; a longer
 * one into about twenty, whose lengths grow to a minute. The lead and the tail cost 3 s of encoding a chunk: 12% of 24 s,
 * 5% of a minute.
 */
const CHUNK_SECONDS = { least: 24, most: 60 };
const WANTED_CHUNKS = 20;
/**
 * So many of the chunks at the end are cut into short ones: while the last of a job is encoded, the other nodes have
 * nothing to do for it. (After guided self-scheduling, Polychronopoulos and Kuck 1987.)
 */
const LAST_CHUNKS = 2;
/**
 * What is encoded before and after a chunk and thrown away, so that rate control and lookahead see past the joins.
 *
 * Measured with x264 164 at preset veryfast, PSNR of luma against one process, 30 s of film (bbb, 854x480) cut every
 * 4 s; first and last twelve frames at the seams, mean (worst single frame):
 *   0 s each: -0.769 dB (-2.31) and -0.458 dB (-2.93)
 *   1 s each: -0.022 dB (-0.26) and +0.007 dB (-0.12)
 *   2 s each:  0.000 dB (-0.11) and -0.001 dB (-0.04)
 * A lead of a second is enough there, but not for a quiet picture that becomes busy (generated, chunks of 6 s): the worst
 * seam, mean of its frames over four qualities, was -0.158 dB with 1 s and -0.016 dB with 2 s, a group of pictures; two
 * runs of one process differ by 0.024 dB. BD-rate -0.01%. The tail of a second sufficed everywhere.
 */
const OVERLAP_SECONDS = { lead: 2, tail: 1 };
/**
 * libvpx 1.12 gives every frame a quality by its number modulo 8, as counted from where its process began, and chooses no
 * golden frames by the motion before its 31st frame (vp9_ratectrl.c). So the lead is longer than that, and begins where
 * one process counts a multiple of 8. Measured on 16 s of film (bbb, 240 lines), BD-rate and worst seam: chunks of 4 s with
 * leads of 24 and 48 frames 1.4 and 0.05%, -0.33 and -0.12 dB; of 6 s with 32 and 48 frames 0.7 and 0.25%, -0.14 and
 * -0.08 dB. The multiple alone took car-detection from 1.1 to 0.24%. Its golden frames came at an interval that ran on
 * through key frames from where the process began, until it was told how long groups of pictures are (evenGop in
 * encoder-arguments.ts): then they fall alike from the second key frame of the lead on. Measured at preset fast, 240
 * lines, chunks of 24 s, BD-rate and worst seam: two minutes of film from 0.08% and -0.59 dB to -0.01% and -0.007 dB, bbb
 * from -0.064 to -0.004 dB, car-detection from 0.26% and -0.082 dB to -0.03% and -0.025 dB. One process takes 1% fewer
 * bits for it (bbb) or as many (car-detection). Where groups differ in length (echo, a varying
 * rate) chance remains: worst seam -0.085 dB where the picture is below 45 dB, and -0.155 dB when told the longest group.
 */
const VP9_LEAD = { frames: 48, multiple: 8 };
/** A chunk's start costs the decoding from the keyframe before it: chunks are about this many times as long as that. */
const KEYFRAME_DISTANCES = 2;
/** Packets copied after the last one needed, in seconds. */
const EXTRA_SECONDS = 1;

export interface ChunkInput {
  index: SourceIndex;
  order: FrameOrder;
  timeBase: Rational;
  timeline: Timeline;
  segments: PlannedSegment[];
  codecs: string[];
}

/** Chunks of whole segments, all of about `chunkSeconds`, or of what the constants above say. */
export function cutChunks(input: ChunkInput, chunkSeconds?: number): Chunk[] {
  const { index, order, segments, timeBase, timeline } = input;
  const tick = frameTicks(timeline);
  const frames = order.pts.length;
  const seconds = tick(frames) / timeline.timescale;
  const distance = keyframeDistance(index, order, timeBase);
  const { wanted, affordable } = chunkCounts(seconds, distance);
  const chosen = chunkSeconds === undefined ? Math.min(wanted, affordable) : Math.ceil(seconds / chunkSeconds);
  const shortest = chunkSeconds ?? Math.max(CHUNK_SECONDS.least, KEYFRAME_DISTANCES * distance);
  const dealt = deal(segments, Math.min(segments.length, chosen), (shortest * segments.length) / seconds);
  return dealt.map((some, place) => toChunk(input, tick, place + 1, some));
}

/** Segments in `count` chunks of the same size, but the last of them in more, of at least `shortest` segments. */
function deal(segments: PlannedSegment[], count: number, shortest: number): PlannedSegment[][] {
  const usual = inParts(segments, count);
  const last = usual.splice(-LAST_CHUNKS);
  const left = last.flat();
  const more = Math.min(left.length, Math.max(last.length, Math.floor(left.length / shortest)));
  return [...usual, ...inParts(left, more)];
}

function inParts<T>(all: T[], count: number): T[][] {
  const start = (part: number) => Math.ceil((part * all.length) / count);
  return Array.from({ length: count }, (_, part) => all.slice(start(part), start(part + 1)));
}

/**
 * How many chunks a video of a length should have, and how many its keyframes allow: each chunk's start costs the
 * decoding from the keyframe before it, at `distance` seconds.
 */
export function chunkCounts(seconds: number, distance: number): { wanted: number; affordable: number } {
  const spread = Math.min(CHUNK_SECONDS.most, Math.max(CHUNK_SECONDS.least, seconds / WANTED_CHUNKS));
  const affordable = Math.round(seconds / (KEYFRAME_DISTANCES * distance));
  return { wanted: Math.ceil(seconds / spread), affordable: Math.max(1, affordable) };
}

function toChunk(
  input: ChunkInput,
  tick: (frame: number) => number,
  number: number,
  segments: PlannedSegment[],
): Chunk {
  const { order, timeline, codecs } = input;
  const first = segments[0] as PlannedSegment;
  const firstFrame = first.firstFrame;
  const frames = segments.reduce((sum, segment) => sum + segment.frames, 0);
  const end = firstFrame + frames;
  const { lead, tail } = OVERLAP_SECONDS;
  const total = order.pts.length;
  let [from, to] = [firstFrame, end];
  while (from > 0 && tick(firstFrame) - tick(from - 1) <= lead * timeline.timescale) from--;
  if (codecs.includes("vp9")) from = vp9Start(firstFrame, from);
  while (to < total && tick(to + 1) - tick(end) <= tail * timeline.timescale) to++;
  return {
    name: `chunk-${String(number).padStart(6, "0")}`,
    firstSegment: first.number,
    segments: segments.length,
    firstFrame,
    frames,
    leadFrames: firstFrame - from,
    tailFrames: to - end,
    startPts: order.pts[from] as number,
    endPts: order.pts[to] ?? (order.pts[total - 1] as number) + 1,
    stamps: shortDigest(order.pts.slice(from, to)),
    cut: cutOf(input, from, to),
  };
}

/** The frame at which the lead of a chunk begins, `from` at the latest. */
function vp9Start(firstFrame: number, from: number): number {
  const start = Math.min(from, Math.max(0, firstFrame - VP9_LEAD.frames));
  return start - (start % VP9_LEAD.multiple);
}

/**
 * The packets that frames `from` to `to` need: from a keyframe that is shown no later than the first of them and decoded
 * no later than any of them, so that none depends on what comes before it, to the last of them and a little more.
 */
function cutOf({ index, order, timeBase }: ChunkInput, from: number, to: number): Chunk["cut"] {
  const firstPts = order.pts[from] as number;
  let [earliest, latest] = [Number.POSITIVE_INFINITY, 0];
  for (let frame = from; frame < to; frame++) {
    const packet = order.packets[frame] as number;
    earliest = Math.min(earliest, packet);
    latest = Math.max(latest, packet);
  }
  let keyframe = earliest;
  while (keyframe > 0 && !(index.keyframes[keyframe] && (index.pts[keyframe] as number) <= firstPts)) keyframe--;
  const lastPts = order.pts[to - 1] as number;
  const extra = EXTRA_SECONDS / ratio(timeBase);
  let end = latest + 1;
  while (end < index.pts.length && (index.pts[end] as number) - lastPts < extra) end++;
  const keyframePts = index.pts[keyframe] as number;
  if (keyframe === 0 || keyframePts * ratio(timeBase) <= 0) return { packets: end };
  return { seekSeconds: secondsText(keyframePts, timeBase), packets: end - keyframe };
}
