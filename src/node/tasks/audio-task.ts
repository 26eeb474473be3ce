/** One audio track from end to end, to final CMAF segments. */
import { readFile } from "node:fs/promises";
import { OPUS_PRE_SKIP, zeroInCut } from "../../core/audio-arguments.js";
import { layCopied, trimTail } from "../../core/audio-frames.js";
import { type CutSegment, cutAudio } from "../../core/cmaf.js";
import { delayPresentation } from "../../core/edit-list.js";
import { ReelmeshError } from "../../core/errors.js";
import { readSamples, type Sample, splitInit } from "../../core/fragment-reader.js";
import type { AudioTrackPlan, Plan } from "../../core/media.js";
import type { TaskReports } from "../worker.js";
import type { MediaTools } from "./media-tools.js";

export interface MadeAudio {
  init: Uint8Array;
  timescale: number;
  segments: CutSegment[];
  notes: string[];
}

type CopiedTrackPlan = AudioTrackPlan & { codec: "ac-3" | "ec-3" };

/** MEDIA when it cannot be encoded, or nothing of it can be copied. */
export async function makeAudio(
  media: MediaTools,
  plan: Plan,
  track: AudioTrackPlan,
  cut: string,
  scratch: string,
  signal: AbortSignal,
  { onProgress, onMade }: TaskReports,
): Promise<MadeAudio> {
  if (isCopied(track)) return copy(media, plan, track, cut, scratch, signal);
  const { file, notes } = await media.encodeAudio(plan, track, cut, scratch, { signal, onProgress });
  onMade();
  const bytes = await readFile(file);
  const { timescale, samples } = readSamples(bytes);
  const preSkip = track.codec === "opus" ? OPUS_PRE_SKIP : 0;
  const { init } = splitInit(bytes);
  const kept = trimTail(samples, timescale, track.seconds, preSkip);
  return {
    init: preSkip > 0 ? delayPresentation(init, preSkip) : init,
    timescale,
    segments: cutAudio(kept, timescale, plan.boundaries),
    notes,
  };
}

function isCopied(track: AudioTrackPlan): track is CopiedTrackPlan {
  return track.codec === "ac-3" || track.codec === "ec-3";
}

async function copy(
  media: MediaTools,
  plan: Plan,
  track: CopiedTrackPlan,
  cut: string,
  scratch: string,
  signal: AbortSignal,
): Promise<MadeAudio> {
  const bytes = await readFile(cut);
  const { timescale, samples } = readSamples(bytes);
  const silence = await silenceFor(media, track, samples, timescale, cut, scratch, signal);
  const zero = zeroInCut(plan, track, timescale);
  const end = plan.video === null ? 0 : Math.round(track.seconds * timescale);
  const laid = layCopied({ timescale, samples, zero, end, silence });
  const { init } = splitInit(bytes);
  return {
    init: laid.delay > 0 ? delayPresentation(init, laid.delay) : init,
    timescale,
    segments: cutAudio(laid.samples, timescale, plan.boundaries),
    notes: [],
  };
}

async function silenceFor(
  media: MediaTools,
  track: CopiedTrackPlan,
  samples: Sample[],
  timescale: number,
  cut: string,
  scratch: string,
  signal: AbortSignal,
): Promise<Sample> {
  const [first] = samples;
  if (first === undefined) throw new ReelmeshError("MEDIA", `${track.name} has no frames to copy`);
  const bitrate = Math.round((first.data.length * 8 * timescale) / first.duration);
  const file = await media.encodeSilence(track, cut, bitrate, scratch, signal);
  const { samples: quiet } = readSamples(await readFile(file));
  // the first frame fades in
  const frame = quiet[1];
  if (frame === undefined) throw new ReelmeshError("MEDIA", `no silence could be made for ${track.name}`);
  return frame;
}
