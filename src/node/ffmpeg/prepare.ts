/**
 * Brings a source into a form that can be cut exactly, by the cheapest means that does: as it is; remuxed; decoded from
 * end to end into a lossless file.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { ReelmeshError } from "../../core/errors.js";
import { NO_FINDINGS, whyNotCut } from "../../core/exactness.js";
import { remuxArguments, type WorkingFormat } from "../../core/ffmpeg-arguments.js";
import type { SourceFindings, SourceIndex, SourceSubtitles, SourceSummary } from "../../core/source.js";
import { isTextCodec } from "../../core/subtitle-plan.js";
import { decodeSource } from "./decode-source.js";
import { run } from "./process.js";
import { PROGRESS_ARGUMENTS, progressReader } from "./progress.js";
import { indexSource } from "./source-index.js";

/** Containers whose seeking is not exact, or whose packets may lack time stamps, or whose length is only guessed. */
const NEVER_AS_THEY_ARE = ["mpegts", "mpeg", "avi", "flv", "aac"];
/** Ogg is exact as long as all of it is read, which is how audio is cut. */
const NOT_WITH_VIDEO = ["ogg"];
const FORMATS: WorkingFormat[] = ["mp4", "matroska"];
/** What ffmpeg says while it copies what is damaged, and what runs backwards or jumps. */
const DAMAGE = /corrupt input packet/;
const BREAK = /DTS discontinuity|Non-monotonous DTS|timestamp discontinuity/;

export interface PreparedSource {
  /** The file that was given, or one in the folder. */
  file: string;
  summary: SourceSummary;
  /** Null when it has no video. */
  index: SourceIndex | null;
  /** Sentences for the person who submitted it. */
  notes: string[];
}

/** What a file is. INVALID_INPUT. */
export type Probe = (file: string) => Promise<SourceSummary>;

interface Candidate {
  file: string;
  summary: SourceSummary;
  findings: SourceFindings;
}

/**
 * `decode`: why it must be decoded, whatever it looks like; "": it need not. INVALID_INPUT when nothing of it can be decoded, or it is cut off; ENVIRONMENT when the disk has no room for a lossless
 * copy that it needs.
 */
export async function prepareSource(
  file: string,
  probe: Probe,
  folder: string,
  decode: string,
  signal: AbortSignal,
): Promise<PreparedSource> {
  const summary = await probe(file);
  const must = decode === "" ? undefined : { reason: decode, counted: false };
  const tried = must ?? (await tryToCut(file, summary, probe, folder, signal));
  if ("file" in tried) return tried;
  const { working, damaged } = await decodeSource(file, summary, tried.counted, folder, signal);
  const decoded = inherit(await probe(working), summary);
  const index = decoded.video === null ? null : (await indexSource(working, decoded, "mov", signal)).index;
  return { file: working, summary: decoded, index, notes: [note(summary, tried.reason, damaged)] };
}

/** It cannot be cut exactly as it is, or remuxed; `counted` as in SourceFindings. */
interface Obstacle {
  reason: string;
  counted: boolean;
}

async function tryToCut(
  file: string,
  summary: SourceSummary,
  probe: Probe,
  folder: string,
  signal: AbortSignal,
): Promise<PreparedSource | Obstacle> {
  const candidate = mustRemux(summary)
    ? await remux(file, summary, probe, folder, signal)
    : { file, summary, findings: NO_FINDINGS };
  if (typeof candidate === "string") return { reason: candidate, counted: false };
  const tried = await indexed(candidate, summary.demuxer, signal);
  if ("reason" in tried && candidate.file !== file) await rm(candidate.file, { force: true });
  return tried;
}

async function indexed(
  { file, summary, findings }: Candidate,
  container: string,
  signal: AbortSignal,
): Promise<PreparedSource | Obstacle> {
  const { video } = summary;
  if (video === null) return { file, summary, index: null, notes: [] };
  const { index, findings: own } = await indexSource(file, summary, container, signal);
  const all = { ...own, damaged: findings.damaged, breaks: findings.breaks };
  const reason = whyNotCut(index, all, video.timeBase);
  return reason === undefined ? { file, summary, index, notes: [] } : { reason, counted: own.counted };
}

/** MP4 where that holds the codecs, otherwise Matroska; ffmpeg's reason when neither does. */
async function remux(
  file: string,
  summary: SourceSummary,
  probe: Probe,
  folder: string,
  signal: AbortSignal,
): Promise<Candidate | string> {
  let refusal = "";
  for (const format of FORMATS) {
    const target = join(folder, `working-source.${format}`);
    const findings = { ...NO_FINDINGS };
    try {
      await run("ffmpeg", [...PROGRESS_ARGUMENTS, ...remuxArguments(summary, format, file, target)], {
        signal,
        purpose: `making ${summary.fileName} cuttable`,
        blame: "INVALID_INPUT",
        onLine: progressReader(() => {}),
        onComplaint: (line) => {
          if (DAMAGE.test(line)) findings.damaged++;
          if (BREAK.test(line)) findings.breaks++;
        },
      });
      return { file: target, summary: inherit(await probe(target), summary), findings };
    } catch (error) {
      await rm(target, { force: true });
      if (!(error instanceof ReelmeshError && error.code === "INVALID_INPUT")) throw error;
      refusal ||= `its packets cannot be copied as they are: ${error.message}`;
    }
  }
  return refusal;
}

function mustRemux({ demuxer, video }: SourceSummary): boolean {
  return NEVER_AS_THEY_ARE.includes(demuxer) || (video !== null && NOT_WITH_VIDEO.includes(demuxer));
}

/** What a copy says of itself, with what only the original could say. */
function inherit(copy: SourceSummary, original: SourceSummary): SourceSummary {
  const { colour, light } = original.video ?? { colour: {} };
  const video = copy.video && { ...copy.video, colour, ...(light === undefined ? {} : { light }) };
  const audio = copy.audio.map((track, place) => {
    const { language, title, default: isDefault, role, late } = original.audio[place] ?? track;
    return { ...track, language, title, default: isDefault, late, ...(role === undefined ? {} : { role }) };
  });
  return { ...copy, video, audio, subtitles: inheritText(copy, original) };
}

/** A copy holds the text alone: what is made of pictures is still named, for the note that says so. */
function inheritText(copy: SourceSummary, original: SourceSummary): SourceSubtitles[] {
  const labels = original.subtitles.filter(({ codec }) => isTextCodec(codec));
  const unread = original.subtitles.filter(({ codec }) => !isTextCodec(codec));
  const kept = copy.subtitles.map((track, place) => {
    const { stream, codec } = track;
    return { ...(labels[place] ?? track), stream, codec };
  });
  return [...kept, ...unread];
}

function note({ fileName }: SourceSummary, reason: string, damaged: number): string {
  const loss = damaged === 0 ? "" : `; ffmpeg found ${damaged === 1 ? "one frame" : `${damaged} frames`} damaged`;
  return `${fileName} was decoded in one piece before it was cut, because ${reason}${loss}.`;
}
