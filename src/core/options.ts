/** Which options of a job are accepted. */
import { AUDIO_CODECS, AUDIO_ENCODERS } from "./audio-plan.js";
import { ReelmeshError } from "./errors.js";
import { HARDWARE } from "./hardware.js";
import { checkLadder, displaySize } from "./ladder.js";
import { LOUDNESS } from "./loudness.js";
import type { VideoCodec } from "./media.js";
import type { SourceSummary } from "./source.js";
import { MOST_SUBTITLE_TRACKS } from "./subtitle-plan.js";
import { EVERYWHERE, encoderOf, VIDEO_CODECS } from "./video-encoders.js";
import type { JobOptions } from "./work.js";

export const PRESETS = [
  "ultrafast",
  "superfast",
  "veryfast",
  "faster",
  "fast",
  "medium",
  "slow",
  "slower",
  "veryslow",
] as const;

/** What a submission gets that asks for nothing. */
export const DEFAULT_OPTIONS: JobOptions = {
  ladder: [],
  segmentSeconds: 4,
  preset: "fast",
  crf: 23,
  codecs: [],
  hardware: "",
  bitrate: 0,
  size: 0,
  autoLadder: false,
  audioCodecs: [],
  loudness: 0,
  subtitles: [],
};

/** 0 would be lossless, which the High profile does not have and players do not decode: x264 refuses it. */
const CRF = { least: 1, most: 51 };
/** Bits a second, and bytes. */
const BITRATE = { least: 10_000, most: 500_000_000 };
const SIZE = { least: 10_000, most: 1e14 };
const SEGMENT_SECONDS = { least: 1, most: 30 };
/** Wide enough for any order that a person keeps in mind. */
export const PRIORITY = { least: -100, most: 100 };

/** INVALID_INPUT when an option is refused, by itself or, with a summary, for this source. */
export function checkOptions(options: JobOptions, summary?: SourceSummary): void {
  const { preset, crf, segmentSeconds, ladder } = options;
  if (!PRESETS.some((known) => known === preset)) {
    throw new ReelmeshError("INVALID_INPUT", `"${preset}" is no preset of x264: use one of ${PRESETS.join(", ")}`);
  }
  if (!Number.isInteger(crf)) throw new ReelmeshError("INVALID_INPUT", `crf ${crf} is no whole number`);
  checkRange("crf", crf, CRF);
  checkCodecs(options.codecs);
  checkHardware(options.hardware);
  checkRates(options);
  checkRange("segment length in seconds", segmentSeconds, SEGMENT_SECONDS);
  checkAudio(options);
  checkSubtitles(options);
  if (summary?.video === null && ladder.length > 0) {
    throw new ReelmeshError("INVALID_INPUT", `${summary.fileName} has no video: leave the ladder out`);
  }
  checkLadder(ladder, summary?.video ? displaySize(summary.video).height : undefined);
}

function checkSubtitles({ subtitles }: JobOptions): void {
  if (subtitles.length > MOST_SUBTITLE_TRACKS) {
    const message = `${subtitles.length} subtitle files: ${MOST_SUBTITLE_TRACKS} are accepted`;
    throw new ReelmeshError("INVALID_INPUT", message);
  }
  for (const { language } of subtitles) {
    if (/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(language)) continue;
    throw new ReelmeshError("INVALID_INPUT", `${JSON.stringify(language)} is no language tag such as en or pt-BR`);
  }
}

function checkAudio({ audioCodecs, loudness }: JobOptions): void {
  const unknown = audioCodecs.find((codec) => !AUDIO_CODECS.includes(codec));
  if (unknown !== undefined) {
    const message = `"${unknown}" is no kind of audio that is made: use ${AUDIO_CODECS.join(", ")}`;
    throw new ReelmeshError("INVALID_INPUT", message);
  }
  if (loudness !== 0) checkRange("loudness in LUFS", loudness, LOUDNESS);
}

function checkCodecs(codecs: string[]): void {
  const unknown = codecs.filter((name) => !VIDEO_CODECS.some((codec) => codec === name));
  const known = VIDEO_CODECS.join(", ");
  if (unknown.length > 0)
    throw new ReelmeshError("INVALID_INPUT", `codec ${unknown.join(" and ")} is not known: use some of ${known}`);
  const repeated = codecs.filter((name, place) => codecs.indexOf(name) !== place);
  if (repeated.length > 0) throw new ReelmeshError("INVALID_INPUT", `codec ${repeated[0]} is there twice`);
}

function checkHardware(hardware: string): void {
  if (hardware === "" || HARDWARE.some((known) => known === hardware)) return;
  throw new ReelmeshError("INVALID_INPUT", `hardware "${hardware}" is not known: use one of ${HARDWARE.join(", ")}`);
}

function checkRates({ bitrate, size, autoLadder, ladder }: JobOptions): void {
  if (bitrate > 0 && size > 0) {
    throw new ReelmeshError("INVALID_INPUT", "a bit rate and a size say the same: give one of them");
  }
  if (bitrate > 0) checkRange("bits a second", bitrate, BITRATE);
  if (size > 0) checkRange("size in bytes", size, SIZE);
  if (autoLadder && ladder.length > 0) {
    throw new ReelmeshError("INVALID_INPUT", "the ladder is either chosen by itself or given: leave its heights out");
  }
}

/** INVALID_INPUT when no live node has an encoder that the job needs. `nodes`: what each has that not every one has. */
export function checkEncoders(
  { codecs, hardware, audioCodecs }: Pick<JobOptions, "codecs" | "hardware" | "audioCodecs">,
  nodes: ReadonlyMap<string, readonly string[]>,
): void {
  const there = new Set([...EVERYWHERE, ...[...nodes.values()].flat()]);
  const sound = [
    ...(audioCodecs.includes("opus") ? [AUDIO_ENCODERS.opus] : []),
    ...(audioCodecs.includes("copy") ? [AUDIO_ENCODERS["ac-3"], AUDIO_ENCODERS["ec-3"]] : []),
  ];
  const lacking = sound.find((encoder) => !there.has(encoder));
  if (lacking !== undefined) {
    const message = `no live node can make the sound that was asked for: its ffmpeg would need ${lacking}`;
    throw new ReelmeshError("INVALID_INPUT", `${message}; start a node that has it, or leave it out of --audio`);
  }
  for (const codec of (codecs.length > 0 ? codecs : ["h264"]) as VideoCodec[]) {
    const encoder = encoderOf(codec, hardware);
    if (there.has(encoder)) continue;
    const how = hardware === "" ? "" : ` with ${hardware}`;
    const message = `no live node can encode ${codec}${how}: its ffmpeg would need ${encoder}`;
    throw new ReelmeshError(
      "INVALID_INPUT",
      `${message}; start a node that has it, or ask for another codec${hardware === "" ? "" : " or hardware, or for none"}`,
    );
  }
}

/** INVALID_INPUT when it is no whole number within PRIORITY. */
export function checkPriority(priority: number): void {
  if (!Number.isInteger(priority)) throw new ReelmeshError("INVALID_INPUT", `priority ${priority} is no whole number`);
  checkRange("priority", priority, PRIORITY);
}

function checkRange(what: string, value: number, { least, most }: { least: number; most: number }): void {
  if (value >= least && value <= most) return;
  throw new ReelmeshError("INVALID_INPUT", `${what} ${value}: give ${least} to ${most}`);
}
