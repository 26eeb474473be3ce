/** Writes CMAF segments: `styp`, one `moof`, one `mdat` (ISO/IEC 23000-19, 7.3.3.1; ISO/IEC 14496-12, 8.8). */
import { boxHeader, concatenate, fourCharacters, highAndLow, makeBox, words } from "./boxes.js";
import { ReelmeshError } from "./errors.js";
import type { Sample } from "./fragment-reader.js";

/** A sync sample depends on no other; any other sample does, and is no place to start (ISO/IEC 14496-12, 8.8.3.1). */
const SYNC_FLAGS = 0x02000000;
const NON_SYNC_FLAGS = 0x01010000;

/** The only track of a CMAF file, as ffmpeg numbers it too. */
const TRACK = 1;

const SEGMENT_TYPE = makeBox("styp", [
  fourCharacters("msdh"), // a DASH media segment of the general type (ISO/IEC 23009-1, 6.3.4.2)
  words(0),
  ...["msdh", "cmfs", "cmff"].map(fourCharacters), // a CMAF segment that is one CMAF fragment
]);

/**
 * A media segment with the samples in decode order. Its decode time is the first sample's, later ones follow from the
 * durations; `sequence` goes into `mfhd`. MEDIA when there are no samples.
 */
export function writeSegment(segment: { sequence: number; samples: Sample[] }): Uint8Array {
  const { sequence, samples } = segment;
  const [first] = samples;
  if (!first) throw new ReelmeshError("MEDIA", `segment ${sequence} has no samples; encode it again`);
  const moofBytes = movieFragment(sequence, first.dts, samples, 0).length;
  const data = samples.map((sample) => sample.data);
  const dataBytes = data.reduce((sum, part) => sum + part.length, 0);
  const moof = movieFragment(sequence, first.dts, samples, moofBytes + 8);
  return concatenate([SEGMENT_TYPE, moof, boxHeader("mdat", dataBytes), ...data]);
}

/** `dataOffset`: bytes from the start of `moof` to the first sample. */
function movieFragment(sequence: number, dts: number, samples: Sample[], dataOffset: number): Uint8Array {
  const duration = sharedDuration(samples);
  const header = makeBox("tfhd", [
    words(0x20000 | 0x20 | (duration === undefined ? 0 : 0x8), TRACK),
    words(...(duration === undefined ? [] : [duration]), sampleFlags(samples.at(-1))),
  ]);
  const decodeTime = makeBox("tfdt", [words(0x01000000, ...highAndLow(dts))]);
  const run = trackRun(samples, dataOffset, duration === undefined);
  return makeBox("moof", [makeBox("mfhd", [words(0, sequence)]), makeBox("traf", [header, decodeTime, run])]);
}

function sharedDuration(samples: Sample[]): number | undefined {
  const duration = samples[0]?.duration;
  return samples.every((sample) => sample.duration === duration) ? duration : undefined;
}

function sampleFlags(sample: Sample | undefined): number {
  return sample?.keyframe ? SYNC_FLAGS : NON_SYNC_FLAGS;
}

function trackRun(samples: Sample[], dataOffset: number, ownDurations: boolean): Uint8Array {
  // `tfhd` has the flags of the last sample: enough when all are alike, or all but the first
  const [first] = samples;
  const common = sampleFlags(samples.at(-1));
  const ownFlags = samples.slice(1).some((sample) => sampleFlags(sample) !== common);
  const firstFlags = !ownFlags && sampleFlags(first) !== common;
  const offsets = samples.some((sample) => sample.compositionOffset !== 0);
  const present =
    0x201 | (firstFlags ? 0x4 : 0) | (ownDurations ? 0x100 : 0) | (ownFlags ? 0x400 : 0) | (offsets ? 0x800 : 0);
  const rows = samples.map((sample) => {
    const row = ownDurations ? [sample.duration, sample.data.length] : [sample.data.length];
    if (ownFlags) row.push(sampleFlags(sample));
    if (offsets) row.push(sample.compositionOffset);
    return words(...row);
  });
  // signed offsets need version 1, which CMAF does not allow beside an edit list
  const version = samples.some((sample) => sample.compositionOffset < 0) ? 1 : 0;
  const head = words((version << 24) | present, samples.length, dataOffset);
  return makeBox("trun", [head, ...(firstFlags ? [words(sampleFlags(first))] : []), ...rows]);
}
