/** WebVTT, read and written (W3C WebVTT: The Web Video Text Tracks Format). */
import { type Cue, milliseconds, tidyLines } from "./cue.js";

const TIMES = /^\s*([\d:]+\.\d{3})[ \t]+-->[ \t]+([\d:]+\.\d{3})(?:[ \t]+(.*))?$/;
/** Settings that need nothing else of the file: a region is defined in its head, which segments do not have. */
const SETTING = /^(line|position|size|align|vertical):[\w.,%-]+$/;

/** Cues in the order of the file; comments, styles and regions are passed over. */
export function parseWebVtt(text: string): Cue[] {
  const cues: Cue[] = [];
  for (const block of text.split(/\n{2,}/)) {
    const lines = block.split("\n");
    const at = lines.findIndex((line) => TIMES.test(line));
    if (at < 0 || at > 1) continue; // an identifier may stand before
    const [, from = "", to = "", settings = ""] = TIMES.exec(lines[at] as string) ?? [];
    const [start, end] = [milliseconds(from), milliseconds(to)];
    if (start === undefined || end === undefined) continue;
    const kept = settings.split(/\s+/).filter((setting) => SETTING.test(setting));
    cues.push({ start, end, settings: kept.join(" "), text: tidyLines(lines.slice(at + 1).join("\n")) });
  }
  return cues;
}

/** A whole file; `head`: lines under the first one. */
export function writeWebVtt(cues: Cue[], head: string[] = []): string {
  const blocks = cues.map(({ start, end, settings, text }) => {
    const times = `${timestamp(start)} --> ${timestamp(end)}`;
    return `${settings === "" ? times : `${times} ${settings}`}\n${text}\n`;
  });
  return `${["WEBVTT", ...head].join("\n")}\n\n${blocks.join("\n")}`;
}

/** "00:00:01.500". */
function timestamp(ms: number): string {
  const padded = (value: number, digits = 2) => String(value).padStart(digits, "0");
  const seconds = Math.floor(ms / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map((part) => padded(part));
  return `${clock.join(":")}.${padded(ms % 1000, 3)}`;
}
