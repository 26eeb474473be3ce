/** One audio track from end to end, to final CMAF segments. */
import { readFile } from "node:fs/promises";
import { OPUS_PRE_SKIP, zeroInCut } from "../../core/audio-arguments.js";
import { layCopied, trimTail } from "../../core/audio-frames.js";
import { type CutSegment, cutAudio } from "../../core/cmaf.js";
import { delayPresentation } from "../../core/edit-list.js";
import { ReelmeshError } from "../../core/errors.js";
import { readSamples, type Sample, splitInit, wholeFragments } from "../../core/fragment-reader.js";
import { sayLanguage } from "../../core/language-code.js";
import type { AudioTrackPlan, Plan } from "../../core/media.js";
import type { TaskReports } from "../worker.js";
import { Beginning } from "./beginning.js";
import type { MediaTools } from "./media-tools.js";

export interface MadeAudio {
  init: Uint8Array;
  timescale: number;
  segments: CutSegment[];
  notes: string[];
}

type CopiedTrackPlan = AudioTrackPlan & { codec: "ac-3" | "ec-3" };

/**
 * `onBegun` is told what there is while the rest is being encoded: whole segments, which stay as they are. MEDIA when it
 * cannot be encoded, or nothing of it can be copied.
 */
export async function makeAudio(
  media: MediaTools,
  plan: Plan,
  track: AudioTrackPlan,
  cut: string,
  scratch: string,
  signal: AbortSignal,
  { onProgress, onMade }: Pick<TaskReports, "onProgress" | "onMade">,
  onBegun: (begun: MadeAudio) => Promise<void>,
): Promise<MadeAudio> {
  if (isCopied(track)) return copy(media, plan, track, cut, scratch, signal);
  const beginning = new Beginning(async (file) => {
    const bytes = wholeFragments(await readFile(file));
    const begun = bytes && cutEncoded(plan, track, bytes);
    // The last of them may not be whole.
    const segments = begun?.segments.slice(0, -1) ?? [];
    if (begun !== undefined && segments.length > 0) await onBegun({ ...begun, segments });
    return secondsOf(segments, begun?.timescale);
  }, plan.boundaries[0]);
  const onWritten = (file: string, seconds: number) => beginning.reached(file, seconds);
  const encoded = media.encodeAudio(plan, track, cut, scratch, { signal, onProgress, onWritten });
  const { file, notes } = await encoded.finally(() => beginning.end());
  onMade();
  return { ...cutEncoded(plan, track, await readFile(file), track.seconds), notes };
}

/** `end`: of a whole track, seconds. */
function cutEncoded(plan: Plan, { codec, language }: AudioTrackPlan, bytes: Uint8Array, end?: number): MadeAudio {
  const { timescale, samples } = readSamples(bytes);
  const preSkip = codec === "opus" ? OPUS_PRE_SKIP : 0;
  const init = sayLanguage(splitInit(bytes).init, language);
  const kept = end === undefined ? samples : trimTail(samples, timescale, end, preSkip);
  return {
    init: preSkip > 0 ? delayPresentation(init, preSkip) : init,
    timescale,
    segments: cutAudio(kept, timescale, plan.boundaries),
    notes: [],
  };
}

function secondsOf(segments: CutSegment[], timescale = 1): number {
  const last = segments.at(-1);
  return last === undefined ? 0 : (last.start + last.duration) / timescale;
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
  const init = sayLanguage(splitInit(bytes).init, track.language);
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
