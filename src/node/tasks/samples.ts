/** Samples of a film, spread evenly over it, and what they take when they are encoded as its chunks will be. */
import { readFile, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { readSamples } from "../../core/fragment-reader.js";
import type { Plan, VideoPlan, VideoRendition } from "../../core/media.js";
import { secondsOfFrames } from "../../core/timeline.js";
import type { VideoTask } from "../../core/video-tasks.js";
import type { MediaTools } from "./media-tools.js";

/** At least so many segments of the film, at most so many, and between them a tenth of it. */
const SAMPLES = { least: 8, most: 24, share: 0.1 };
/** Encodes at once: each takes about two cores. */
const AT_ONCE = Math.max(1, Math.floor(availableParallelism() / 2));

/** A cut of the source and the run of frames in it that counts. */
export interface Sample {
  task: VideoTask;
  cut: string;
  /** Length of what counts, seconds. */
  seconds: number;
}

type SampledPlan = Plan & { video: VideoPlan };

/** Whether all of a film is in the samples: then its own chunks are, and nothing is encoded to be thrown away. */
export function isAllSampled({ segments }: VideoPlan): boolean {
  return segments.length <= SAMPLES.least;
}

/** Cuts the samples. `plan`: the film's, in chunks of one segment. Seconds of all of them together are in the result. */
export async function cutSamples(
  media: Pick<MediaTools, "cut">,
  plan: SampledPlan,
  source: string,
  folder: string,
  signal: AbortSignal,
): Promise<Sample[]> {
  const { chunks, timeline } = plan.video;
  const wanted = Math.min(SAMPLES.most, Math.max(SAMPLES.least, Math.ceil(SAMPLES.share * chunks.length)));
  const count = Math.min(chunks.length, wanted);
  const places = Array.from({ length: count }, (_, place) => Math.floor(((place + 0.5) * chunks.length) / count));
  const samples: Sample[] = [];
  for (const chunk of places.flatMap((place) => chunks[place] ?? [])) {
    const cut = join(folder, `sample-${chunk.name}.nut`);
    await media.cut(plan, chunk.name, source, cut, signal);
    const seconds = secondsOfFrames(timeline, chunk.firstFrame, chunk.frames);
    samples.push({ task: { name: chunk.name, chunk, renditions: [] }, cut, seconds });
  }
  return samples;
}

/** Bits a second that the renditions take over all samples, by name. */
export async function measureRates(
  media: Pick<MediaTools, "encodeVideo">,
  plan: SampledPlan,
  samples: Sample[],
  renditions: VideoRendition[],
  folder: string,
  signal: AbortSignal,
): Promise<Map<string, number>> {
  const bits = new Map<string, number>(renditions.map(({ name }) => [name, 0]));
  const waiting = [...samples];
  const lane = async () => {
    for (let sample = waiting.shift(); sample !== undefined; sample = waiting.shift()) {
      const task = { ...sample.task, name: `a sample at ${sample.task.name}`, renditions };
      const own = join(folder, sample.task.name);
      const { files } = await media.encodeVideo(plan, task, sample.cut, own, { signal, onProgress: () => {} });
      for (const [name, file] of Object.entries(files)) {
        bits.set(name, (bits.get(name) ?? 0) + (await ownBits(file, sample)));
        await rm(file, { force: true });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, samples.length) }, lane));
  const seconds = samples.reduce((sum, sample) => sum + sample.seconds, 0);
  return new Map([...bits].map(([name, sum]) => [name, sum / seconds]));
}

/** Without the lead and the tail. */
async function ownBits(file: string, { task: { chunk } }: Sample): Promise<number> {
  const { samples } = readSamples(await readFile(file));
  const own = samples.slice(chunk.leadFrames, chunk.leadFrames + chunk.frames);
  return own.reduce((sum, { data }) => sum + data.length * 8, 0);
}
