/**
 * The quality of chunks against one process with the same arguments: Bjøntegaard's difference of rate by PSNR and SSIM of
 * luma, and the worst difference beside a seam. Chunks are shorter here than in a mesh, so that there are more seams.
 *
 *   npm run bench:quality [-- film.mp4 ...] [--codec h264] [--preset veryfast] [--chunk 6] [--height 480]
 *
 * Without a film: generated ones, one of them quiet at first and then busy. Targets: 0.3% and 0.1 dB.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { displaySize } from "../src/core/ladder.js";
import type { Plan, VideoPlan } from "../src/core/media.js";
import { DEFAULT_OPTIONS } from "../src/core/options.js";
import { buildPlan } from "../src/core/plan.js";
import { createMediaTools } from "../src/node/ffmpeg/media-tools.js";
import { bdRate, type Point } from "./quality/bd-rate.js";
import { compare, type Quality } from "./quality/compare.js";
import { encodeJoined } from "./quality/encode.js";

const run = promisify(execFile);
const media = createMediaTools();
const { signal } = new AbortController();
const QUALITIES = [20, 24, 28, 32];
/** Frames on either side of a seam. */
const BESIDE = 12;
const GENERATED: Record<string, string> = {
  "moving picture": "testsrc2=s=426x240:r=25:d=18",
  "quiet, then busy": "smptebars=s=426x240:r=25:d=18,noise=alls=35:allf=t:enable='gte(t,9)'",
  "slow zoom": "mandelbrot=s=426x240:r=25:end_scale=0.05:end_pts=900,trim=duration=18",
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    codec: { type: "string", default: "h264" },
    preset: { type: "string", default: "veryfast" },
    chunk: { type: "string", default: "6" },
    height: { type: "string", default: "480" },
  },
});
const folder = await mkdtemp(join(tmpdir(), "reelmesh-quality-"));
try {
  for (const film of positionals) await report(basename(film), resolve(film));
  if (positionals.length === 0)
    for (const [name, graph] of Object.entries(GENERATED)) await report(name, await make(graph));
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function make(graph: string): Promise<string> {
  const file = join(folder, "generated.mkv");
  const args = ["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", graph, "-pix_fmt", "yuv420p"];
  await run("ffmpeg", [...args, "-c:v", "libx264", "-preset", "ultrafast", "-qp", "4", "-g", "50", file]);
  return file;
}

async function report(name: string, film: string): Promise<void> {
  const points: Record<"psnr" | "ssim", { alone: Point[]; chunked: Point[] }> = {
    psnr: { alone: [], chunked: [] },
    ssim: { alone: [], chunked: [] },
  };
  const seams: { mean: number; frame: number }[] = [];
  let count = 0;
  for (const crf of QUALITIES) {
    const { alone, chunked, plan } = await both(film, crf);
    count = (plan.video as VideoPlan).chunks.length - 1;
    for (const metric of ["psnr", "ssim"] as const) {
      points[metric].alone.push({ rate: alone.rate, quality: mean(alone.quality[metric]) });
      points[metric].chunked.push({ rate: chunked.rate, quality: mean(chunked.quality[metric]) });
    }
    seams.push(...atSeams(plan.video as VideoPlan, alone.quality.psnr, chunked.quality.psnr));
  }
  const [psnr, ssim] = [points.psnr, points.ssim].map(({ alone, chunked }) => 100 * bdRate(alone, chunked));
  const worst = Math.min(...seams.map((seam) => seam.mean));
  const frame = Math.min(...seams.map((seam) => seam.frame));
  console.log(
    `${name}, ${values.codec}, ${count} seams: BD-rate ${percent(psnr)} by PSNR, ${percent(ssim)} by SSIM; beside seams ` +
      `${decibels(mean(seams.map((seam) => seam.mean)))} on average, ${decibels(worst)} at the worst one, ${decibels(frame)} in the worst frame`,
  );
}

async function both(film: string, crf: number) {
  const prepared = await media.prepare(film, basename(film), folder, signal);
  const height = prepared.summary.video === null ? 0 : Math.floor(displaySize(prepared.summary.video).height / 2) * 2;
  const ladder = [Math.min(Number(values.height), height)];
  const options = { ...DEFAULT_OPTIONS, ladder, codecs: [values.codec], preset: values.preset, crf };
  const input = { ...prepared, job: "bench", source: { sha256: "0".repeat(64), bytes: 1 }, options };
  const plan = buildPlan({ ...input, chunkSeconds: Number(values.chunk) });
  const alone = await one(buildPlan({ ...input, chunkSeconds: Number.MAX_SAFE_INTEGER }), prepared.file, "alone");
  return { plan, alone, chunked: await one(plan, prepared.file, "chunked") };
}

async function one(plan: Plan, source: string, name: string): Promise<{ rate: number; quality: Quality }> {
  const { file, rate } = await encodeJoined(media, plan, source, folder, name);
  const rendition = plan.video?.renditions[0];
  return { rate, quality: await compare(source, file, `${rendition?.width}:${rendition?.height}`, folder) };
}

/** Differences of the frames beside each seam: their mean, and the worst of them. */
function atSeams({ chunks }: VideoPlan, alone: number[], chunked: number[]): { mean: number; frame: number }[] {
  return chunks.slice(1).flatMap(({ firstFrame }) =>
    [firstFrame - BESIDE, firstFrame].map((from) => {
      const frames = Array.from({ length: BESIDE }, (_, place) => from + place);
      const differences = frames.map((frame) => (chunked[frame] ?? 0) - (alone[frame] ?? 0));
      return { mean: mean(differences), frame: Math.min(...differences) };
    }),
  );
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function percent(value: number | undefined): string {
  return `${(value ?? Number.NaN).toFixed(2)}%`;
}

function decibels(value: number): string {
  return `${value >= 0 ? "+" : ""}${value.toFixed(3)} dB`;
}
