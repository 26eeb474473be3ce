/** Audio tracks as a player's menu shows them. */
import type { AudioTrackPlan } from "./media.js";

export interface AudioMenuEntry {
  track: AudioTrackPlan;
  /** Not empty, on one line, without double quotes, and no other entry's. */
  label: string;
  /** RFC 5646; absent when unknown. */
  language?: string;
  /** True for exactly one entry. */
  default: boolean;
  /** True when a player may choose it by its language: the first of each language (RFC 8216, 4.3.4.1.1). */
  autoselect: boolean;
}

/** One entry a track, in the same order. The first track that says so is the default, else the first of all. */
export function audioMenu(tracks: AudioTrackPlan[]): AudioMenuEntry[] {
  const preferred = tracks.find((track) => track.default) ?? tracks[0];
  const labels = new Set<string>();
  return tracks.map((track) => {
    const label = unusedLabel(cleanLabel(track.title) || cleanLabel(track.language) || track.name, labels);
    labels.add(label);
    const sameLanguage = tracks.filter((other) => other.language === track.language);
    const first = sameLanguage.includes(preferred as AudioTrackPlan) ? preferred : sameLanguage[0];
    const language = cleanLabel(track.language);
    return {
      track,
      label,
      ...(language && language !== "und" ? { language } : {}),
      default: track === preferred,
      autoselect: track === first,
    };
  });
}

function cleanLabel(text: string): string {
  const oneLine = text.replace(/[\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]+/gu, " "); // nor what XML cannot hold
  return oneLine.replaceAll('"', "'").trim();
}

function unusedLabel(label: string, used: Set<string>): string {
  let candidate = label;
  for (let count = 2; used.has(candidate); count++) candidate = `${label} ${count}`;
  return candidate;
}
