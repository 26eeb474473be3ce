/** A subtitle track as WebVTT segments on the video's boundaries (RFC 8216, 3.5). */

import type { Cue } from "./cue.js";
import type { Plan } from "./media.js";
import { writeWebVtt } from "./webvtt.js";

/** Without video: milliseconds. */
const PLAIN_TIMESCALE = 1000;

export interface TextSegments {
  timescale: number;
  segments: { number: number; start: number; duration: number; text: string }[];
}

/** Cues in the output's time: `offset` milliseconds are taken off, and what ends before zero goes. */
export function shiftCues(cues: Cue[], offset: number): Cue[] {
  return cues
    .map((cue) => ({ ...cue, start: Math.max(0, Math.round(cue.start - offset)), end: Math.round(cue.end - offset) }))
    .filter(({ start, end }) => end > start);
}

/**
 * A segment for each of the plan's, with all cues that are shown in its time: a cue that crosses a boundary stands on
 * both sides with the same times. What is shown after the last boundary stands in the last one. Cue times count from the
 * start of the asset, as the media does, so X-TIMESTAMP-MAP maps 0 to 0.
 */
export function cutText(plan: Plan, cues: Cue[]): TextSegments {
  const { timescale, starts, end } = gridOf(plan);
  const segments = starts.map((start, place) => {
    const next = starts[place + 1];
    const from = (start / timescale) * 1000;
    const to = next === undefined ? Number.POSITIVE_INFINITY : (next / timescale) * 1000;
    const own = cues.filter((cue) => cue.start < to && cue.end > from);
    const text = writeWebVtt(own, ["X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000"]);
    return { number: place + 1, start, duration: (next ?? end) - start, text };
  });
  return { timescale, segments };
}

function gridOf({ video, boundaries }: Plan): { timescale: number; starts: number[]; end: number } {
  const last = video?.segments.at(-1);
  if (video !== null && last !== undefined) {
    const { timescale } = video.timeline;
    return { timescale, starts: video.segments.map(({ start }) => start), end: last.start + last.duration };
  }
  const ends = boundaries.map((seconds) => Math.round(seconds * PLAIN_TIMESCALE));
  return { timescale: PLAIN_TIMESCALE, starts: [0, ...ends.slice(0, -1)], end: ends.at(-1) ?? 0 };
}
