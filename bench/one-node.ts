/**
 * One node against one ffmpeg process: the same clip, ladder, encoder settings and audio, in turn on the same machine.
 * Prints wall and CPU time of each run and the ratios of the medians. As root, with control groups of version 1, which
 * count the time of all that a node starts.
 *
 *   npm run bench [-- film.mp4 [runs]]      without a film: a generated one of 40 s
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { generateFilm } from "../scripts/quickstart/film.js";
import type { Plan } from "../src/core/media.js";
import { DEFAULT_OPTIONS } from "../src/core/options.js";
import { buildPlan } from "../src/core/plan.js";
import { createMediaTools } from "../src/node/ffmpeg/media-tools.js";
import { type Group, makeGroup } from "./support/control-group.js";
import { interrupted, run, tellInterrupted } from "./support/interruptible.js";
import { PROGRAM, startNode } from "./support/node.js";

const OPTIONS = { ...DEFAULT_OPTIONS, ladder: [], segmentSeconds: 4, preset: "veryfast", crf: 23 };

interface Cost {
  wall: number;
  cpu: number;
}

const [given, runs = "3"] = process.argv.slice(2);
const folder = await mkdtemp(join(tmpdir(), "reelmesh-bench-"));
try {
  const film = given === undefined ? join(folder, "film.mp4") : resolve(given);
  if (given === undefined) await generateFilm(film, AbortSignal.any([interrupted, AbortSignal.timeout(120_000)]));
  const plan = await planOf(film);
  const alone: Cost[] = [];
  const meshed: Cost[] = [];
  for (let turn = 1; turn <= Number(runs); turn++) {
    alone.push(await singleProcess(plan, film));
    meshed.push(await oneNode(film, join(folder, `node-${turn}`)));
    print(`run ${turn}`, alone.at(-1) as Cost, meshed.at(-1) as Cost);
  }
  print("median", median(alone), median(meshed));
} catch (error) {
  tellInterrupted(error);
} finally {
  await rm(folder, { recursive: true, force: true });
}

function print(label: string, alone: Cost, meshed: Cost): void {
  const seconds = (value: number) => `${value.toFixed(2)} s`;
  console.log(
    `${label}: ffmpeg wall ${seconds(alone.wall)}, CPU ${seconds(alone.cpu)}; ` +
      `node wall ${seconds(meshed.wall)}, CPU ${seconds(meshed.cpu)}; ` +
      `ratio wall ${(meshed.wall / alone.wall).toFixed(3)}, CPU ${(meshed.cpu / alone.cpu).toFixed(3)}`,
  );
}

function median(costs: Cost[]): Cost {
  const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  return { wall: middle(costs.map((cost) => cost.wall)), cpu: middle(costs.map((cost) => cost.cpu)) };
}

async function planOf(film: string): Promise<Plan> {
  const media = createMediaTools();
  const prepared = await media.prepare(film, film, folder, interrupted);
  const source = { sha256: "0".repeat(64), bytes: 0 };
  return buildPlan({ ...prepared, job: "bench", source, options: OPTIONS });
}

/** The film from end to end in one process, as a person would type it: one decoding, every rendition, and the sound. */
async function singleProcess(plan: Plan, film: string): Promise<Cost> {
  const output = await mkdtemp(join(folder, "single-"));
  const words = ["ffmpeg", "-nostdin", "-v", "error", "-i", film, ...singleArguments(plan, output)];
  return inGroup((group) => costOf(group, words));
}

async function inGroup<T>(task: (group: Group) => Promise<T>): Promise<T> {
  const group = await makeGroup(`reelmesh-bench-${process.pid}`);
  try {
    return await task(group);
  } finally {
    await group.remove();
  }
}

/** Runs a command in the group to its end. */
async function costOf(group: Group, words: string[]): Promise<Cost> {
  const cpu = await group.used();
  const started = performance.now();
  await run(...group.enter(words));
  return { wall: (performance.now() - started) / 1000, cpu: (await group.used()) - cpu };
}

function singleArguments({ video, audio }: Plan, output: string): string[] {
  const renditions = video?.renditions ?? [];
  const scale = renditions.map(
    ({ width, height }, rung) => `[in${rung}]scale=${width}:${height}:flags=bicubic,format=yuv420p[out${rung}]`,
  );
  const split = `[0:v:0]split=${renditions.length}${renditions.map((_, rung) => `[in${rung}]`).join("")}`;
  const fragments = ["-movflags", "+cmaf+frag_keyframe", "-f", "mp4"];
  const pictures = renditions.flatMap(({ name, level, maxBitrate, bufferBits }, rung) => [
    ...["-map", `[out${rung}]`, "-c:v", "libx264", "-preset", OPTIONS.preset, "-crf", String(OPTIONS.crf)],
    ...["-maxrate", String(maxBitrate), "-bufsize", String(bufferBits), "-profile:v", "high"],
    ...["-level:v", (level / 10).toFixed(1), "-x264-params", "keyint=infinite:scenecut=0:open-gop=0"],
    ...["-force_key_frames", "expr:gte(t,n_forced*2)", ...fragments, join(output, `${name}.mp4`)],
  ]);
  const sounds = audio.flatMap(({ name, stream, bitrate, channels }) => [
    ...["-map", `0:${stream}`, "-c:a", "aac", "-b:a", String(bitrate), "-ac", String(channels)],
    ...[...fragments, join(output, `${name}.mp4`)],
  ]);
  return [...(video === null ? [] : ["-filter_complex", [split, ...scale].join(";")]), ...pictures, ...sounds];
}

/** Submitting the film to a node that is alone, from the command line's start to its last word. */
function oneNode(film: string, data: string): Promise<Cost> {
  return inGroup(async (group) => {
    const node = await startNode({ data, group });
    try {
      const options = ["--preset", OPTIONS.preset, "--crf", String(OPTIONS.crf), "--wait", "--json"];
      return await costOf(group, [process.execPath, PROGRAM, "submit", film, "--node", node.grpc, ...options]);
    } finally {
      await node.stop();
    }
  });
}
