/** What ffprobe says of tracks for people: languages, roles, subtitles, chapters. */
import type { AudioRole, Chapter } from "../../core/media.js";
import type { SourceSubtitles } from "../../core/source.js";
import type { ProbedStream } from "./summary.js";

export interface ProbedChapter {
  start_time?: string;
  end_time?: string;
  tags?: Record<string, string>;
}

/** ffmpeg's dispositions, the most telling first. */
const ROLES: [string, AudioRole][] = [
  ["comment", "commentary"],
  ["visual_impaired", "description"],
  ["descriptions", "description"],
  ["hearing_impaired", "enhanced-audio-intelligibility"],
  ["dub", "dub"],
];

const LONGEST_TITLE = 200;

export function audioRole(disposition: Record<string, number> = {}): AudioRole | undefined {
  return ROLES.find(([name]) => disposition[name] === 1)?.[1];
}

/** Containers give ISO 639-2 codes; RFC 5646 wants the shortest ("eng" is "en"). */
export function languageTag(language: string | undefined): string {
  try {
    return Intl.getCanonicalLocales(language ?? "und")[0] ?? "und";
  } catch {
    return "und";
  }
}

export function subtitlesOf(streams: ProbedStream[]): SourceSubtitles[] {
  return streams
    .filter(({ codec_type }) => codec_type === "subtitle")
    .map(({ index, codec_name = "", disposition = {}, tags = {} }) => ({
      stream: index,
      codec: codec_name,
      language: languageTag(tags["language"]),
      title: tags["title"] ?? "",
      default: disposition["default"] === 1,
      forced: disposition["forced"] === 1,
      hearingImpaired: disposition["hearing_impaired"] === 1 || disposition["captions"] === 1,
    }));
}

/** Those that last, in the order of their starts. */
export function chaptersOf(chapters: ProbedChapter[]): Chapter[] {
  return chapters
    .map(({ start_time, end_time, tags = {} }) => ({
      start: Number(start_time),
      end: Number(end_time),
      title: (tags["title"] ?? "").slice(0, LONGEST_TITLE),
    }))
    .filter(({ start, end }) => Number.isFinite(start) && end > start)
    .sort((a, b) => a.start - b.start);
}
