/** What the tasks ask of ffmpeg. */
import type { AudioTrackPlan, ImagesPlan, Plan, VideoPlan, VideoRendition } from "../../core/media.js";
import type { SourceIndex, SourceSummary } from "../../core/source.js";
import type { VideoTask } from "../../core/video-tasks.js";
import type { Progress } from "../worker.js";

interface EncodeOptions {
  signal: AbortSignal;
  /** Frames of a chunk, its lead's included; milliseconds of audio. */
  onProgress(progress: Progress): void;
}

interface PreparedSource {
  file: string;
  summary: SourceSummary;
  /** Null when it has no video. */
  index: SourceIndex | null;
  /** Sentences for the person who submitted it. */
  notes: string[];
}

export interface MediaTools {
  /** What a file is; INVALID_INPUT with a sentence for people when it cannot be a source. */
  probe(file: string, fileName: string, signal: AbortSignal): Promise<SourceSummary>;
  /**
   * The file, or what was made of it in the folder where it cannot be cut exactly as it is, with its packets. `decode`: why
   * it must be decoded in one piece, whatever it looks like; "": it need not.
   */
  prepare(
    file: string,
    fileName: string,
    folder: string,
    signal: AbortSignal,
    decode?: string,
  ): Promise<PreparedSource>;
  /**
   * Copies the part of the source that a task needs to a file; with `linear`, that of a chunk is decoded from the source's
   * start and kept without loss.
   */
  cut(plan: Plan, task: string, source: string, file: string, signal: AbortSignal, linear?: boolean): Promise<void>;
  /** Fragmented MP4 files in the folder by rendition, and a hash of each source frame that they were made of. */
  encodeVideo(
    plan: Plan,
    task: VideoTask,
    cut: string,
    folder: string,
    options: EncodeOptions,
  ): Promise<{ files: Record<string, string>; hashes: string[] }>;
  /** Mean squared error of luma at a rung's size, by way of a smaller one. */
  throughSize(
    plan: Plan,
    task: VideoTask,
    cut: string,
    rung: VideoRendition,
    next: VideoRendition,
    signal: AbortSignal,
  ): Promise<number>;
  /** The first frame of a chunk alone, with the settings of all of it: as `encodeVideo`. */
  encodeFirstFrame(
    plan: Plan,
    task: VideoTask,
    cut: string,
    folder: string,
    signal: AbortSignal,
  ): Promise<Record<string, string>>;
  /**
   * A fragmented MP4 file in the folder, and sentences about its loudness. `onWritten`: told of the file while it grows,
   * with how far it is in seconds, when what is there of it is final.
   */
  encodeAudio(
    plan: Plan,
    track: AudioTrackPlan,
    cut: string,
    folder: string,
    options: EncodeOptions & { onWritten?(file: string, seconds: number): void },
  ): Promise<{ file: string; notes: string[] }>;
  /** Frames of silence in the form of a track that is copied, whose frames have `bitrate` bits a second: the same. */
  encodeSilence(
    track: AudioTrackPlan & { codec: "ac-3" | "ec-3" },
    cut: string,
    bitrate: number,
    folder: string,
    signal: AbortSignal,
  ): Promise<string>;
  /** Whether a source's video carries captions. */
  findCaptions(file: string, summary: SourceSummary, signal: AbortSignal): Promise<boolean>;
  /** The captions of a video that was cut, as ASS in the cut's time. */
  readCaptions(cut: string, folder: string, options: EncodeOptions): Promise<string>;
  /** The poster and the sheets of small pictures, in order. */
  makeImages(
    plan: Plan & { video: VideoPlan },
    images: ImagesPlan,
    cut: string,
    folder: string,
    options: EncodeOptions,
  ): Promise<{ poster: string; sheets: string[] }>;
}
