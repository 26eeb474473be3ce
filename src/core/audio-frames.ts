/** Puts the frames of a finished audio track in their places: exact by the sample, from zero to the planned end. */
import { ReelmeshError } from "./errors.js";
import type { Sample } from "./fragment-reader.js";

/** A track that its last frame makes longer than planned by no more than this ends where it was planned. */
const TAIL_SECONDS = 0.08;
/** Time stamps that a container has rounded are no gap, seconds. */
const JITTER_SECONDS = 0.002;

/**
 * Ends a track at `seconds`, exactly, where its last frames are only what an encoder's frame size added: the last that
 * is kept lasts shorter than its samples would. `preSkip`: ticks in front that are not presented.
 */
export function trimTail(samples: Sample[], timescale: number, seconds: number, preSkip = 0): Sample[] {
  const end = Math.round(seconds * timescale) + preSkip;
  const last = samples.at(-1);
  if (last === undefined || last.dts + last.duration > end + TAIL_SECONDS * timescale) return samples;
  const kept = samples.filter(({ dts }) => dts < end);
  return kept.map((sample, place) =>
    place < kept.length - 1 ? sample : { ...sample, duration: Math.min(sample.duration, end - sample.dts) },
  );
}

export interface CopiedTrack {
  timescale: number;
  /** As they were cut, in the clock of the cut. */
  samples: Sample[];
  /** Output's zero in the clock of the cut, and where the output ends at the earliest: ticks. */
  zero: number;
  end: number;
  /** A frame of silence in the same form. */
  silence: Sample;
}

/**
 * The frames of a copied track from decode time 0 on, and the `delay`, less than a frame, by which they are presented
 * earlier: the first of them need not begin at zero. Those that end before are dropped; where there are none, frames of
 * silence stand, as many as fit, and a frame beside a rest that is shorter than one lasts the longer. No frame is moved,
 * but for one that begins before the last one ends (dropped, when half of it is over by then).
 *
 * MEDIA when there are none.
 */
export function layCopied({ timescale, samples, zero, end, silence }: CopiedTrack): {
  samples: Sample[];
  delay: number;
} {
  const kept = smooth(samples, zero, timescale).filter(({ dts, duration }) => dts + duration > 0);
  const [first] = kept;
  if (first === undefined) {
    const message = "the copied track has no frames after the start of the video; leave --audio copy out";
    throw new ReelmeshError("MEDIA", message);
  }
  const { duration } = silence;
  const delay = first.dts > 0 ? (duration - (first.dts % duration)) % duration : -first.dts;
  const laid: Sample[] = [];
  let position = 0;
  for (const sample of kept) {
    const dts = sample.dts + delay;
    if (dts < position - sample.duration / 2) continue;
    position = rest(laid, position, dts, silence);
    laid.push({ ...sample, dts: position, compositionOffset: 0, keyframe: true });
    position += sample.duration;
  }
  rest(laid, position, end + delay - ((end + delay - position) % duration), silence);
  return { samples: laid, delay };
}

/** Fills up to a time; returns that time, or where it stood if it is there already. */
function rest(laid: Sample[], from: number, to: number, silence: Sample): number {
  let position = from;
  while (to - position >= silence.duration) {
    laid.push({ ...silence, dts: position, compositionOffset: 0, keyframe: true });
    position += silence.duration;
  }
  const last = laid.at(-1);
  if (last !== undefined && to > position) laid[laid.length - 1] = { ...last, duration: to - last.dts };
  return Math.max(position, to);
}

/** In the output's clock; frames that follow each other but for rounding do so exactly. */
function smooth(samples: Sample[], zero: number, timescale: number): Sample[] {
  let expected = Number.NaN;
  return samples.map((sample) => {
    const time = sample.dts - zero;
    const dts = Math.abs(time - expected) <= JITTER_SECONDS * timescale ? expected : time;
    expected = dts + sample.duration;
    return { ...sample, dts };
  });
}
