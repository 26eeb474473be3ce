/** Audio and subtitle tracks as a player's menus show them. */
import type { AudioRole, AudioTrackPlan, EncodedRendition, SubtitleTrackPlan } from "./media.js";

interface Entry {
  /** Not empty, on one line, without double quotes, and no other entry's of the menu. */
  label: string;
  /** RFC 5646; absent when unknown. */
  language?: string;
  /** True for one entry at most. */
  default: boolean;
  /** True when a player may choose it by its language (RFC 8216, 4.3.4.1.1). */
  autoselect: boolean;
}

/** One audio track of the source. */
export interface AudioMenuEntry extends Entry {
  /** How it was encoded, in the plan's order: in several codecs, and in 5.1 and stereo. */
  encodings: AudioTrackPlan[];
  role?: AudioRole;
}

export interface SubtitleMenuEntry extends Entry {
  track: SubtitleTrackPlan;
}

/** One entry a track of the source, in the plan's order; the first that says so is the default, else the first of all. */
export function audioMenu(plans: AudioTrackPlan[]): AudioMenuEntry[] {
  const streams = [...new Set(plans.map(({ stream }) => stream))];
  const tracks = streams.map((stream) => plans.filter((plan) => plan.stream === stream));
  const leads = tracks.map(([first]) => first as AudioTrackPlan);
  const preferred = leads.find((track) => track.default) ?? leads[0];
  const plain = leads.filter(({ role }) => role === undefined || role === "dub");
  const labels = new Set<string>();
  return tracks.map((encodings, index) => {
    const track = leads[index] as AudioTrackPlan;
    const isDefault = track === preferred;
    const autoselect = isDefault || isAid(track) || speaksFor(track, plain, preferred);
    const role = track.role === undefined ? {} : { role: track.role };
    return { encodings, ...named(track, labels), ...role, default: isDefault, autoselect };
  });
}

/** The track that a player plays that chooses nothing, in its first encoding. */
export function firstPlayed(plans: AudioTrackPlan[]): AudioTrackPlan | undefined {
  return audioMenu(plans).find((entry) => entry.default)?.encodings[0];
}

/** Players choose what helps to see or to hear for those who have asked their system for it. */
function isAid({ role }: AudioTrackPlan): boolean {
  return role === "description" || role === "enhanced-audio-intelligibility";
}

/**
 * One entry a track that was made, in the plan's order. Forced ones are never in the way, so a player may always choose
 * them.
 */
export function subtitleMenu(planned: SubtitleTrackPlan[], made: EncodedRendition[]): SubtitleMenuEntry[] {
  const tracks = planned.filter(({ name }) => made.some((one) => one.kind === "text" && one.name === name));
  const preferred = tracks.find((track) => track.default);
  const full = tracks.filter((track) => !track.forced);
  const labels = new Set<string>();
  return tracks.map((track) => {
    const autoselect = track.forced || track === preferred || speaksFor(track, full, preferred);
    return { track, ...named(track, labels), default: track === preferred, autoselect };
  });
}

/** The first of its language among tracks, or the preferred one where that has the language. */
function speaksFor<Track extends { language: string }>(track: Track, tracks: Track[], preferred?: Track): boolean {
  const sameLanguage = tracks.filter((other) => other.language === track.language);
  const first = preferred !== undefined && sameLanguage.includes(preferred) ? preferred : sameLanguage[0];
  return track === first;
}

function named(track: { name: string; title: string; language: string }, labels: Set<string>) {
  const language = cleanLabel(track.language);
  const label = unusedLabel(cleanLabel(track.title) || language || track.name, labels);
  labels.add(label);
  return { label, ...(language && language !== "und" ? { language } : {}) };
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
