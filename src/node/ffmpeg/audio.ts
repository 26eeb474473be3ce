/** Sound: encoding a track, measuring its loudness before, and what a copied track takes. */
import { join } from "node:path";
import {
  encodeAudioArguments,
  measureAudioArguments,
  measureEncodedArguments,
  silenceArguments,
} from "../../core/audio-arguments.js";
import { ReelmeshError } from "../../core/errors.js";
import { fileUrl, safeInput } from "../../core/ffmpeg-arguments.js";
import {
  chooseGain,
  correctGain,
  type Gain,
  gainNote,
  type Loudness,
  loudnessReader,
  lowerCeiling,
  type Tried,
} from "../../core/loudness.js";
import type { AudioTrackPlan, Plan } from "../../core/media.js";
import { run } from "./process.js";
import { type EncodeProgress, PROGRESS_ARGUMENTS, progressReader } from "./progress.js";

/** Corrections of a limited track before it is encoded, and encodes until its peaks are low enough. */
const MOST_MEASURINGS = 5;
const MOST_ENCODES = 4;

export interface EncodedAudio {
  /** A fragmented MP4. */
  file: string;
  notes: string[];
}

interface Encoding {
  signal: AbortSignal;
  onProgress(progress: { done: number; speed: number }): void;
  onWritten?(file: string, seconds: number): void;
}

/**
 * From the output's zero on, at the loudness that the job asks for. Where one is asked for, the file may be made again:
 * its peaks are known at the end alone, so nothing is told of it before. MEDIA.
 */
export async function encodeAudio(
  plan: Plan,
  track: AudioTrackPlan,
  cut: string,
  folder: string,
  { signal, onProgress, onWritten }: Encoding,
): Promise<EncodedAudio> {
  const file = join(folder, `${track.name}.mp4`);
  const isFinal = plan.options.loudness === 0;
  const onTime = ({ outTimeMs }: EncodeProgress) => {
    onProgress({ done: outTimeMs, speed: 0 });
    if (isFinal) onWritten?.(file, outTimeMs / 1000);
  };
  const encode = (gain?: Gain) =>
    run("ffmpeg", [...PROGRESS_ARGUMENTS, ...encodeAudioArguments(plan, track, cut, file, gain)], {
      signal,
      purpose: `encoding ${track.name} of job ${plan.job}`,
      blame: "MEDIA",
      onLine: progressReader(onTime),
    });
  const meter = (args: string[]) => measure(args, `measuring the loudness of ${track.name} of job ${plan.job}`, signal);
  if (isFinal) {
    await encode();
    return { file, notes: [] };
  }
  const found = await meter(measureAudioArguments(plan, track, cut));
  const target = plan.options.loudness;
  const correct = (first: Gain | undefined) =>
    correctedGain(target, found, first, (tried) => meter(measureAudioArguments(plan, track, cut, tried)));
  let gain = await correct(chooseGain(target, found));
  await encode(gain);
  let made = await meter(measureEncodedArguments(track, file));
  for (let count = 1; gain !== undefined && count < MOST_ENCODES; count++) {
    const lower = lowerCeiling(gain, made);
    if (lower === undefined) break;
    gain = await correct(lower);
    await encode(gain);
    made = await meter(measureEncodedArguments(track, file));
  }
  return { file, notes: [gainNote(track.name, found, made, gain)] };
}

/** A gain whose ceiling takes some of it away is tried and raised until it comes near the target. */
async function correctedGain(
  target: number,
  found: Loudness,
  first: Gain | undefined,
  tryOut: (gain: Gain) => Promise<Loudness>,
): Promise<Gain | undefined> {
  let gain = first;
  let before: Tried = { gain: 0, integrated: found.integrated };
  for (let count = 1; gain?.ceiling !== undefined && count < MOST_MEASURINGS; count++) {
    const last: Tried = { gain: gain.gain, integrated: (await tryOut(gain)).integrated };
    const better = correctGain(target, before, last);
    if (better === undefined) break;
    before = last;
    gain = { ...gain, gain: better };
  }
  return gain;
}

async function measure(args: string[], purpose: string, signal: AbortSignal): Promise<Loudness> {
  const reader = loudnessReader();
  await run("ffmpeg", args, {
    signal,
    purpose,
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
