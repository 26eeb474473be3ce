/** What goes beside picture and sound: captions in the video, the poster and the small pictures. */
import { access, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileUrl, safeInput } from "../../core/ffmpeg-arguments.js";
import { imagesArguments, posterSearches } from "../../core/images-arguments.js";
import type { ImagesPlan, Plan, VideoPlan } from "../../core/media.js";
import type { SourceSummary } from "../../core/source.js";
import { captionArguments } from "../../core/subtitle-arguments.js";
import { run } from "./process.js";
import { type EncodeProgress, PROGRESS_ARGUMENTS, progressReader } from "./progress.js";

/** Codecs that carry captions, and how many packets are looked at for them: television has some in every frame. */
const CAPTIONED = ["h264", "hevc", "mpeg2video", "mpeg1video"];
const LOOK_AT_PACKETS = 250;

type Running = { signal: AbortSignal; onProgress(progress: { done: number; speed: number }): void };

/** Whether a source's video carries captions from near its start. INVALID_INPUT. */
export async function findCaptions(file: string, summary: SourceSummary, signal: AbortSignal): Promise<boolean> {
  const { video, demuxer, fileName } = summary;
  if (video === null || !CAPTIONED.includes(video.codec)) return false;
  let found = false;
  const look = ["-read_intervals", `%+#${LOOK_AT_PACKETS}`, "-show_entries", "frame_side_data=side_data_type"];
  const args = [
    ...safeInput(demuxer),
    "-select_streams",
    String(video.stream),
    ...look,
    "-of",
    "csv=p=0",
    fileUrl(file),
  ];
  await run("ffprobe", args, {
    signal,
    purpose: `looking for captions in ${fileName}`,
    blame: "INVALID_INPUT",
    onLine: (line) => {
      found ||= line.includes("Closed Captions");
      return true;
    },
  });
  return found;
}

/** The captions of a video that was cut, as ASS in the folder. MEDIA. */
export async function readCaptions(cut: string, folder: string, { signal, onProgress }: Running): Promise<string> {
  const target = join(folder, "captions.ass");
  await run("ffmpeg", [...PROGRESS_ARGUMENTS, ...captionArguments(cut, target)], {
    signal,
    purpose: "reading the captions in the video",
    blame: "MEDIA",
    onLine: progressReader(({ outTimeMs }) => onProgress({ done: outTimeMs, speed: 0 })),
  });
  return target;
}

/** The poster and the sheets, in order. MEDIA. */
export async function makeImages(
  plan: Plan & { video: VideoPlan },
  images: ImagesPlan,
  cut: string,
  folder: string,
  { signal, onProgress }: Running,
): Promise<{ poster: string; sheets: string[] }> {
  const poster = join(folder, "poster.jpg");
  const onTime = ({ outTimeMs }: EncodeProgress) => onProgress({ done: outTimeMs, speed: 0 });
  for (const [place, search] of posterSearches(images).entries()) {
    const files = { poster, ...(place === 0 ? { sheets: join(folder, "sheet-%06d.jpg") } : {}) };
    await run("ffmpeg", [...PROGRESS_ARGUMENTS, ...imagesArguments(plan.video, images, cut, files, search)], {
      signal,
      purpose: `taking pictures for job ${plan.job}`,
      blame: "MEDIA",
      onLine: progressReader(onTime),
    });
    if (await isThere(poster)) break;
  }
  await access(poster);
  const names = (await readdir(folder)).filter((name) => name.startsWith("sheet-")).sort();
  return { poster, sheets: names.map((name) => join(folder, name)) };
}

async function isThere(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && found.size > 0;
}
