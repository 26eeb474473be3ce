/** What `submit` can be told about the encoding: its flags, and the job's options that they become. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { HARDWARE } from "../core/hardware.js";
import { DEFAULT_OPTIONS, PRESETS } from "../core/options.js";
import type { JobOptions, SubtitleFile } from "../core/work.js";
import { amount, commaSeparated, wholeNumber } from "./options.js";

/** As commander hands them over, under the flags' names. */
export interface EncodingFlags {
  ladder: number[] | "auto";
  segment: number;
  preset: string;
  crf: number;
  codec: string[];
  bitrate: number;
  size: number;
  hardware: string;
  audio: string[];
  loudness: number;
  subtitle: SubtitleFlag[];
}

/** "en=film.en.srt" */
export interface SubtitleFlag {
  language: string;
  path: string;
}

export function addEncodingFlags(command: Command): Command {
  return addTrackFlags(addVideoFlags(command));
}

function addVideoFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--ladder <heights>",
        'heights of the renditions in pixels, with commas; "auto": by looking at samples',
      )
        .argParser(ladder)
        .default([], "by the source's height"),
    )
    .option("--segment <seconds>", "length of a segment", positiveNumber, 4)
    .addOption(new Option("--preset <name>", "x264 preset").choices(PRESETS).default("fast"))
    .option("--crf <number>", "quality: x264's constant rate factor, 1 (best) to 51", wholeNumber(1, 51), 23)
    .addOption(
      new Option("--codec <names>", "codecs of the video, a ladder for each: h264, hevc, av1, vp9")
        .argParser(commaSeparated((name) => name))
        .default([], "h264"),
    )
    .addOption(
      new Option("--hardware <kind>", "encode with this hardware").choices(HARDWARE).default("", "in software"),
    )
    .addOption(
      new Option("--bitrate <bits>", "what the tallest rendition should take a second, such as 4M; instead of --crf")
        .argParser(amount)
        .default(0, "what its quality takes")
        .conflicts(["crf", "size"]),
    )
    .addOption(
      new Option("--size <bytes>", "how large it should be with its first audio track, such as 700M; instead of --crf")
        .argParser(amount)
        .default(0, "as large as it gets")
        .conflicts(["crf"]),
    );
}

function addTrackFlags(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--audio <codecs>",
        "of the sound: aac, which is always made; opus; copy for AC-3 and E-AC-3 as they are",
      )
        .argParser(commaSeparated((name) => name))
        .default([], "aac"),
    )
    .addOption(
      new Option("--loudness <lufs>", 'loudness of every track, for example -23, or "off"')
        .argParser(loudness)
        .default(0, "off"),
    )
    .addOption(
      new Option("--subtitle <language=file>", "subtitles beside the film, in SRT, WebVTT or ASS; may be given again")
        .argParser((text: string, before: SubtitleFlag[]) => [...before, subtitle(text)])
        .default([], "none"),
    );
}

/** Not checked: checkOptions says what is accepted. */
export function jobOptions(flags: EncodingFlags, subtitles: SubtitleFile[] = []): JobOptions {
  const { ladder, segment, preset, crf, codec, bitrate, size, hardware, audio } = flags;
  const autoLadder = ladder === "auto";
  const heights = autoLadder ? [] : [...ladder].sort((one, other) => other - one);
  const video = { ladder: heights, segmentSeconds: segment, preset, crf, codecs: codec };
  const tracks = { audioCodecs: audio, loudness: flags.loudness, subtitles };
  return { ...DEFAULT_OPTIONS, ...video, bitrate, size, autoLadder, hardware, ...tracks };
}

/** Which heights will do is for checkLadder to say. */
function ladder(text: string): number[] | "auto" {
  if (text === "auto") return text;
  if (/^\d{1,5}(\s*,\s*\d{1,5})*$/.test(text)) return text.split(",").map(Number);
  throw new InvalidArgumentError('Write heights with commas, such as 720,480, or "auto" alone.');
}

function loudness(text: string): number {
  if (text === "off") return 0;
  const value = Number(text);
  if (/^-\d+(\.\d+)?$/.test(text)) return value;
  throw new InvalidArgumentError('Write a number of LUFS below 0, or "off".');
}

function subtitle(text: string): SubtitleFlag {
  const at = text.indexOf("=");
  if (at <= 0 || at === text.length - 1) throw new InvalidArgumentError("Write a language and a file: en=film.srt.");
  try {
    const [language = "und"] = Intl.getCanonicalLocales(text.slice(0, at));
    // Longer ones are kept for a future that did not come (RFC 5646, section 2.2.1).
    if (/^[a-z]{2,3}(-|$)/.test(language)) return { language, path: text.slice(at + 1) };
  } catch {
    // refused below
  }
  throw new InvalidArgumentError(`"${text.slice(0, at)}" is no language tag such as en or pt-BR.`);
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError("Write a number of seconds above 0.");
}
