/**
 * Loudness (EBU R 128): a track is measured as a whole, then given one constant gain. Where its peaks would rise too far,
 * a limiter that sees them between the samples takes them down; nothing else changes how loud one part is to another.
 */
import type { AudioTrackPlan } from "./media.js";

/** What `--loudness` takes, LUFS. 0: left as it is. */
export const LOUDNESS = { least: -40, most: -5 };
/** Of what is decoded in the end, dBTP. */
const HIGHEST_PEAK = -1;
/** Encoders overshoot: the limiter's first ceiling is so much lower, dB. */
const HEADROOM = 1;
/** A track that is never louder is silence: no gain helps it. */
const SILENCE = -69;
/** A gain beyond it would only raise noise, dB. */
const MOST_GAIN = 30;
/** How near a limited track must come to its target, LU, before it is encoded. */
const NEAR = 0.2;
/** LU that one more dB is taken to bring at least. */
const LEAST_SLOPE = 0.2;
/** Peaks between samples show at four times the rate (ITU-R BS.1770, annex 2). */
const OVERSAMPLING = 4;

export interface Loudness {
  /** Integrated, LUFS. */
  integrated: number;
  /** Highest of all channels, dBTP. */
  peak: number;
}

export interface Gain {
  /** dB. */
  gain: number;
  /** dBTP that the limiter lets through; absent where none is needed. */
  ceiling?: number;
}

/** The first gain to try for a track that was measured as it is; undefined where none is to be applied. */
export function chooseGain(target: number, { integrated, peak }: Loudness): Gain | undefined {
  if (integrated <= SILENCE) return undefined;
  const gain = Math.min(MOST_GAIN, target - integrated);
  const ceiling = HIGHEST_PEAK - HEADROOM;
  return { gain: round(gain), ...(peak + gain > ceiling ? { ceiling } : {}) };
}

/** What a gain, dB, brought a track to, LUFS. */
export interface Tried {
  gain: number;
  integrated: number;
}

/**
 * The next gain to try for a track that needs a limiter, from the last two that were tried (the first is none at all):
 * the limiter takes some of what is added. Undefined when the last one was near enough, or no gain comes nearer.
 */
export function correctGain(target: number, before: Tried, last: Tried): number | undefined {
  const off = target - last.integrated;
  if (Math.abs(off) <= NEAR) return undefined;
  const slope = (last.integrated - before.integrated) / (last.gain - before.gain);
  const gain = round(Math.min(MOST_GAIN, last.gain + off / Math.min(1, Math.max(LEAST_SLOPE, slope))));
  return gain === last.gain || Number.isNaN(gain) ? undefined : gain;
}

/** The same gain with a lower ceiling, when what was encoded with it came out with a higher peak than it may have. */
export function lowerCeiling({ gain, ceiling }: Gain, { peak }: Loudness): Gain | undefined {
  if (peak <= HIGHEST_PEAK) return undefined;
  return { gain, ceiling: round((ceiling ?? HIGHEST_PEAK) - (peak - HIGHEST_PEAK) - HEADROOM / 4) };
}

/** ffmpeg's filters for a gain. */
export function gainFilters(gain: Gain | undefined, { sampleRate }: Pick<AudioTrackPlan, "sampleRate">): string[] {
  if (gain === undefined) return [];
  const volume = `volume=${gain.gain}dB:precision=float`;
  if (gain.ceiling === undefined) return [volume];
  const limit = (10 ** (gain.ceiling / 20)).toFixed(6);
  const limiter = `alimiter=limit=${limit}:level=disabled:latency=1:attack=5:release=50`;
  return [volume, `aresample=${sampleRate * OVERSAMPLING}`, limiter, `aresample=${sampleRate}`];
}

/** Reads what measureAudioArguments prints, line by line; `read` gives what was measured up to the last one. */
export function loudnessReader(): { onLine(line: string): void; read(): Loudness } {
  let integrated = Number.NEGATIVE_INFINITY;
  const peaks = new Map<string, number>();
  return {
    onLine(line) {
      const [key = "", value = ""] = line.split("=", 2);
      if (key === "lavfi.r128.I") integrated = Number(value);
      if (key.startsWith("lavfi.r128.true_peaks_ch")) peaks.set(key, 20 * Math.log10(Number(value)));
    },
    read: () => ({ integrated, peak: Math.max(Number.NEGATIVE_INFINITY, ...peaks.values()) }),
  };
}

/** `found` is what it was, `made` what came out. */
export function gainNote(track: string, found: Loudness, made: Loudness, gain: Gain | undefined): string {
  if (gain === undefined) return `${track} is silent, so its loudness was left as it is.`;
  const limited = gain.ceiling === undefined ? "" : ", with a limiter on its peaks";
  const applied = `a gain of ${gain.gain < 0 ? "" : "+"}${gain.gain.toFixed(1)} dB${limited}`;
  const [before, after] = [found.integrated.toFixed(1), made.integrated.toFixed(1)];
  return `${track} was given ${applied}: from ${before} to ${after} LUFS.`;
}

function round(gain: number): number {
  return Math.round(gain * 100) / 100;
}
