/** Sound: encoding a track, measuring its loudness before, and what a copied track takes. */
import { join } from "node:path";
import { encodeAudioArguments, measureAudioArguments, silenceArguments } from "../../core/audio-arguments.js";
import { ReelmeshError } from "../../core/errors.js";
import { fileUrl, safeInput } from "../../core/ffmpeg-arguments.js";
import {
  chooseGain,
  correctGain,
  type Gain,
  gainNote,
  type Loudness,
  loudnessReader,
  type Tried,
} from "../../core/loudness.js";
import type { AudioTrackPlan, Plan } from "../../core/media.js";
import { run } from "./process.js";
import { type EncodeProgress, PROGRESS_ARGUMENTS, progressReader } from "./progress.js";

/** The first measuring, and corrections of a limited track. */
const MOST_MEASURINGS = 6;

export interface EncodedAudio {
  /** A fragmented MP4. */
  file: string;
  notes: string[];
}

type Encoding = { signal: AbortSignal; onProgress(progress: { done: number; speed: number }): void };

/** From the output's zero on. MEDIA. */
export async function encodeAudio(
  plan: Plan,
  track: AudioTrackPlan,
  cut: string,
  folder: string,
  { signal, onProgress }: Encoding,
): Promise<EncodedAudio> {
  const file = join(folder, `${track.name}.mp4`);
  const { gain, notes } = await normalise(plan, track, cut, signal);
  const onTime = ({ outTimeMs }: EncodeProgress) => onProgress({ done: outTimeMs, speed: 0 });
  await run("ffmpeg", [...PROGRESS_ARGUMENTS, ...encodeAudioArguments(plan, track, cut, file, gain)], {
    signal,
    purpose: `encoding ${track.name} of job ${plan.job}`,
    blame: "MEDIA",
    onLine: progressReader(onTime),
  });
  return { file, notes };
}

/** The gain that brings a track to the loudness that the job asks for. */
async function normalise(
  plan: Plan,
  track: AudioTrackPlan,
  cut: string,
  signal: AbortSignal,
): Promise<{ gain?: Gain; notes: string[] }> {
  const target = plan.options.loudness;
  if (target === 0) return { notes: [] };
  const found = await measure(plan, track, cut, signal);
  let gain = chooseGain(target, found);
  if (gain === undefined || !gain.limited) return { ...(gain && { gain }), notes: [gainNote(track.name, found, gain)] };
  let before: Tried = { gain: 0, integrated: found.integrated };
  for (let count = 2; ; count++) {
    const last: Tried = { gain: gain.gain, integrated: (await measure(plan, track, cut, signal, gain)).integrated };
    const better = count < MOST_MEASURINGS ? correctGain(target, before, last) : undefined;
    if (better === undefined) return { gain, notes: [gainNote(track.name, found, gain, last.integrated)] };
    before = last;
    gain = better;
  }
}

async function measure(
  plan: Plan,
  track: AudioTrackPlan,
  cut: string,
  signal: AbortSignal,
  gain?: Gain,
): Promise<Loudness> {
  const reader = loudnessReader();
  await run("ffmpeg", measureAudioArguments(plan, track, cut, gain), {
    signal,
    purpose: `measuring the loudness of ${track.name} of job ${plan.job}`,
    blame: "MEDIA",
    onLine: (line) => {
      reader.onLine(line);
      return true;
    },
  });
  return reader.read();
}

/**
 * A fragmented MP4 with frames of silence that a track which is copied can hold between its own. `bitrate`: bits a second
 * of the track's frames. MEDIA.
 */
export async function encodeSilence(
  track: AudioTrackPlan & { codec: "ac-3" | "ec-3" },
  cut: string,
  bitrate: number,
  folder: string,
  signal: AbortSignal,
): Promise<string> {
  const layout = await channelLayout(cut, signal);
  const target = join(folder, "silence.mp4");
  const form = { sampleRate: track.sampleRate, layout, bitrate };
  await run("ffmpeg", [...PROGRESS_ARGUMENTS, ...silenceArguments(track.codec, form, target)], {
    signal,
    purpose: `encoding silence beside ${track.name}`,
    blame: "MEDIA",
    onLine: progressReader(() => {}),
  });
  return target;
}

async function channelLayout(cut: string, signal: AbortSignal): Promise<string> {
  let layout = "";
  const args = [
    "-show_entries",
    "stream=channel_layout",
    "-of",
    "default=nw=1:nk=1",
    ...safeInput("mov"),
    fileUrl(cut),
  ];
  await run("ffprobe", args, {
    signal,
    purpose: "reading the channels of a copied track",
    blame: "MEDIA",
    onLine: (line) => {
      layout ||= line.trim();
      return true;
    },
  });
  if (!/^[\w.()]+$/.test(layout)) throw new ReelmeshError("MEDIA", `the copied track has unknown channels "${layout}"`);
  return layout;
}
