/** What `submit` can be told about the encoding: its flags, and the job's options that they become. */
import { type Command, InvalidArgumentError, Option } from "commander";
import { DEFAULT_OPTIONS, PRESETS } from "../core/options.js";
import type { JobOptions } from "../core/work.js";
import { commaSeparated, wholeNumber } from "./options.js";

/** As commander hands them over, under the flags' names. */
export interface EncodingFlags {
  ladder: number[];
  segment: number;
  preset: string;
  crf: number;
  codec: string[];
}

export function addEncodingFlags(command: Command): Command {
  return addVideoFlags(command);
}

function addVideoFlags(command: Command): Command {
  return command
    .addOption(
      new Option("--ladder <heights>", "heights of the renditions in pixels, with commas")
        .argParser(commaSeparated(wholeNumber(2, 8192)))
        .default([], "by the source's height"),
    )
    .option("--segment <seconds>", "length of a segment", positiveNumber, 4)
    .addOption(new Option("--preset <name>", "x264 preset").choices(PRESETS).default("fast"))
    .option("--crf <number>", "quality: x264's constant rate factor, 1 (best) to 51", wholeNumber(1, 51), 23)
    .addOption(
      new Option("--codec <names>", "codecs of the video, a ladder for each: h264, hevc, av1, vp9")
        .argParser(commaSeparated((name) => name))
        .default([], "h264"),
    );
}

/** Not checked: checkOptions says what is accepted. */
export function jobOptions({ ladder, segment, preset, crf, codec }: EncodingFlags): JobOptions {
  const heights = [...ladder].sort((one, other) => other - one);
  return { ...DEFAULT_OPTIONS, ladder: heights, segmentSeconds: segment, preset, crf, codecs: codec };
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError("Write a number of seconds above 0.");
}
