/** Whether what an encoder made keeps within the rendition's cap; what does not is encoded again with a tighter one. */
import { readFile } from "node:fs/promises";
import { ReelmeshError } from "../../core/errors.js";
import { readSamples } from "../../core/fragment-reader.js";
import { bucketRun, firstUnderflow, keepsLimits } from "../../core/leaky-bucket.js";
import type { Plan, VideoRendition } from "../../core/media.js";
import { tightened } from "../../core/rate-control.js";
import type { VideoTask } from "../../core/video-tasks.js";
import type { MediaTools } from "./media-tools.js";

/** Each with a tighter cap than the one before. */
const MOST_TRIES = 4;

/**
 * Settles when every rendition of a chunk keeps within its limits, alone with its lead and tail, and between any
 * neighbours. The files of those that were encoded again are replaced; returns their names. MEDIA when no cap was tight
 * enough.
 */
export async function keepCaps(
  media: Pick<MediaTools, "encodeVideo">,
  plan: Plan,
  task: VideoTask,
  cut: string,
  folder: string,
  files: Record<string, string>,
  signal: AbortSignal,
): Promise<string[]> {
  const again: string[] = [];
  let failing = await beyondLimits(plan, task, task.renditions, files);
  for (let tries = 1; failing.length > 0; tries++) {
    const [first] = failing as [VideoRendition];
    if (tries > MOST_TRIES) {
      const message = `${first.name} of ${task.name} needs more than its ${first.maxBitrate} bits a second`;
      throw new ReelmeshError("MEDIA", `${message}: submit it with a higher crf`);
    }
    const tighter = failing.map((rendition) => tightened(rendition, tries));
    await media.encodeVideo(plan, { ...task, renditions: tighter }, cut, folder, { signal, onProgress: () => {} });
    again.push(...failing.map(({ name }) => name));
    failing = await beyondLimits(plan, task, failing, files);
  }
  return [...new Set(again)];
}

async function beyondLimits(
  { video }: Plan,
  { chunk }: VideoTask,
  renditions: VideoRendition[],
  files: Record<string, string>,
): Promise<VideoRendition[]> {
  const place = { first: chunk.firstFrame === 0, last: chunk.firstFrame + chunk.frames === video?.frames };
  const failing: VideoRendition[] = [];
  for (const rendition of renditions) {
    const { timescale, samples } = readSamples(await readFile(files[rendition.name] as string));
    const frames = samples.map(({ data, duration }) => ({ bits: data.length * 8, seconds: duration / timescale }));
    // a chunk begins and ends at IDR pictures, so its own frames lie together in decode order too
    const own = bucketRun(frames.slice(chunk.leadFrames, chunk.leadFrames + chunk.frames), rendition);
    const isAlone = firstUnderflow([bucketRun(frames, rendition)], rendition) === undefined;
    if (!isAlone || !keepsLimits(own, rendition, place)) failing.push(rendition);
  }
  return failing;
}
