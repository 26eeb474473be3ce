/** What a track without a title of its own is called in players' menus: by its language, in English, and what it is for. */
import type { AudioRole } from "./media.js";

type Purpose = AudioRole | "forced" | "hearing-impaired";

const PURPOSES: Partial<Record<Purpose, string>> = {
  commentary: "commentary",
  description: "audio description",
  "enhanced-audio-intelligibility": "clear speech",
  forced: "forced",
  "hearing-impaired": "SDH",
};

/** `language`: RFC 5646. Undefined when it is unknown: nothing but a number tells such a track from others. */
export function trackTitle(language: string, purpose?: Purpose): string | undefined {
  const name = languageName(language);
  const own = purpose === undefined ? undefined : PURPOSES[purpose];
  if (name === undefined || own === undefined) return name;
  return `${name}, ${own}`;
}

function languageName(language: string): string | undefined {
  if (language === "und") return undefined;
  try {
    return new Intl.DisplayNames(["en"], { type: "language", fallback: "none" }).of(language);
  } catch {
    return undefined; // a source may say anything
  }
}
