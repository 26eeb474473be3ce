/** What manifests tell of finished renditions: their durations and bit rates. */
import { ReelmeshError } from "./errors.js";
import type { EncodedRendition, SegmentFile } from "./media.js";

/** The rendition of a kind and name. MEDIA when it is not among those encoded. */
export function findRendition(
  renditions: EncodedRendition[],
  kind: EncodedRendition["kind"],
  name: string,
): EncodedRendition {
  const found = renditions.find((rendition) => rendition.kind === kind && rendition.name === name);
  if (!found) throw new ReelmeshError("MEDIA", `${kind} ${name} of the plan was not encoded; encode it`);
  return found;
}

/** Seconds of a rendition, all segments together. */
export function renditionSeconds(rendition: EncodedRendition): number {
  return rendition.segments.reduce((sum, segment) => sum + segment.duration, 0) / rendition.timescale;
}

/** Seconds of the longest segment of all renditions. */
export function longestSegmentSeconds(renditions: EncodedRendition[]): number {
  let longest = 0;
  for (const { segments, timescale } of renditions) {
    for (const { duration } of segments) longest = Math.max(longest, duration / timescale);
  }
  return longest;
}

/**
 * EXT-X-TARGETDURATION in whole seconds, one for all playlists of an asset (RFC 8216, 4.3.3.1 and 6.2.4): no segment
 * rounded to the nearest second is longer. At least 1.
 */
export function targetDuration(renditions: EncodedRendition[]): number {
  return Math.max(1, Math.round(longestSegmentSeconds(renditions)));
}

/** Bits a second over the whole rendition, rounded up. */
export function averageBitrate(rendition: EncodedRendition): number {
  const bytes = rendition.segments.reduce((sum, segment) => sum + segment.bytes, 0);
  return Math.ceil((bytes * 8) / renditionSeconds(rendition));
}

/**
 * Bits a second, rounded up: the largest over any contiguous run of segments that lasts 0.5 to 1.5 target durations
 * (RFC 8216, 4.3.4.2). A rendition too short for any such run has its average.
 */
export function peakBitrate(rendition: EncodedRendition, target: number): number {
  const { segments, timescale } = rendition;
  let peak = 0;
  for (let first = 0; first < segments.length; first++) {
    peak = Math.max(peak, peakFrom(segments, first, target * timescale) * timescale);
  }
  return peak > 0 ? Math.ceil(peak) : averageBitrate(rendition);
}

/** Bits a tick of the densest run that begins with one segment; 0 when no run has the length. */
function peakFrom(segments: SegmentFile[], first: number, targetTicks: number): number {
  let bits = 0;
  let ticks = 0;
  let peak = 0;
  for (let index = first; index < segments.length; index++) {
    const segment = segments[index] as SegmentFile;
    bits += segment.bytes * 8;
    ticks += segment.duration;
    if (ticks > 1.5 * targetTicks) break;
    if (ticks >= 0.5 * targetTicks) peak = Math.max(peak, bits / ticks);
  }
  return peak;
}
