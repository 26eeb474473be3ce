/** Chapters of a film, as players read them. */

import { escapeText, tidyLines } from "./cue.js";
import type { Chapter, Plan } from "./media.js";
import { writeWebVtt } from "./webvtt.js";

/** In the output's time, where `zero` is the time of its start in the source; what lies outside of it goes. */
export function placeChapters(chapters: Chapter[], zero: number, seconds: number): Chapter[] {
  return chapters
    .map(({ start, end, title }) => ({ start: Math.max(0, start - zero), end: Math.min(seconds, end - zero), title }))
    .filter(({ start, end }) => end > start);
}

/** The files of a plan with chapters: path -> type and text. JSON as Apple describes it (HLS, "JSON chapters"). */
export function chapterFiles({ chapters }: Plan): Record<string, { type: string; text: string }> {
  if (chapters.length === 0) return {};
  const list = chapters.map(({ start, end, title }, place) => ({
    chapter: place + 1,
    "start-time": round(start),
    duration: round(end - start),
    titles: [{ language: "und", title: titleOf(title, place) }],
  }));
  const cues = chapters.map(({ start, end, title }, place) => ({
    start: Math.round(start * 1000),
    end: Math.round(end * 1000),
    settings: "",
    text: escapeText(tidyLines(titleOf(title, place))),
  }));
  return {
    "chapters.json": { type: "application/json", text: `${JSON.stringify(list, null, 1)}\n` },
    "chapters.vtt": { type: "text/vtt", text: writeWebVtt(cues) },
  };
}

function titleOf(title: string, place: number): string {
  return title.trim() === "" ? `Chapter ${place + 1}` : title;
}

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
