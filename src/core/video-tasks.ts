/** The encode tasks of the video: each chunk once for each codec, so that a slow encoder does not hold up a quick one. */
import type { Chunk, VideoPlan, VideoRendition } from "./media.js";

export interface VideoTask {
  /** "chunk-000001" for the plan's first codec, "chunk-000001-hevc" for another. */
  name: string;
  chunk: Chunk;
  /** The codec's whole ladder. */
  renditions: VideoRendition[];
}

/** By chunk, and within a chunk in the order of the plan's codecs. */
export function videoTasks({ chunks, renditions }: VideoPlan): VideoTask[] {
  const codecs = [...new Set(renditions.map(({ codec }) => codec))];
  return chunks.flatMap((chunk) =>
    codecs.map((codec, place): VideoTask => {
      const own = renditions.filter((rendition) => rendition.codec === codec);
      return { name: place === 0 ? chunk.name : `${chunk.name}-${codec}`, chunk, renditions: own };
    }),
  );
}

export function findVideoTask(video: VideoPlan, name: string): VideoTask | undefined {
  return videoTasks(video).find((task) => task.name === name);
}

/** Names of the tasks of the chunks before and after, in the same codec; "" for what is no chunk. They may not exist. */
export function neighboursOf(task: string): { before: string; after: string } {
  const [, stem = "", digits = "", codec = ""] = /^(chunk-)(\d+)(.*)$/.exec(task) ?? [];
  if (digits === "") return { before: "", after: "" };
  const named = (number: number) => `${stem}${String(number).padStart(digits.length, "0")}${codec}`;
  return { before: named(Number(digits) - 1), after: named(Number(digits) + 1) };
}
