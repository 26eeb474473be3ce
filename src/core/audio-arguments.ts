/** Command lines for ffmpeg that cut a track of sound, measure it and encode it from end to end. */
import { AUDIO_ENCODERS } from "./audio-plan.js";
import { CLEAN, CMAF } from "./encode-arguments.js";
import { CUT_FORMAT, CUT_OFFSET_SECONDS, cutArguments, fileUrl, safeInput } from "./ffmpeg-arguments.js";
import { type Gain, gainFilters } from "./loudness.js";
import type { AudioTrackPlan, Plan, VideoPlan } from "./media.js";
import { frameTicks } from "./timeline.js";

/** By the number of channels; of six the order that AAC and Opus have too. */
const LAYOUTS: Record<number, string> = { 1: "mono", 2: "stereo", 6: "5.1" };
/** The MP4 of a cut begins when its codec is known, and says nothing of when; the fragments do. */
const CUT_TO_MP4 = ["-use_editlist", "0", "-frag_duration", "2000000"];
const CUT_FLAGS = ["-movflags", "+cmaf+frag_keyframe+frag_discont+delay_moov"];
/** Samples that libopus puts in front; `dOps` tells of them, and players that read it leave them out. */
export const OPUS_PRE_SKIP = 312;

/** Copies one whole audio track to a file of the track's cut format. */
export function cutAudioArguments(plan: Plan, track: AudioTrackPlan, source: string, target: string): string[] {
  const format = track.cutFormat ?? CUT_FORMAT;
  const muxer = format === "mp4" ? [...CUT_TO_MP4, ...CUT_FLAGS, "-bitexact"] : [];
  return cutArguments(plan, track.stream, source, [], ["-copyinkf", ...muxer, "-f", format, fileUrl(target)]);
}

/**
 * Encodes one audio track from end to end: silence where it starts after the output's zero, cut where it starts before,
 * filled up with silence to the end of the video.
 *
 * The AAC encoder's frame of priming, which `+cmaf` would not signal, is dropped, so that the sound stands where it
 * stood. Opus keeps its own, from decode time 0 on: an edit list takes it off again.
 */
export function encodeAudioArguments(
  plan: Plan,
  track: AudioTrackPlan,
  cut: string,
  target: string,
  gain?: Gain,
): string[] {
  const filters = [...prepared(plan, track), ...gainFilters(gain, track), format(track)];
  const output = ["-frag_duration", "2000000", ...CMAF, ...CLEAN, "-f", "mp4", fileUrl(target)];
  return [...input(track, cut), "-af", filters.join(","), ...encoder(track), ...output];
}

/** Measures what would be encoded, and prints it: see loudnessReader. */
export function measureAudioArguments(plan: Plan, track: AudioTrackPlan, cut: string, gain?: Gain): string[] {
  const filters = [...prepared(plan, track), ...gainFilters(gain, track), format(track), ...meter(track)];
  return [...input(track, cut), "-af", filters.join(","), "-f", "null", "-"];
}

/** The same for what encodeAudioArguments made. */
export function measureEncodedArguments(track: AudioTrackPlan, file: string): string[] {
  return [...safeInput("mov"), "-i", fileUrl(file), "-af", meter(track).join(","), "-f", "null", "-"];
}

function meter({ channels }: AudioTrackPlan): string[] {
  const print = (key: string) => `ametadata=mode=print:key=lavfi.r128.${key}:file=-`;
  const peaks = Array.from({ length: channels }, (_, channel) => print(`true_peaks_ch${channel}`));
  return ["ebur128=metadata=1:peak=true", print("I"), ...peaks];
}

/** Half a second of silence in the form of a copied track whose frames have so many bits a second. */
export function silenceArguments(
  codec: "ac-3" | "ec-3",
  { sampleRate, layout, bitrate }: { sampleRate: number; layout: string; bitrate: number },
  target: string,
): string[] {
  const source = ["-f", "lavfi", "-i", `anullsrc=r=${sampleRate}:cl=${layout}`, "-t", "0.5"];
  // the encoder's delay would begin before zero
  const output = ["-output_ts_offset", "1", ...CUT_TO_MP4, ...CUT_FLAGS, ...CLEAN, "-f", "mp4", fileUrl(target)];
  return [...source, "-c:a", AUDIO_ENCODERS[codec], "-b:a", String(bitrate), ...output];
}

/** The output's zero in ticks of a cut, whose timescale is given. */
export function zeroInCut({ zero }: Plan, { late = 0 }: AudioTrackPlan, timescale: number): number {
  const { num, den } = zero.timeBase;
  return Math.round((CUT_OFFSET_SECONDS + (zero.pts * num) / den + late) * timescale);
}

function input(track: AudioTrackPlan, cut: string): string[] {
  const format = track.cutFormat === "mp4" ? "mov" : (track.cutFormat ?? CUT_FORMAT);
  return ["-copyts", ...safeInput(format), "-i", fileUrl(cut), "-map", "0:0"];
}

function prepared(plan: Plan, track: AudioTrackPlan): string[] {
  const { num, den } = plan.zero.timeBase;
  const zero = `${CUT_OFFSET_SECONDS}+${plan.zero.pts}*${num}/${den}+${(track.late ?? 0).toFixed(9)}`;
  return [
    `asetpts=PTS-round((${zero})/TB)`,
    `aresample=${track.sampleRate}:async=1:first_pts=0`,
    format(track),
    ...(plan.video ? [`apad=whole_dur=${videoEnd(plan.video)}`] : []),
  ];
}

function format({ sampleRate, channels, codec }: AudioTrackPlan): string {
  const sample = codec === "opus" ? "flt" : "fltp";
  return `aformat=sample_fmts=${sample}:sample_rates=${sampleRate}:channel_layouts=${LAYOUTS[channels] ?? "stereo"}`;
}

function encoder({ codec, bitrate, channels }: AudioTrackPlan): string[] {
  if (codec !== "opus") return ["-c:a", "aac", "-b:a", String(bitrate), "-bsf:a", "noise=drop=lt(n\\,1)"];
  const surround = channels > 2 ? ["-mapping_family", "1"] : [];
  const offset = ["-output_ts_offset", (OPUS_PRE_SKIP / 48_000).toFixed(6)];
  return ["-c:a", AUDIO_ENCODERS.opus, "-b:a", String(bitrate), ...surround, ...offset];
}

/** Seconds with six decimals. */
function videoEnd({ timeline, frames }: VideoPlan): string {
  return (frameTicks(timeline)(frames) / timeline.timescale).toFixed(6);
}
