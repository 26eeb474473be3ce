/** How hard an encoder is held back. */
import { FULL_AT_SEAMS } from "./leaky-bucket.js";
import type { VideoRendition } from "./media.js";
import { coarserCrf } from "./video-encoders.js";

/** Of the cap and the buffer, for each try. */
const SHARE = 0.85;
/** Steps of x264's quality, for each try: some encoders' caps only hold on average. */
const COARSER = 1.5;

/** The rendition with less room, for the try of that number (from 1). What its init segment says stays. */
export function tightened(rendition: VideoRendition, tries: number): VideoRendition {
  const { codec, crf, maxBitrate, bufferBits } = rendition;
  const share = SHARE ** tries;
  return {
    ...rendition,
    fullness: FULL_AT_SEAMS,
    crf: coarserCrf(codec, crf, COARSER * tries),
    maxBitrate: Math.round(maxBitrate * share),
    bufferBits: Math.round(bufferBits * share),
  };
}
