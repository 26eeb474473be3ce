/** The offset edit list of CMAF video: coded frames stand later than they are shown (ISO/IEC 23000-19, 7.5.13). */
import { boxAt, concatenate, findBox, makeBox, unreadable, words } from "./boxes.js";
import type { Timeline, VideoCodec } from "./media.js";

/**
 * At a variable rate the longest pair of neighbours may be seconds apart. ffmpeg 5.1 takes video of HLS that is decoded
 * more than 100 ms before it is shown, and whose frames last differently long, for a break in time.
 */
const LONGEST_VARIABLE_SECONDS = 0.08;

/**
 * Ticks by which frames of a timeline are decoded ahead of being shown, when at most two others are decoded before them
 * and shown after them, as in x264's and x265's streams: the longest pair of neighbours, or 80 ms where durations vary.
 * AV1 and VP9 have one frame to be shown in each sample, in the order of showing: 0.
 */
export function reorderDelay({ timescale, steps }: Timeline, codec: VideoCodec): number {
  if (codec === "av1" || codec === "vp9") return 0;
  let longest = 0;
  let previous = 0;
  for (const [duration, frames] of steps) {
    longest = Math.max(longest, previous + duration, frames > 1 ? 2 * duration : 0);
    previous = duration;
  }
  const most = steps.length > 1 ? LONGEST_VARIABLE_SECONDS * timescale : longest;
  return Math.round(Math.min(longest, most));
}

/**
 * A copy of an init segment with one track and no edit list, which says that its frames are shown `delay` ticks of the
 * track's timescale before their composition times. MEDIA when it has an edit list already.
 *
 * Negative composition offsets would do without, but ffmpeg, and every player built on it, shows a fragmented track
 * that has any later than its sound, by the most negative one: measured 80 ms at 25 frames a second (5.1.9).
 */
export function delayPresentation(init: Uint8Array, delay: number): Uint8Array {
  const movie = boxAt(init, { body: 0, end: init.length }, "moov");
  const track = boxAt(init, movie, "trak");
  if (findBox(init, track, "edts")) throw unreadable("it has an edit list already");
  // the whole track (0: to the end), from its media time `delay`, at rate 1.0
  const edit = makeBox("edts", [makeBox("elst", [words(0, 1, 0, delay, 0x10000)])]);
  const { end } = boxAt(init, track, "tkhd");
  const longer = concatenate([init.subarray(0, end), edit, init.subarray(end)]);
  for (const box of [movie, track]) longer.set(words(box.end - box.start + edit.length), box.start);
  return longer;
}
