/** Advanced SubStation Alpha reduced to text: what is said, in italics and bold, at the top or the bottom. */
import { type Cue, escapeText, milliseconds, tidyLines } from "./cue.js";

/** Of the grid that positions are written on, where the file does not say. */
const USUAL_HEIGHT = 288;

/** Events are sorted by time; styles tell which stand at the top. */
export function parseAss(text: string): Cue[] {
  let fields: string[] = [];
  let section = "";
  let height = USUAL_HEIGHT;
  const tops = new Set<string>();
  const cues: Cue[] = [];
  for (const line of text.split("\n")) {
    const trimmed = line.trim();
    const [, key = "", value = ""] = /^(\w+):\s*(.*)$/.exec(trimmed) ?? [];
    if (/^\[.*\]$/.test(trimmed)) section = trimmed.toLowerCase();
    else if (key === "Format") fields = value.split(",").map((field) => field.trim().toLowerCase());
    else if (key === "PlayResY") height = Number(value) || height;
    else if (key === "Style") noteStyle(row(value, fields), section, tops);
    else if (key === "Dialogue" && section === "[events]") cues.push(...dialogue(row(value, fields), tops, height));
  }
  return cues.sort((a, b) => a.start - b.start);
}

/** The last field has the commas that are left. */
function row(value: string, fields: string[]): Map<string, string> {
  const parts = value.split(",");
  const last = fields.length - 1;
  return new Map(
    fields.map((field, place) => [field, place < last ? (parts[place] ?? "") : parts.slice(last).join(",")]),
  );
}

/** SSA counts 5 to 7 for the top, ASS 7 to 9 (the number keys). */
function noteStyle(style: Map<string, string>, section: string, tops: Set<string>): void {
  const alignment = Number(style.get("alignment"));
  const top = section.includes("v4+") ? alignment >= 7 && alignment <= 9 : alignment >= 5 && alignment <= 7;
  if (top) tops.add(style.get("name")?.trim() ?? "");
}

function dialogue(event: Map<string, string>, tops: Set<string>, height: number): Cue[] {
  const [start, end] = [milliseconds(event.get("start") ?? ""), milliseconds(event.get("end") ?? "")];
  const raw = event.get("text") ?? "";
  if (start === undefined || end === undefined || isDrawing(raw)) return [];
  const override = /\\an(\d)/.exec(raw)?.[1];
  const style = event.get("style")?.trim().replace(/^\*/, "") ?? "";
  const placed = /\\pos\(\s*[\d.-]+\s*,\s*([\d.-]+)/.exec(raw)?.[1];
  const aligned = override === undefined ? tops.has(style) : Number(override) >= 7;
  const isTop = placed === undefined ? aligned : Number(placed) < height / 2;
  return [{ start, end, settings: isTop ? "line:0" : "", text: cueText(raw) }];
}

/** Vector graphics, written as text: `{\p1}m 0 0 l 100 0`. */
function isDrawing(raw: string): boolean {
  return /\{[^}]*\\p[1-9]/.test(raw);
}

/** Overrides stand in braces; `\N` is a new line, `\h` a hard space. */
function cueText(raw: string): string {
  const open: string[] = [];
  const close = (name: string) => {
    if (open.at(-1) !== name) return "";
    open.pop();
    return `</${name}>`;
  };
  const parts = raw.split(/(\{[^}]*\})/).map((part) => {
    if (!part.startsWith("{")) return escapeText(part.replace(/\\N/gi, "\n").replaceAll("\\h", " "));
    return [...part.matchAll(/\\([ibu])(\d+)/g)]
      .map(([, name = "", value]) => {
        if (value === "0") return close(name);
        if (open.includes(name)) return "";
        open.push(name);
        return `<${name}>`;
      })
      .join("");
  });
  return tidyLines([...parts, ...open.reverse().map((name) => `</${name}>`)].join(""));
}
