/** Plans and listings for tests of what comes after encoding. */

import { createHash } from "node:crypto";
import type {
  AudioTrackPlan,
  EncodedMedia,
  EncodedRendition,
  ImagesPlan,
  Plan,
  PlannedSegment,
  SubtitleTrackPlan,
  VideoPlan,
  VideoRendition,
} from "../../src/core/media.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { videoTasks } from "../../src/core/video-tasks.js";
import type { BlobReference } from "../../src/core/work.js";

export function blobOf(content: Uint8Array | string): BlobReference {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { sha256, bytes: Buffer.byteLength(content) };
}

/** A blob of a length, for sizes that matter where content does not. */
function blobOfLength(name: string, bytes: number): BlobReference {
  return { sha256: blobOf(name).sha256, bytes };
}

export function videoRendition(height: number, width = (height * 16) / 9): VideoRendition {
  const coding = { codec: "h264", encoder: "libx264", level: 31, tier: "main", bitDepth: 8, range: "SDR" } as const;
  return { name: `${height}p`, ...coding, width, height, crf: 23, maxBitrate: 1_000_000, bufferBits: 2_000_000 };
}

export function audioTrack(number: number, changes: Partial<AudioTrackPlan> = {}): AudioTrackPlan {
  const format = { sampleRate: 48_000, channels: 2, bitrate: 64_000 };
  const menu = { language: "en", title: `Track ${number}`, default: number === 1 };
  return { name: `audio-${number}`, codec: "aac", stream: number, seconds: 10, ...format, ...menu, ...changes };
}

export function subtitleTrack(number: number, changes: Partial<SubtitleTrackPlan> = {}): SubtitleTrackPlan {
  const menu = { language: "en", title: `Subtitles ${number}`, default: false, forced: false };
  return { name: `subtitles-${number}`, from: { stream: 10 + number, codec: "subrip" }, ...menu, ...changes };
}

/** 25 frames a second at a timescale of 25,000; every segment of two seconds, every chunk of two segments. */
export function videoPlan(frames: number, renditions: VideoRendition[]): VideoPlan {
  const segments: PlannedSegment[] = [];
  for (let first = 0; first < frames; first += 50) {
    const count = Math.min(50, frames - first);
    const times = { start: first * 1000, duration: count * 1000 };
    segments.push({ number: segments.length + 1, firstFrame: first, frames: count, ...times });
  }
  const chunks: VideoPlan["chunks"] = [];
  for (let first = 0; first < segments.length; first += 2) {
    const own = segments.slice(first, first + 2);
    const [firstFrame, count] = [first * 50, own.reduce((sum, segment) => sum + segment.frames, 0)];
    chunks.push({
      name: `chunk-${String(chunks.length + 1).padStart(6, "0")}`,
      firstSegment: first + 1,
      segments: own.length,
      firstFrame,
      frames: count,
      leadFrames: 0,
      tailFrames: 0,
      startPts: firstFrame * 1000,
      endPts: (firstFrame + count) * 1000,
      cut: { packets: count },
    });
  }
  return {
    stream: 0,
    timeBase: { num: 1, den: 25_000 },
    constantRate: true,
    frameRate: { num: 25, den: 1 },
    frames,
    timeline: { timescale: 25_000, steps: [[1000, frames]] },
    filters: [],
    colour: {},
    gops: Array.from({ length: Math.ceil(frames / 25) }, (_, index) => index * 25),
    segments,
    chunks,
    renditions,
  };
}

export function planOf(video: VideoPlan | null, audio: AudioTrackPlan[]): Plan {
  return {
    version: 1,
    job: "test-job",
    source: blobOf("source"),
    demuxer: "mov",
    options: { ...DEFAULT_OPTIONS, ladder: [], segmentSeconds: 2, preset: "fast", crf: 23 },
    notes: [],
    seconds: video ? video.frames / 25 : 10,
    zero: { pts: 0, timeBase: { num: 1, den: 25_000 } },
    boundaries: video ? video.segments.map(({ start, duration }) => (start + duration) / 25_000) : [2, 4, 6, 8, 10],
    video,
    audio,
    subtitles: [],
    images: null,
    chapters: [],
  };
}

/** What tasks would list for a plan, with segments of invented sizes: `bytes(rendition, number)`. */
export function listingsOf(
  plan: Plan,
  bytes: (rendition: string, number: number) => number = () => 1000,
): { task: string; media: EncodedMedia }[] {
  const listing = (task: string, renditions: EncodedRendition[], files: EncodedMedia["files"] = {}) => ({
    task,
    media: { version: 1 as const, task, renditions, files },
  });
  const { segments: planned = [] } = plan.video ?? {};
  const video = (plan.video ? videoTasks(plan.video) : []).map(({ name: task, chunk, renditions }) => {
    const own = planned.slice(chunk.firstSegment - 1, chunk.firstSegment - 1 + chunk.segments);
    const encoded = renditions.map(({ name, codec }): EncodedRendition => {
      const files = own.map(({ number, start, duration }) => {
        const blob = blobOfLength(`${name}/${number}`, bytes(name, number));
        return { number, start, duration, keyBytes: Math.ceil(blob.bytes / 4), ...blob };
      });
      const track = { kind: "video" as const, codec: CODECS[codec], timescale: 25_000 };
      return { name, ...track, init: blobOfLength(`${name}/init`, 700), segments: files };
    });
    return listing(task, encoded);
  });
  const audio = plan.audio.map(({ name, codec, sampleRate }) => {
    const segments = Array.from({ length: 5 }, (_, index) => {
      const times = { number: index + 1, start: index * 96_256, duration: 96_256 };
      return { ...times, ...blobOfLength(`${name}/${index + 1}`, bytes(name, index + 1)) };
    });
    const track = { kind: "audio" as const, codec: CODECS[codec], timescale: sampleRate };
    return listing(name, [{ name, ...track, init: blobOfLength(`${name}/init`, 600), segments }]);
  });
  const text = plan.subtitles.map(({ name }) => {
    const segments = plan.boundaries.map((end, index) => {
      const start = 1000 * (plan.boundaries[index - 1] ?? 0);
      const times = { number: index + 1, start, duration: 1000 * end - start };
      return { ...times, ...blobOfLength(`${name}/${index + 1}`, bytes(name, index + 1)) };
    });
    const init = blobOfLength(`${name}/whole`, 5000);
    return listing(name, [{ name, kind: "text", codec: "wvtt", timescale: 1000, init, segments }]);
  });
  return [
    ...video,
    ...audio,
    ...text,
    ...(plan.images ? [listing(plan.images.name, [], imageFiles(plan.images))] : []),
  ];
}

const CODECS = {
  h264: "avc1.64001f",
  hevc: "hvc1.2.4.L120.90",
  av1: "av01.0.08M.10",
  vp9: "vp09.00.31.08",
  aac: "mp4a.40.2",
  opus: "opus",
  "ac-3": "ac-3",
  "ec-3": "ec-3",
};

function imageFiles({ columns, rows, count }: ImagesPlan): EncodedMedia["files"] {
  const sheets = Array.from({ length: Math.ceil(count / (columns * rows)) }, (_, index) => {
    const path = `thumbnails/${String(index + 1).padStart(6, "0")}.jpg`;
    return [path, { ...blobOfLength(path, 30_000 + index), type: "image/jpeg" }];
  });
  return Object.fromEntries(sheets);
}
