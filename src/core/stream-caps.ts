/** The check of each rendition, joined over all of its chunks, against the cap that the manifests promise. */
import { ReelmeshError } from "./errors.js";
import { firstUnderflow } from "./leaky-bucket.js";
import type { EncodedRendition, Plan, VideoPlan } from "./media.js";

/** MEDIA, with the chunk's name, when a decoder's buffer would run empty in it. */
export function checkCaps({ video }: Plan, renditions: EncodedRendition[]): void {
  if (video === null) return;
  for (const planned of video.renditions) {
    const segments = renditions.find(({ kind, name }) => kind === "video" && name === planned.name)?.segments ?? [];
    const runs = segments.map(({ bucket }) => bucket ?? { need: 0, gain: 0, most: planned.bufferBits });
    const place = firstUnderflow(runs, planned);
    if (place === undefined) continue;
    const number = segments[place]?.number ?? 0;
    const limits = `${planned.maxBitrate} bits a second with a buffer of ${planned.bufferBits}`;
    const message = `${planned.name} goes beyond ${limits} in segment ${number} of ${chunkOf(video, number)}`;
    throw new ReelmeshError("MEDIA", `${message}: submit it with a higher crf`);
  }
}

function chunkOf({ chunks }: VideoPlan, segment: number): string {
  const own = chunks.findLast(({ firstSegment }) => firstSegment <= segment);
  return own?.name ?? "no chunk";
}
