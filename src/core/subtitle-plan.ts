/** Which subtitle tracks an asset gets: the text in the source, captions in its video, files that came beside it. */
import type { SubtitleTrackPlan } from "./media.js";
import type { SourceSubtitles, SourceSummary } from "./source.js";
import { trackTitle } from "./track-title.js";
import type { JobOptions, SubtitleFile } from "./work.js";

export const MOST_SUBTITLE_TRACKS = 32;
/** ffmpeg's names of codecs that are text; others are pictures, or cannot be read. */
const TEXT = ["subrip", "srt", "text", "ass", "ssa", "mov_text", "webvtt", "eia_608"];

/** By ffmpeg's name. */
export function isTextCodec(codec: string): boolean {
  return TEXT.includes(codec);
}

export interface SubtitlePlan {
  tracks: SubtitleTrackPlan[];
  notes: string[];
}

export function planSubtitles(
  { subtitles, captions }: Pick<SourceSummary, "subtitles" | "captions">,
  { subtitles: files }: Pick<JobOptions, "subtitles">,
): SubtitlePlan {
  const readable = subtitles.filter(({ codec }) => isTextCodec(codec));
  const preferred = readable.find((track) => track.default);
  const tracks = [
    ...readable.map((track) => ofStream(track, track === preferred)),
    ...(captions ? [CAPTIONS] : []),
    ...files.flatMap(ofFile),
  ];
  const kept = tracks
    .slice(0, MOST_SUBTITLE_TRACKS)
    .map((track, place) => ({ name: `subtitles-${place + 1}`, ...track, title: titleOf(track, place + 1) }));
  return { tracks: kept, notes: notesOf(subtitles, tracks.length) };
}

type Unnamed = Omit<SubtitleTrackPlan, "name">;

function titleOf({ title, language, forced, hearingImpaired }: Unnamed, number: number): string {
  const purpose = forced ? "forced" : hearingImpaired ? "hearing-impaired" : undefined;
  return title || trackTitle(language, purpose) || `Subtitles ${number}`;
}

const CAPTIONS: Unnamed = {
  from: { captions: true },
  language: "und",
  title: "Closed captions",
  default: false,
  forced: false,
  hearingImpaired: true,
};

function ofStream({ stream, codec, language, title, forced, hearingImpaired }: SourceSubtitles, isDefault: boolean) {
  return { from: { stream, codec }, language, title, default: isDefault, forced, hearingImpaired };
}

/** A name says more of a file in the way of players: "film.en.forced.srt", "film.en.sdh.srt". */
function ofFile({ file, fileName, language }: SubtitleFile): Unnamed[] {
  if (file === null) return [];
  const marks = fileName.toLowerCase().split(".");
  const hearingImpaired = marks.includes("sdh") || marks.includes("cc");
  return [{ from: { file }, language, title: "", default: false, forced: marks.includes("forced"), hearingImpaired }];
}

function notesOf(subtitles: SourceSubtitles[], tracks: number): string[] {
  const unread = subtitles.filter(({ codec }) => !isTextCodec(codec));
  const notes = unread.map(({ stream, codec, language }) => {
    const which = `Subtitle stream ${stream} (${codec || "of an unknown kind"}, ${language})`;
    return `${which} holds pictures or is of a kind that cannot be read, and was left out.`;
  });
  if (tracks > MOST_SUBTITLE_TRACKS) {
    notes.push(`There are ${tracks} subtitle tracks; the first ${MOST_SUBTITLE_TRACKS} were taken.`);
  }
  return notes;
}
