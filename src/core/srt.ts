/** SubRip: numbered cues with a line of times each; its few tags are HTML's. */
import { type Cue, escapeText, milliseconds, tidyLines } from "./cue.js";

const TIMES = /^\s*(\d+:\d+:\d+[.,]\d+)\s*-->\s*(\d+:\d+:\d+[.,]\d+)/;
/** What WebVTT has too; every other tag goes, and its content stays. */
const TAG = /<(\/?)([a-z]+)(?:\s[^<>]*)?>/gi;
const KEPT = ["b", "i", "u"];
/** Position by number key, as players of SubRip read it: 7 to 9 stand at the top. */
const PLACE = /\{\\an?(\d+)\}/;

/** Cues in the order of the file; what is no cue is passed over. */
export function parseSrt(text: string): Cue[] {
  const lines = text.split("\n");
  const cues: Cue[] = [];
  for (let at = 0; at < lines.length; at++) {
    const times = TIMES.exec(lines[at] as string);
    if (times === null) continue;
    const [start, end] = [milliseconds(times[1] as string), milliseconds(times[2] as string)];
    const own: string[] = [];
    while (at + 1 < lines.length && !isEnd(lines, at + 1)) own.push(lines[++at] as string);
    if (start === undefined || end === undefined) continue;
    cues.push({ start, end, ...content(own.join("\n")) });
  }
  return cues;
}

/** An empty line, or the number in front of the next line of times where the empty line was forgotten. */
function isEnd(lines: string[], at: number): boolean {
  const line = (lines[at] as string).trim();
  return line === "" || TIMES.test(line) || (/^\d+$/.test(line) && TIMES.test(lines[at + 1] ?? ""));
}

function content(raw: string): Pick<Cue, "text" | "settings"> {
  const place = Number(PLACE.exec(raw)?.[1] ?? 2);
  const bare = raw.replace(/\{\\[^{}]*\}/g, "").replaceAll("\\h", " ");
  const parts: string[] = [];
  const open: string[] = [];
  let from = 0;
  for (const tag of bare.matchAll(TAG)) {
    parts.push(escapeText(bare.slice(from, tag.index)));
    parts.push(markup(tag[1] === "/", (tag[2] as string).toLowerCase(), open));
    from = tag.index + tag[0].length;
  }
  parts.push(escapeText(bare.slice(from)), ...open.reverse().map((name) => `</${name}>`));
  return { text: tidyLines(parts.join("")), settings: place >= 7 && place <= 9 ? "line:0" : "" };
}

/** Tags are closed in the order in which WebVTT wants them. */
function markup(isEnd: boolean, name: string, open: string[]): string {
  if (!KEPT.includes(name)) return "";
  if (!isEnd) {
    open.push(name);
    return `<${name}>`;
  }
  if (open.at(-1) !== name) return "";
  open.pop();
  return `</${name}>`;
}
