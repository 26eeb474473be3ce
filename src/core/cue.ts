/** Timed text, whatever file it came from. */

export interface Cue {
  /** Milliseconds. */
  start: number;
  end: number;
  /** WebVTT's cue settings, for example "line:0"; "" for none. */
  settings: string;
  /** WebVTT cue text: lines, with its own markup and entities, and no empty line. */
  text: string;
}

/** Lines of plain text as WebVTT cue text: nothing of it is markup, and no line is empty (W3C WebVTT, 3.2). */
export function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Without empty lines, which would end a cue, and without what no text may hold. */
export function tidyLines(text: string): string {
  return text
    .replace(/[^\P{Cc}\n\t]/gu, "")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}

/** Seconds of "1:02:03,456", "02:03.4" or "1:02:03:45"; undefined for anything else. */
export function milliseconds(text: string): number | undefined {
  const match = /^(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2})[.,:](\d{1,3})$/.exec(text.trim());
  if (match === null) return undefined;
  const [, hours = "0", minutes = "", seconds = "", fraction = ""] = match;
  const whole = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return whole * 1000 + Number(fraction.padEnd(3, "0"));
}
