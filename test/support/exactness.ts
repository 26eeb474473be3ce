/** Cuts and encodes the chunks of a source, and compares what they kept with one decoding from end to end. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { cutVideo } from "../../src/core/cmaf.js";
import { cutOffsetTicks } from "../../src/core/ffmpeg-arguments.js";
import { readSamples, splitInit } from "../../src/core/fragment-reader.js";
import { proveFrames } from "../../src/core/frame-proof.js";
import type { Chunk, Plan, VideoPlan } from "../../src/core/media.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { buildPlan } from "../../src/core/plan.js";
import type { SourceSummary, SourceVideo } from "../../src/core/source.js";
import { frameTicks } from "../../src/core/timeline.js";
import type { VideoTask } from "../../src/core/video-tasks.js";
import type { FrameProof } from "../../src/core/work.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { frameDigests, frameHashes } from "./sources.js";
import { temporaryFolder } from "./temporary.js";

const options = { ...DEFAULT_OPTIONS, ladder: [96, 48], segmentSeconds: 4, preset: "ultrafast", crf: 40 };
const media = createMediaTools();
const { signal } = new AbortController();

export interface Prepared {
  /** As it was submitted. */
  source: string;
  original: SourceSummary & { video: SourceVideo };
  /** The source, or what was made of it. */
  file: string;
  folder: string;
  plan: Plan & { video: VideoPlan };
}

/** `source`, planned as the planner does it. */
export async function prepare(source: string, ladder = options.ladder, chunkSeconds?: number): Promise<Prepared> {
  const folder = await temporaryFolder();
  const original = await media.probe(source, "film", signal);
  const prepared = await media.prepare(source, "film", folder, signal);
  const reference = { sha256: "0".repeat(64), bytes: 1 };
  const given = chunkSeconds === undefined ? {} : { chunkSeconds };
  const segmentSeconds = Math.min(options.segmentSeconds, chunkSeconds ?? options.segmentSeconds);
  const asked = { ...options, ladder, segmentSeconds };
  const plan = buildPlan({ ...prepared, ...given, job: "job-1", source: reference, options: asked });
  assert.ok(plan.video && original.video);
  return {
    source,
    original: { ...original, video: original.video },
    file: prepared.file,
    folder,
    plan: { ...plan, video: plan.video },
  };
}

/** The source's frames that a chunk keeps, without its lead and tail; fields joined. */
async function keptFrames({ plan: { video } }: Prepared, chunk: Chunk, cut: string, like: string[]): Promise<string[]> {
  const { num, den } = video.timeBase;
  const offset = cutOffsetTicks(video.timeBase);
  const trim = `settb=${num}/${den},trim=start_pts=${chunk.startPts + offset}:end_pts=${chunk.endPts + offset}`;
  const filters = [trim, ...video.filters.filter((one) => one.startsWith("bwdif")), ...like];
  const digests = await frameDigests("-f", "nut", "-i", cut, "-vf", filters.join(","));
  assert.equal(digests.length, chunk.leadFrames + chunk.frames + chunk.tailFrames, chunk.name);
  return digests.slice(chunk.leadFrames, chunk.leadFrames + chunk.frames);
}

function onlyTask({ renditions }: VideoPlan, chunk: Chunk): VideoTask {
  return { name: chunk.name, chunk, renditions };
}

/**
 * Every rendition has the chunk's frames at the planned times, IDR pictures where planned, and one init segment. Returns
 * the hashes of the source's frames that went into them, lead and tail included.
 */
export async function checkRenditions(
  prepared: Prepared,
  chunk: Chunk,
  cut: string,
  inits: Map<string, Buffer>,
): Promise<string[]> {
  const { plan, folder } = prepared;
  const { video } = plan;
  const tick = frameTicks(video.timeline);
  const { files, hashes } = await media.encodeVideo(plan, onlyTask(video, chunk), cut, folder, {
    signal,
    onProgress: () => {},
  });
  const [from, to] = [tick(chunk.firstFrame), tick(chunk.firstFrame + chunk.frames)];
  for (const { name } of video.renditions) {
    const file = await readFile(files[name] as string);
    const { timescale, samples } = readSamples(file);
    assert.equal(timescale, video.timeline.timescale);
    const first = chunk.firstSegment - 1;
    cutVideo(samples, video.segments.slice(first, first + chunk.segments), tick);
    const keyframes = samples.filter(({ keyframe }) => keyframe).map((sample) => sample.dts + sample.compositionOffset);
    assert.deepEqual(
      keyframes.filter((time) => time >= from && time < to),
      video.gops.map(tick).filter((time) => time >= from && time < to),
    );
    const init = Buffer.from(splitInit(file).init);
    assert.ok((inits.get(name) ?? init).equals(init), `${name} has another init segment in ${chunk.name}`);
    inits.set(name, init);
  }
  return hashes;
}

/**
 * Cuts and encodes every chunk; the chunks' source frames joined are those of one decoding of the submitted file, and
 * neighbours agree on what they share. `like`: filters behind both, where a lossless copy has another pixel format.
 */
export async function checkExact(prepared: Prepared, like: string[] = []): Promise<void> {
  const { plan, file, folder, source, original } = prepared;
  const filters = [...(original.video.interlaced ? ["bwdif=mode=send_frame:deint=interlaced"] : []), ...like];
  const joined: string[] = [];
  const proofs: FrameProof[] = [];
  const inits = new Map<string, Buffer>();
  for (const [place, chunk] of plan.video.chunks.entries()) {
    const cut = join(folder, "cut.nut");
    await media.cut(plan, chunk.name, file, cut, signal);
    // Its first frame alone tells what the init segments of all will be.
    if (place === 0) {
      for (const [name, first] of Object.entries(
        await media.encodeFirstFrame(plan, onlyTask(plan.video, chunk), cut, folder, signal),
      )) {
        inits.set(name, Buffer.from(splitInit(await readFile(first)).init));
      }
    }
    const hashes = await checkRenditions(prepared, chunk, cut, inits);
    proofs.push(proveFrames(hashes, plan.video, chunk, false));
    const own = hashes.slice(chunk.leadFrames, chunk.leadFrames + chunk.frames);
    joined.push(...(filters.length === 0 ? own : await keptFrames(prepared, chunk, cut, like)));
  }
  checkProofs(proofs);
  const input = ["-noautorotate", "-f", original.demuxer, "-i", source, "-map", `0:${original.video.stream}`];
  const linear =
    filters.length === 0 ? await frameHashes(...input) : await frameDigests(...input, "-vf", filters.join(","));
  assert.equal(joined.length, linear.length);
  assert.deepEqual(joined, linear);
}

function checkProofs(proofs: FrameProof[]): void {
  for (const [place, proof] of proofs.entries()) {
    const next = proofs[place + 1];
    if (next === undefined) continue;
    assert.match(`${proof.last} ${proof.tail}`, /^[0-9a-f]{16} [0-9a-f]{16}$/);
    assert.deepEqual([proof.last, proof.tail], [next.lead, next.first]);
  }
}
