/** Small assets made like real ones, in a folder: real media by ffmpeg, cut and packaged by the project's own code. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { assembleAsset } from "../../src/core/assemble.js";
import { assetFiles, manifestTexts } from "../../src/core/asset-files.js";
import type { CutSegment } from "../../src/core/cmaf.js";
import { cutAudio, cutVideo } from "../../src/core/cmaf.js";
import { codecString } from "../../src/core/codec-string.js";
import { delayPresentation, reorderDelay } from "../../src/core/edit-list.js";
import { readSamples, splitInit } from "../../src/core/fragment-reader.js";
import type {
  Chunk,
  EncodedMedia,
  EncodedRendition,
  ImagesPlan,
  Plan,
  SegmentFile,
  SubtitleTrackPlan,
  VideoPlan,
  VideoRendition,
} from "../../src/core/media.js";
import { audioClip, thumbnailSheets, videoClip } from "./clips.js";
import { blobOf } from "./plans.js";
import { temporaryFolder } from "./temporary.js";

/** Content of every blob, by its name. */
type Blobs = Map<string, Uint8Array | string>;

function keep(blobs: Blobs, content: Uint8Array | string) {
  const blob = blobOf(content);
  blobs.set(blob.sha256, content);
  return blob;
}

function rendition(
  blobs: Blobs,
  name: string,
  init: Uint8Array,
  timescale: number,
  segments: CutSegment[],
  kind: "video" | "audio",
): EncodedRendition {
  const files = segments.map(({ bytes, ...times }) => ({ ...times, ...keep(blobs, bytes) }));
  return { name, kind, codec: codecString(init), timescale, init: keep(blobs, init), segments: files };
}

/** What the picture shows: a source of ffmpeg's lavfi for a size such as "160x90". */
type Picture = (size: string) => string;

/** Encodes a chunk with a GOP of lead and of tail, where there is one, and cuts it. */
async function encodeChunk(blobs: Blobs, plan: VideoPlan, chunk: Chunk, rung: VideoRendition, picture?: Picture) {
  const { name, width, height } = rung;
  const seconds = plan.frames / 25;
  const from = Math.max(0, chunk.firstFrame - 25);
  const to = Math.min(plan.frames, chunk.firstFrame + chunk.frames + 25);
  const size = `${width}x${height}`;
  const source = picture === undefined ? {} : { source: picture(size) };
  const file = await videoClip({ seconds, size, frames: [from, to], ...source });
  const own = plan.segments.slice(chunk.firstSegment - 1, chunk.firstSegment - 1 + chunk.segments);
  const { samples, timescale } = readSamples(file);
  const delay = reorderDelay(plan.timeline, "h264");
  const segments = cutVideo(samples, own, (frame) => frame * 1000, delay);
  return rendition(blobs, name, delayPresentation(splitInit(file).init, delay), timescale, segments, "video");
}

async function encodeAudio(blobs: Blobs, plan: Plan, name: string, frequency: number): Promise<EncodedRendition> {
  const file = await audioClip(plan.seconds, frequency);
  const { samples, timescale } = readSamples(file);
  const segments = cutAudio(samples, timescale, plan.boundaries);
  return rendition(blobs, name, splitInit(file).init, timescale, segments, "audio");
}

/** Subtitles that say the title of the track and the second in which each begins, one every two seconds. */
async function writeText(blobs: Blobs, plan: Plan, { name, title }: SubtitleTrackPlan): Promise<EncodedRendition> {
  const map = "X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000";
  const time = (seconds: number) => `00:00:${seconds.toFixed(3).padStart(6, "0")}`;
  const cue = (start: number) => `${time(start)} --> ${time(start + 1.9)}\n${title} ${start}\n`;
  const starts = Array.from({ length: Math.ceil(plan.seconds / 2) }, (_, index) => 2 * index);
  const segments = plan.boundaries.map((end, index): SegmentFile => {
    const start = plan.boundaries[index - 1] ?? 0;
    const own = starts.filter((one) => one >= start && one < end).map(cue);
    const file = keep(blobs, [`WEBVTT\n${map}\n`, ...own].join("\n"));
    return { number: index + 1, start: 1000 * start, duration: 1000 * (end - start), ...file };
  });
  const init = keep(blobs, ["WEBVTT\n", ...starts.map(cue)].join("\n"));
  return { name, kind: "text", codec: "wvtt", timescale: 1000, init, segments };
}

/** Sheets of small pictures, and the WebVTT map of them. */
async function writeImages(blobs: Blobs, images: ImagesPlan, source: string): Promise<EncodedMedia["files"]> {
  const { columns, rows, width, height, interval, count } = images;
  const files: EncodedMedia["files"] = {};
  for (const [index, sheet] of (await thumbnailSheets(source, images)).entries()) {
    const path = `thumbnails/${String(index + 1).padStart(6, "0")}.jpg`;
    files[path] = { ...keep(blobs, sheet), type: "image/jpeg" };
  }
  const cues = Array.from({ length: count }, (_, index) => {
    const [sheet, place] = [Math.floor(index / (columns * rows)), index % (columns * rows)];
    const time = (seconds: number) => `00:00:${seconds.toFixed(3).padStart(6, "0")}`;
    const at = [(place % columns) * width, Math.floor(place / columns) * height, width, height].join(",");
    const image = `thumbnails/${String(sheet + 1).padStart(6, "0")}.jpg#xywh=${at}`;
    return `${time(index * interval)} --> ${time((index + 1) * interval)}\n${image}\n`;
  });
  files["thumbnails.vtt"] = { ...keep(blobs, ["WEBVTT\n", ...cues].join("\n")), type: "text/vtt" };
  return files;
}

export interface AssetMedia {
  picture?: Picture;
  /** Of the sine in each audio track; 440 Hz when absent. */
  frequencies?: number[];
}

async function encodePlan(
  blobs: Blobs,
  plan: Plan,
  media: AssetMedia,
): Promise<{ task: string; media: EncodedMedia }[]> {
  const listings: { task: string; media: EncodedMedia }[] = [];
  const list = (task: string, renditions: EncodedRendition[]) =>
    listings.push({ task, media: { version: 1, task, renditions, files: {} } });
  if (plan.video) {
    const { video } = plan;
    for (const chunk of video.chunks) {
      const encoded = video.renditions.map((planned) => encodeChunk(blobs, video, chunk, planned, media.picture));
      list(chunk.name, await Promise.all(encoded));
    }
  }
  for (const [index, { name }] of plan.audio.entries()) {
    list(name, [await encodeAudio(blobs, plan, name, media.frequencies?.[index] ?? 440)]);
  }
  for (const track of plan.subtitles) list(track.name, [await writeText(blobs, plan, track)]);
  if (plan.images && media.picture) {
    const files = await writeImages(blobs, plan.images, media.picture("160x90"));
    listings.push({ task: "images", media: { version: 1, task: "images", renditions: [], files } });
  }
  return listings;
}

/** Makes the asset of a plan of 25 frames a second and writes its files into a new folder. */
export async function writeAsset(plan: Plan, media: AssetMedia = {}): Promise<string> {
  const blobs: Blobs = new Map();
  const made = assembleAsset(plan, await encodePlan(blobs, plan, media));
  const texts = Object.entries(manifestTexts(made));
  const manifests = Object.fromEntries(texts.map(([path, text]) => [path, keep(blobs, text)]));
  const folder = await temporaryFolder();
  for (const [path, { sha256 }] of Object.entries(assetFiles(made, manifests))) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), blobs.get(sha256) ?? "");
  }
  return folder;
}
