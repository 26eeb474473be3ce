/** Reads a subtitle file of any kind that is known, by what stands in it. */

import { parseAss } from "./ass.js";
import type { Cue } from "./cue.js";
import { ReelmeshError } from "./errors.js";
import { parseSrt } from "./srt.js";
import { parseWebVtt } from "./webvtt.js";

/** A film has a few thousand cues in a few hundred kilobytes. */
export const MOST_SUBTITLE_BYTES = 16 * 1024 * 1024;
const MOST_CUES = 100_000;
const LONGEST_CUE = 4_000;

/** The cues by time. INVALID_INPUT with a sentence when the file holds none, or is too large. */
export function readSubtitles(bytes: Uint8Array, fileName: string): Cue[] {
  if (bytes.length > MOST_SUBTITLE_BYTES) {
    throw refusal(fileName, `is larger than ${MOST_SUBTITLE_BYTES / 1024 / 1024} MiB, which no subtitles are`);
  }
  const text = decode(bytes, fileName).replace(/\r\n?/g, "\n");
  const cues = parse(text).filter(({ start, end, text: own }) => end > start && own !== "");
  if (cues.length === 0) throw refusal(fileName, "has no cues of SRT, WebVTT or ASS: give one of these");
  if (cues.length > MOST_CUES) throw refusal(fileName, `has ${cues.length} cues; ${MOST_CUES} are accepted`);
  if (cues.some((cue) => cue.text.length > LONGEST_CUE)) {
    throw refusal(fileName, `has a cue of more than ${LONGEST_CUE} characters`);
  }
  return cues.sort((a, b) => a.start - b.start || a.end - b.end);
}

/** INVALID_INPUT: the bytes are those of no text. */
function decode(bytes: Uint8Array, fileName: string): string {
  const [first = 0, second = 0] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (bytes.subarray(0, 4096).includes(0)) throw refusal(fileName, "is no text: give SRT, WebVTT or ASS");
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

function parse(text: string): Cue[] {
  if (/^WEBVTT(\s|$)/.test(text)) return parseWebVtt(text);
  if (/^\s*(;.*\s*)*\[Script Info\]/i.test(text)) return parseAss(text);
  return parseSrt(text);
}

function refusal(fileName: string, reason: string): ReelmeshError {
  return new ReelmeshError("INVALID_INPUT", `${fileName} ${reason}`);
}
