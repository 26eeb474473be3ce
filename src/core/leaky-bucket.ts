/**
 * The decoder's buffer of a rendition, checked against what its playlist promises (the hypothetical reference decoder at
 * a variable rate: ITU-T H.264, C.1.2; the same model fits the other codecs). It fills at the rendition's highest bit
 * rate until it is full, and each frame is taken out whole when it is decoded: one that is not there yet is an underflow.
 */

/** Of a coded frame: its size, and seconds until the next one is decoded. */
export interface BucketFrame {
  bits: number;
  seconds: number;
}

export interface BucketLimits {
  /** Bits a second and bits. */
  maxBitrate: number;
  bufferBits: number;
}

/**
 * What a run of frames does to the buffer, whatever was in it: it underflows when less than `need` bits were, and leaves
 * what was plus `gain`, but no more than `most`. So runs can be joined without their frames.
 */
export interface BucketRun {
  need: number;
  gain: number;
  most: number;
}

/** A player begins to decode when the buffer is this full, as x264's and x265's own models do. */
export const FULL_AT_START = 0.9;
/** How full every chunk leaves the buffer, at least, and so how full every other one finds it. */
export const FULL_AT_SEAMS = 0.5;

/** What the frames do, in decode order. */
export function bucketRun(frames: Iterable<BucketFrame>, { maxBitrate, bufferBits }: BucketLimits): BucketRun {
  let run: BucketRun = { need: 0, gain: 0, most: bufferBits };
  for (const { bits, seconds } of frames) {
    const filled = seconds * maxBitrate;
    run = joinRuns(run, { need: bits, gain: filled - bits, most: Math.min(bufferBits, bufferBits - bits + filled) });
  }
  return { need: Math.ceil(run.need), gain: Math.floor(run.gain), most: Math.floor(run.most) };
}

/** One run after another. */
export function joinRuns(first: BucketRun, then: BucketRun): BucketRun {
  // the second never has more than the first leaves: what that does not satisfy, nothing does
  const need = Math.max(first.need, then.need > first.most ? Number.MAX_SAFE_INTEGER : then.need - first.gain);
  return { need, gain: first.gain + then.gain, most: Math.min(then.most, first.most + then.gain) };
}

/**
 * Whether a chunk keeps within the limits whatever its neighbours are, as long as they do so too: found at least half
 * full, the buffer does not underflow, and is left at least half full.
 */
export function keepsLimits(run: BucketRun, { bufferBits }: BucketLimits, place: { first: boolean; last: boolean }) {
  const found = (place.first ? FULL_AT_START : FULL_AT_SEAMS) * bufferBits;
  const left = Math.min(run.most, found + run.gain);
  return run.need <= found && (place.last || left >= FULL_AT_SEAMS * bufferBits);
}

/** Place of the first run in which the buffer of a stream underflows, from its start on; undefined: in none. */
export function firstUnderflow(runs: BucketRun[], { bufferBits }: BucketLimits): number | undefined {
  let fullness = FULL_AT_START * bufferBits;
  for (const [place, { need, gain, most }] of runs.entries()) {
    if (fullness < need) return place;
    fullness = Math.min(most, fullness + gain);
  }
  return undefined;
}
