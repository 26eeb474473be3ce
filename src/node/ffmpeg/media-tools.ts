/** ffmpeg, as the tasks of the worker use it: files in, files out. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cutAudioArguments } from "../../core/audio-arguments.js";
import type { Confinement } from "../../core/confinement.js";
import { encodeVideoArguments, type OutputFiles } from "../../core/encode-arguments.js";
import { ReelmeshError } from "../../core/errors.js";
import { cutLinearArguments, cutOffsetTicks, cutVideoArguments } from "../../core/ffmpeg-arguments.js";
import { checkKept, readFrameHashes } from "../../core/frame-proof.js";
import { cutImagesArguments } from "../../core/images-arguments.js";
import type { Plan, VideoRendition } from "../../core/media.js";
import { squaredError, throughSizeArguments } from "../../core/sharpness-arguments.js";
import type { SourceSummary } from "../../core/source.js";
import { sniff } from "../../core/source-check.js";
import { cutSubtitleArguments } from "../../core/subtitle-arguments.js";
import { findVideoTask, type VideoTask } from "../../core/video-tasks.js";
import { peakMemory } from "../machine.js";
import { readHead } from "../read-head.js";
import { encodeAudio, encodeSilence } from "./audio.js";
import { findCaptions, makeImages, readCaptions } from "./extras.js";
import { type PreparedSource, prepareSource } from "./prepare.js";
import { probe } from "./probe.js";
import { type RunOptions, run } from "./process.js";
import { type EncodeProgress, PROGRESS_ARGUMENTS, progressReader } from "./progress.js";
import { confinement } from "./sandbox.js";
import { readToolbox, type Toolbox } from "./toolbox.js";

export interface EncodeOptions {
  signal: AbortSignal;
  /**
   * `done`: frames of video encoded so far, those of the lead included; milliseconds of audio. `speed`: frames a second,
   * 0 for audio.
   */
  onProgress(progress: { done: number; speed: number }): void;
}

/**
 * Frames before a chunk's first are only decoded, which shows no progress: each may take this long. The coordinator
 * waits two minutes for the first progress, and could not say what was wrong.
 */
const START_SECONDS = { least: 45, aPacket: 0.05, most: 110 };
/** A linear cut writes nothing before its chunk; the coordinator waits as long for it. */
const LINEAR_SECONDS = 1_800;
/** Encodes whose peak memory is remembered. */
const KEPT_PEAKS = 8;

/**
 * Every method takes absolute paths, and settles only when its ffmpeg is gone. ABORTED: its signal. ENVIRONMENT: ffmpeg
 * is missing or the disk is full. Others are named at each.
 */
class FfmpegMediaTools {
  #toolbox: Promise<Toolbox> | undefined;
  /** Bytes, the newest last. */
  #peaks: number[] = [];

  /** What a file is. `fileName` is its name for people. INVALID_INPUT when it cannot be a source. */
  async probe(file: string, fileName: string, signal: AbortSignal): Promise<SourceSummary> {
    const demuxer = sniff(await readHead(file), fileName);
    const { decodable } = await this.#ask(signal);
    return probe({ file, demuxer, fileName, decodable }, signal);
  }

  /**
   * The file, or what was made of it in the folder where it cannot be cut exactly as it is, with its packets. Takes long
   * where all of it must be decoded; `decode` says why it must, whatever it looks like. INVALID_INPUT.
   */
  async prepare(
    file: string,
    fileName: string,
    folder: string,
    signal: AbortSignal,
    decode = "",
  ): Promise<PreparedSource> {
    return prepareSource(file, (one) => this.probe(one, fileName, signal), folder, decode, signal);
  }

  /**
   * Copies the part of the source that a task needs to a NUT file; with `linear`, that of a chunk is decoded from the
   * source's start and kept without loss. MEDIA when there is no such task.
   */
  async cut(
    plan: Plan,
    task: string,
    source: string,
    target: string,
    signal: AbortSignal,
    linear = false,
  ): Promise<void> {
    const purpose = `cutting ${task} of job ${plan.job}`;
    const own = linear && plan.video !== null ? findVideoTask(plan.video, task) : undefined;
    if (own === undefined || plan.video === null) {
      await this.#run(cutTaskArguments(plan, task, source, target), purpose, signal);
      return;
    }
    const args = cutLinearArguments(plan, plan.video, own.chunk, source, target);
    // nothing is written before the chunk's first frame
    await this.#run(args, purpose, signal, () => {}, { startSeconds: LINEAR_SECONDS });
  }

  /**
   * Encodes a chunk that `cut` cut: rendition -> fragmented MP4 in the folder, lead and tail included, with the plan's
   * time stamps, and the hashes of the source's frames that it was made of. MEDIA when those are not what is planned.
   */
  async encodeVideo(
    plan: Plan,
    task: VideoTask,
    cut: string,
    folder: string,
    { signal, onProgress }: EncodeOptions,
  ): Promise<{ files: OutputFiles; hashes: string[] }> {
    const { video } = plan;
    if (video === null) throw new ReelmeshError("MEDIA", `the plan of job ${plan.job} has no video`);
    const { name, chunk, renditions } = task;
    const hashes = join(folder, "frames.murmur3");
    const files = outputFiles(renditions, folder);
    const planned = chunk.leadFrames + chunk.frames + chunk.tailFrames;
    const { least, aPacket, most } = START_SECONDS;
    const startSeconds = Math.min(most, least + chunk.cut.packets * aPacket);
    let encoded = 0;
    const onFrames = ({ frames, framesPerSecond }: EncodeProgress) => {
      encoded = frames;
      onProgress({ done: frames, speed: framesPerSecond });
    };
    const purpose = `encoding ${name} of job ${plan.job}`;
    let peak = 0;
    const onAlive = (pid: number) => {
      peak = Math.max(peak, peakMemory(pid));
    };
    const args = encodeVideoArguments(plan, video, task, cut, files, { hashes });
    await this.#run(args, purpose, signal, onFrames, { startSeconds, onAlive });
    if (peak > 0) this.#peaks = [...this.#peaks, peak].slice(-KEPT_PEAKS);
    const kept = readFrameHashes(await readFile(hashes, "utf8"), cutOffsetTicks(video.timeBase));
    checkKept(kept, chunk);
    if (encoded === planned) return { files, hashes: kept.map(({ hash }) => hash) };
    const message = `${purpose} gave ${encoded} frames where ${planned} are planned: the source may be damaged there`;
    throw new ReelmeshError("MEDIA", message);
  }

  /**
   * Encodes the first frame of a chunk that `cut` cut, with the settings of all of it: rendition -> fragmented MP4 in the
   * folder. MEDIA.
   */
  async encodeFirstFrame(plan: Plan, task: VideoTask, cut: string, folder: string, signal: AbortSignal) {
    const { video } = plan;
    if (video === null) throw new ReelmeshError("MEDIA", `the plan of job ${plan.job} has no video`);
    const files = outputFiles(task.renditions, folder);
    const purpose = `encoding the first frame of job ${plan.job}`;
    await this.#run(encodeVideoArguments(plan, video, task, cut, files, { frames: 1 }), purpose, signal);
    return files;
  }

  /**
   * Mean squared error of luma of the frames of a cut at a rung's size, against themselves by way of a smaller one. MEDIA.
   */
  async throughSize(
    plan: Plan,
    { chunk, name }: VideoTask,
    cut: string,
    rung: VideoRendition,
    next: VideoRendition,
    signal: AbortSignal,
  ): Promise<number> {
    if (plan.video === null) throw new ReelmeshError("MEDIA", `the plan of job ${plan.job} has no video`);
    const errors: number[] = [];
    const onLine = (line: string) => {
      const error = squaredError(line);
      if (error !== undefined) errors.push(error);
      return error !== undefined;
    };
    const purpose = `looking how sharp ${name} of job ${plan.job} is`;
    const args = throughSizeArguments(plan.video, chunk, cut, rung, next);
    await run("ffmpeg", args, { signal, purpose, blame: "MEDIA", onLine, startSeconds: START_SECONDS.most });
    return errors.reduce((sum, error) => sum + error, 0) / Math.max(1, errors.length);
  }

  /** Encodes an audio track that `cut` cut, from the output's zero on: a fragmented MP4 in the folder. MEDIA. */
  encodeAudio = encodeAudio;

  /** Frames of silence for a track that is copied: a fragmented MP4 in the folder. MEDIA. */
  encodeSilence = encodeSilence;

  findCaptions = findCaptions;
  readCaptions = readCaptions;
  makeImages = makeImages;

  /** How ffmpeg is kept in its place on this machine. */
  confinement(): Promise<Confinement> {
    return confinement();
  }

  /** The largest memory that one of the last encodes of video took, in bytes; 0 when none was measured yet. */
  peakBytes(): number {
    return Math.max(0, ...this.#peaks);
  }

  /** The encoders that plans ask for, with the version of ffmpeg. ENVIRONMENT when one is missing. */
  async encoders(signal: AbortSignal): Promise<{ name: string; version: string }[]> {
    return (await this.#ask(signal)).encoders;
  }

  /** Equal on two machines only when their builds of ffmpeg are: 64 hexadecimal digits. */
  async fingerprint(signal: AbortSignal): Promise<string> {
    return (await this.#ask(signal)).fingerprint;
  }

  /** Asked once. A failure is forgotten, and one that another caller's signal caused is none of this caller's. */
  async #ask(signal: AbortSignal): Promise<Toolbox> {
    for (;;) {
      try {
        this.#toolbox ??= readToolbox(signal);
        return await this.#toolbox;
      } catch (error) {
        this.#toolbox = undefined;
        const isAborted = error instanceof ReelmeshError && error.code === "ABORTED";
        if (!isAborted || signal.aborted) throw error;
      }
    }
  }

  async #run(
    args: string[],
    purpose: string,
    signal: AbortSignal,
    onProgress: (progress: EncodeProgress) => void = () => {},
    options: Pick<RunOptions, "startSeconds" | "onAlive"> = {},
  ): Promise<void> {
    const onLine = progressReader(onProgress);
    await run("ffmpeg", [...PROGRESS_ARGUMENTS, ...args], {
      signal,
      purpose,
      blame: "MEDIA",
      onLine,
      startSeconds: START_SECONDS.least,
      ...options,
    });
  }
}

export function createMediaTools(): FfmpegMediaTools {
  return new FfmpegMediaTools();
}

function outputFiles(renditions: VideoRendition[], folder: string): OutputFiles {
  return Object.fromEntries(renditions.map(({ name }) => [name, join(folder, `${name}.mp4`)]));
}

function cutTaskArguments(plan: Plan, task: string, source: string, target: string): string[] {
  const own = plan.video === null ? undefined : findVideoTask(plan.video, task);
  if (own) return cutVideoArguments(plan, own.chunk, source, target);
  const track = plan.audio.find(({ name }) => name === task);
  if (track) return cutAudioArguments(plan, track, source, target);
  const text = plan.subtitles.find(({ name }) => name === task);
  if (text) return cutSubtitleArguments(plan, text, source, target);
  if (plan.images?.name === task) return cutImagesArguments(plan, plan.images, source, target);
  throw new ReelmeshError("MEDIA", `the plan of job ${plan.job} has no task "${task}"`);
}
