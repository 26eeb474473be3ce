/** Encodes a film as the mesh does, chunk by chunk, or as one process does: the same arguments, and no seam. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cutVideo } from "../../src/core/cmaf.js";
import { reorderDelay } from "../../src/core/edit-list.js";
import { readSamples, splitInit } from "../../src/core/fragment-reader.js";
import { finishInit } from "../../src/core/init-segment.js";
import type { Plan, VideoPlan, VideoRendition } from "../../src/core/media.js";
import { frameTicks } from "../../src/core/timeline.js";
import { videoTasks } from "../../src/core/video-tasks.js";
import type { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";

export interface Encoded {
  file: string;
  /** Bits a second of the media segments' samples. */
  rate: number;
}

/** The plan's only rendition, joined. */
export async function encodeJoined(
  media: ReturnType<typeof createMediaTools>,
  plan: Plan,
  source: string,
  folder: string,
  name: string,
): Promise<Encoded> {
  const { signal } = new AbortController();
  const video = plan.video as VideoPlan;
  const [rendition] = video.renditions as [VideoRendition];
  const parts: Uint8Array[] = [];
  let bits = 0;
  for (const task of videoTasks(video)) {
    const cut = join(folder, "cut.nut");
    await media.cut(plan, task.name, source, cut, signal);
    const { files } = await media.encodeVideo(plan, task, cut, folder, { signal, onProgress: () => {} });
    const file = await readFile(files[rendition.name] as string);
    const { firstSegment, segments } = task.chunk;
    const own = video.segments.slice(firstSegment - 1, firstSegment - 1 + segments);
    const delay = reorderDelay(video.timeline, rendition.codec);
    if (parts.length === 0) parts.push(finishInit(splitInit(file).init, video, rendition));
    for (const { bytes, frames = [] } of cutVideo(readSamples(file).samples, own, frameTicks(video.timeline), delay)) {
      parts.push(bytes);
      bits += frames.reduce((sum, frame) => sum + frame.bytes * 8, 0);
    }
  }
  const file = join(folder, `${name}.mp4`);
  await writeFile(file, Buffer.concat(parts));
  return { file, rate: bits / plan.seconds };
}
