/** Cuts a timeline into groups of pictures and segments, on one grid for all renditions. */
import type { PlannedSegment, Rational } from "./media.js";
import { ratio } from "./rational.js";
import { type FrameLayout, frameTicks } from "./timeline.js";

/** Players want to start every two seconds (Apple, HLS Authoring Specification, 1.10). */
const LONGEST_GOP_SECONDS = 2;

export interface SegmentGrid {
  /** First frames of the groups of pictures, rising from 0. */
  gops: number[];
  segments: PlannedSegment[];
}

/**
 * Segments of the length asked for, each of equally long groups of pictures of at most two seconds. At a constant rate
 * all groups have the same number of frames; otherwise a group starts at the first frame at or after its place on the
 * grid. A last segment that is shorter than half a group belongs to the one before it, where its group stays on the grid.
 */
export function cutSegments(layout: FrameLayout, frames: number, segmentSeconds: number): SegmentGrid {
  const gopsPerSegment = Math.ceil(segmentSeconds / LONGEST_GOP_SECONDS);
  const gopSeconds = segmentSeconds / gopsPerSegment;
  const slots = layout.constantRate
    ? evenSlots(layout.frameRate, frames, gopSeconds)
    : timedSlots(layout, frames, gopSeconds);
  const starts = slots.filter((_, index) => index === 0 || segmentOf(index) > segmentOf(index - 1));
  function segmentOf(index: number): number {
    return Math.floor((slots[index]?.slot ?? 0) / gopsPerSegment);
  }
  const tick = frameTicks(layout.timeline);
  const end = tick(frames);
  const last = starts.at(-1)?.frame ?? 0;
  const isShort = (end - tick(last)) / layout.timeline.timescale < gopSeconds / 2;
  const limit = isShort && starts.length > 1 ? last : frames;
  return {
    gops: slots.map(({ frame }) => frame),
    segments: toSegments(
      starts.map(({ frame }) => frame).filter((frame) => frame < limit),
      frames,
      tick,
    ),
  };
}

/** A group of pictures: its place on the grid, from 0, and its first frame. */
interface Slot {
  slot: number;
  frame: number;
}

function evenSlots(frameRate: Rational, frames: number, gopSeconds: number): Slot[] {
  const length = Math.max(1, Math.round(gopSeconds * ratio(frameRate)));
  return Array.from({ length: Math.ceil(frames / length) }, (_, slot) => ({ slot, frame: slot * length }));
}

/** Where no frame falls into a place on the grid, the place is empty. */
function timedSlots({ timeline }: FrameLayout, frames: number, gopSeconds: number): Slot[] {
  const tick = frameTicks(timeline);
  const slots: Slot[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const slot = Math.floor(tick(frame) / (gopSeconds * timeline.timescale));
    if (slots.at(-1)?.slot !== slot) slots.push({ slot, frame });
  }
  return slots;
}

function toSegments(starts: number[], frames: number, tick: (frame: number) => number): PlannedSegment[] {
  return starts.map((firstFrame, index) => {
    const next = starts[index + 1] ?? frames;
    const start = tick(firstFrame);
    return { number: index + 1, firstFrame, frames: next - firstFrame, start, duration: tick(next) - start };
  });
}
