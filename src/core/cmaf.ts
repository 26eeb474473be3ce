/** Cuts what encoders made into the planned CMAF segments (ISO/IEC 23000-19, 7.3). */
import { ReelmeshError } from "./errors.js";
import type { Sample } from "./fragment-reader.js";
import { writeSegment } from "./fragment-writer.js";
import type { PlannedSegment } from "./media.js";

/** A finished media segment; times are ticks of the track's timescale. */
export interface CutSegment {
  number: number;
  start: number;
  duration: number;
  /** Of video: bytes up to the end of the first sample. */
  keyBytes?: number;
  bytes: Uint8Array;
  /** The frames in decode order; none of audio. */
  frames?: { bytes: number; ticks: number }[];
}

/** A last audio segment may be this much longer than the planned ones: less than a rounded target duration shows. */
export const LONGER_SECONDS = 0.4;

/**
 * The planned segments of one encoded chunk. `samples` are all of its frames in decode order, those of the lead and the
 * tail included, with time stamps in the timeline's ticks; `expectedPts` is the timeline: frame to tick. `delay` is what
 * the init segment's edit list takes off again (delayPresentation); without one, composition offsets may be negative.
 *
 * The decode times are made anew from the presentation times: the k-th frame to be decoded gets the time of the k-th to
 * be shown, or an earlier one where a frame would otherwise be shown before it is decoded (beside a gap in a variable
 * rate). So each segment's decode time is its start, durations sum to the segment's, and nothing depends on the
 * encoder's delay or on where the chunk began.
 *
 * MEDIA when a segment has another number of frames than planned, does not begin with a sync sample that is also shown
 * first, shows a frame at another time than planned, or shares its run of frames in decode order with another segment.
 */
export function cutVideo(
  samples: Sample[],
  segments: PlannedSegment[],
  expectedPts: (frame: number) => number,
  delay = 0,
): CutSegment[] {
  return segments.map((segment) => {
    const own = samplesOf(samples, segment);
    const times = own.map(presentationTime).sort((a, b) => a - b);
    checkStart(segment, own, times);
    checkTimes(segment, times, expectedPts);
    const { number, start, duration } = segment;
    const retimed = retime(own, times, start + duration, delay);
    const bytes = writeSegment({ sequence: number, samples: retimed });
    const frames = retimed.map((sample) => ({ bytes: sample.data.length, ticks: sample.duration }));
    return { number, start, duration, keyBytes: endOfFirst(bytes, retimed), bytes, frames };
  });
}

/** A segment ends with its samples one after another. */
function endOfFirst(segment: Uint8Array, samples: Sample[]): number {
  return segment.length - samples.slice(1).reduce((sum, { data }) => sum + data.length, 0);
}

function presentationTime(sample: Sample): number {
  return sample.dts + sample.compositionOffset;
}

function refuse(segment: PlannedSegment, reason: string): never {
  throw new ReelmeshError("MEDIA", `segment ${segment.number} ${reason}; encode its chunk again`);
}

function samplesOf(samples: Sample[], segment: PlannedSegment): Sample[] {
  const end = segment.start + segment.duration;
  const isOwn = (sample: Sample) => presentationTime(sample) >= segment.start && presentationTime(sample) < end;
  const own = samples.filter(isOwn);
  if (own.length !== segment.frames) refuse(segment, `has ${own.length} frames where ${segment.frames} are planned`);
  const first = samples.findIndex(isOwn);
  if (!samples.slice(first, first + own.length).every(isOwn)) {
    refuse(segment, "has frames of another segment between its own in decode order");
  }
  return own;
}

function checkStart(segment: PlannedSegment, own: Sample[], times: number[]): void {
  const [first] = own;
  if (!first?.keyframe) refuse(segment, "does not begin with a sync sample");
  if (times[0] !== segment.start) refuse(segment, `shows its first frame at ${times[0]}, planned at ${segment.start}`);
  const shown = presentationTime(first);
  if (shown !== segment.start) {
    refuse(segment, `begins with the frame of ${shown}, though the frame of ${segment.start} is shown first`);
  }
}

function checkTimes(segment: PlannedSegment, times: number[], expectedPts: (frame: number) => number): void {
  for (const [index, time] of times.entries()) {
    const frame = segment.firstFrame + index;
    const expected = expectedPts(frame);
    if (time !== expected) refuse(segment, `shows frame ${frame} at ${time}, planned at ${expected}`);
  }
}

function retime(own: Sample[], times: number[], end: number, delay: number): Sample[] {
  const decodeTimes = delay > 0 ? decodedInTime(own, times, delay) : times;
  return own.map((sample, index) => {
    const dts = decodeTimes[index] as number;
    const next = decodeTimes[index + 1] ?? end;
    return { ...sample, dts, duration: next - dts, compositionOffset: presentationTime(sample) - dts + delay };
  });
}

/** Still strictly rising: both the times and the bounds are. */
function decodedInTime(own: Sample[], times: number[], delay: number): number[] {
  let bound = Number.POSITIVE_INFINITY;
  const decodeTimes = [...times];
  for (const [index, sample] of [...own.entries()].reverse()) {
    bound = Math.min(presentationTime(sample) + delay, bound - 1);
    decodeTimes[index] = Math.min(decodeTimes[index] as number, bound);
  }
  return decodeTimes;
}

/**
 * One audio track as segments that end at the frame edges nearest to the boundaries (seconds from zero, rising). Frames
 * after the last boundary belong to the last segment; where that would make it longer than the longest planned one,
 * segments of that length go on instead. Boundaries that fall on one edge make one segment.
 *
 * MEDIA when there are no frames, or when they do not follow each other without a gap from 0.
 */
export function cutAudio(samples: Sample[], timescale: number, boundarySeconds: number[]): CutSegment[] {
  checkContiguous(samples);
  const ends = frameEnds(samples, timescale, boundarySeconds);
  return ends.map((end, index) => {
    const own = samples.slice(ends[index - 1] ?? 0, end);
    const number = index + 1;
    const start = own[0]?.dts ?? 0;
    const duration = own.reduce((sum, sample) => sum + sample.duration, 0);
    return { number, start, duration, bytes: writeSegment({ sequence: number, samples: own }) };
  });
}

function checkContiguous(samples: Sample[]): void {
  if (samples.length === 0) throw new ReelmeshError("MEDIA", "the audio track has no frames; encode it again");
  let expected = 0;
  for (const { dts, duration } of samples) {
    if (dts !== expected) {
      const message = `the audio track has a frame at ${dts} where one at ${expected} belongs; encode it again`;
      throw new ReelmeshError("MEDIA", message);
    }
    expected += duration;
  }
}

/** Number of frames up to the end of each segment. */
function frameEnds(samples: Sample[], timescale: number, boundarySeconds: number[]): number[] {
  const last = samples.at(-1) as Sample;
  const boundaries = continued(boundarySeconds, (last.dts + last.duration) / timescale);
  const ends: number[] = [];
  let index = 0;
  for (const boundary of boundaries) {
    const target = boundary * timescale;
    const edgeIsNearer = (sample: Sample) => sample.dts + sample.duration / 2 <= target;
    while (index < samples.length && edgeIsNearer(samples[index] as Sample)) index++;
    if (index > (ends.at(-1) ?? 0)) ends.push(index);
  }
  return ends;
}

/** The boundaries as far as the track goes, and on by the longest step when the track is longer. */
function continued(boundarySeconds: number[], end: number): number[] {
  const inner = boundarySeconds.slice(0, -1);
  const steps = boundarySeconds.map((boundary, index) => boundary - (boundarySeconds[index - 1] ?? 0));
  const longest = Math.max(...steps);
  let from = inner.at(-1) ?? 0;
  while (longest > 0 && end - from > longest + LONGER_SECONDS) {
    from += longest;
    inner.push(from);
  }
  return [...inner, Number.POSITIVE_INFINITY];
}
