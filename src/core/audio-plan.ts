/** Which audio tracks an asset gets: each of the source in AAC, and beside it what was asked for. */
import type { AudioTrackPlan, Plan, Rational } from "./media.js";
import { ratio } from "./rational.js";
import type { SourceAudio } from "./source.js";
import { trackTitle } from "./track-title.js";
import type { JobOptions } from "./work.js";

const MOST_AUDIO_TRACKS = 16;
/** What `--audio` takes; AAC, which everything plays, is always made. */
export const AUDIO_CODECS = ["aac", "opus", "copy"];
const BITRATE_PER_CHANNEL = 64_000;
const OPUS_RATE = 48_000;
/** Codecs that the NUT muxer refuses or forgets the name of. */
const CUT_TO_MATROSKA = ["alac", "mlp", "truehd", "tta", "wmav1", "wmav2", "wmapro"];
/** Codecs that can be copied, by ffmpeg's names. Their cuts keep time by the sample. */
const COPIED: Record<string, "ac-3" | "ec-3"> = { ac3: "ac-3", eac3: "ec-3" };
/** What makes the tracks of each codec, by ffmpeg's name; of those that are copied, the silence where there is none. */
export const AUDIO_ENCODERS: Record<AudioTrackPlan["codec"], string> = {
  aac: "aac",
  opus: "libopus",
  "ac-3": "ac3",
  "ec-3": "eac3",
};
/** The last frame of a source's own encoder reaches at most so far beyond the sound, seconds: three of MPEG layer 3. */
const FRAME_SECONDS = 0.08;

export interface AudioPlan {
  tracks: AudioTrackPlan[];
  notes: string[];
}

/** `videoSeconds`: 0 without video. Encodings of one track stand in a row. */
export function planAudio(
  audio: SourceAudio[],
  options: JobOptions,
  zero: Plan["zero"],
  videoSeconds: number,
): AudioPlan {
  const kept = audio.slice(0, MOST_AUDIO_TRACKS);
  const tracks = kept.flatMap((track, place) => {
    const seconds = secondsOf(track, zero, videoSeconds);
    return encodings(track, place + 1, options, { seconds, ...cutOf(track) });
  });
  return { tracks, notes: notesOf(audio, options) };
}

export function startSeconds({ startPts, timeBase }: { startPts: number; timeBase: Rational }): number {
  return startPts * ratio(timeBase);
}

function encodings(
  track: SourceAudio,
  number: number,
  { audioCodecs }: JobOptions,
  extent: Pick<AudioTrackPlan, "seconds" | "cutFormat">,
): AudioTrackPlan[] {
  const name = `audio-${number}`;
  const late = track.late === 0 ? {} : { late: track.late };
  const common = { stream: track.stream, ...labels(track, number), ...extent, ...late };
  const sampleRate = track.sampleRate % 11_025 === 0 ? 44_100 : 48_000;
  const own = track.channels > 2 ? 6 : track.channels;
  const encoded = (suffix: string, codec: "aac" | "opus", rate: number, channels: number): AudioTrackPlan => {
    const format = { sampleRate: rate, channels, bitrate: channels * BITRATE_PER_CHANNEL };
    return { name: name + suffix, codec, ...common, ...format };
  };
  const tracks = [encoded("", "aac", sampleRate, own)];
  if (own > 2) tracks.push(encoded("-stereo", "aac", sampleRate, 2));
  if (audioCodecs.includes("opus")) tracks.push(encoded("-opus", "opus", OPUS_RATE, own));
  const copied = COPIED[track.codec];
  if (audioCodecs.includes("copy") && copied !== undefined) {
    const format = { sampleRate: track.sampleRate, channels: track.channels, bitrate: 0 };
    tracks.push({ name: `${name}-${copied}`, codec: copied, ...common, ...format });
  }
  return tracks;
}

function labels({ language, title, default: isDefault, role }: SourceAudio, number: number) {
  const named = title || trackTitle(language, role) || `Track ${number}`;
  return { language, title: named, default: isDefault, ...(role === undefined ? {} : { role }) };
}

/**
 * The track lasts at least as long as the video: the encoder fills it up with silence. Where it is longer by no more than
 * what fills its last frame, it ends with the video.
 */
function secondsOf(track: SourceAudio, zero: Plan["zero"], videoSeconds: number): number {
  const end = startSeconds(track) - zero.pts * ratio(zero.timeBase) - track.late + track.seconds;
  return end > videoSeconds + FRAME_SECONDS ? end : Math.max(videoSeconds, videoSeconds > 0 ? 0 : end);
}

/** NUT takes E-AC-3 for something else, and what is copied keeps its time by the sample in MP4. */
function cutOf({ codec }: SourceAudio): Pick<AudioTrackPlan, "cutFormat"> {
  if (codec in COPIED) return { cutFormat: "mp4" };
  return CUT_TO_MATROSKA.includes(codec) ? { cutFormat: "matroska" } : {};
}

function notesOf(source: SourceAudio[], { audioCodecs, loudness }: JobOptions): string[] {
  const notes: string[] = [];
  const copied = source.some(({ codec }) => codec in COPIED);
  if (source.length > MOST_AUDIO_TRACKS) {
    notes.push(`The source has ${source.length} audio tracks; the first ${MOST_AUDIO_TRACKS} were taken.`);
  }
  if (audioCodecs.includes("copy") && !copied) {
    notes.push("No audio track is AC-3 or E-AC-3, so none was copied as it is.");
  }
  if (audioCodecs.includes("copy") && copied && loudness !== 0) {
    notes.push("Audio that is copied as it is keeps its loudness.");
  }
  return notes;
}
