/** What manifests tell of finished renditions: their durations and bit rates. */
import { LONGER_SECONDS } from "./cmaf.js";
import { ReelmeshError } from "./errors.js";
import type { AssetFile, EncodedRendition, Plan, SegmentFile } from "./media.js";

/** What manifests are written from. */
export interface MadeAsset {
  plan: Plan;
  /** All of the plan's, from the start without a gap; while they are encoded, all up to the same time. */
  renditions: EncodedRendition[];
  /** What else was made: path below the asset's folder -> file. */
  files: Record<string, AssetFile>;
}

/** What there is to say of an asset that is still being encoded. Times are ISO 8601. */
export interface Growth {
  /** One that stays the same until the end: when the job was submitted. */
  since: string;
  /** When the manifests were written. */
  now: string;
  /** Target duration of the whole, seconds. */
  target: number;
  /** Most bits a second by the name of a rendition: what it is encoded with, or the peak where all of it is there. */
  caps: Map<string, number>;
  /** Names of all tracks of the plan, those too that are not there yet, in the order of their adaptation sets. */
  tracks: string[];
}

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
 * rounded to the nearest second is longer. At least 1. `atLeastSeconds`: the longest of those that are to come.
 */
export function targetDuration(renditions: EncodedRendition[], atLeastSeconds = 1): number {
  return Math.round(Math.max(1, atLeastSeconds, longestSegmentSeconds(renditions)));
}

/** Frames of sound are up to so many samples long (AC-3), and segments of sound end at the frame nearest the boundary. */
const LONGEST_SOUND_FRAME = 1536;

/**
 * What no segment of an asset is longer than, by its plan alone: so the target duration is the same from the first
 * segment to the last (RFC 8216, 6.2.1: it must not change), also where a later segment of sound is a frame longer.
 */
export function longestPlannedSeconds({ boundaries, audio }: Pick<Plan, "boundaries" | "audio">): number {
  const longest = boundaries.reduce((most, end, place) => Math.max(most, end - (boundaries[place - 1] ?? 0)), 0);
  const frame = Math.max(0, ...audio.map(({ sampleRate }) => LONGEST_SOUND_FRAME / sampleRate));
  const end = boundaries.at(-1) ?? 0;
  return longest + frame + (audio.some(({ seconds }) => seconds > end + frame) ? LONGER_SECONDS : 0);
}

/** Bits a second over the whole rendition, rounded up. */
function averageBitrate(rendition: EncodedRendition): number {
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

/** Bits a second, rounded up. */
export interface Bitrates {
  /** As peakBitrate; of what is still being encoded, the cap that it is encoded with. */
  peak: number;
  /** Undefined while it is encoded. */
  average: number | undefined;
}

/** The bit rates that an asset's manifests tell, by rendition. */
export function bitratesOf(
  { plan, renditions }: MadeAsset,
  growth?: Growth,
): (rendition: EncodedRendition) => Bitrates {
  const target = targetDuration(renditions, longestPlannedSeconds(plan));
  return (rendition) => {
    const cap = growth?.caps.get(rendition.name);
    if (cap !== undefined) return { peak: cap, average: undefined };
    return { peak: peakBitrate(rendition, target), average: averageBitrate(rendition) };
  };
}

/** A video rendition of which only the first picture of each segment is read. */
export function keysOf(rendition: EncodedRendition): EncodedRendition {
  const segments = rendition.segments.map((segment) => ({ ...segment, bytes: segment.keyBytes ?? segment.bytes }));
  return { ...rendition, segments };
}
