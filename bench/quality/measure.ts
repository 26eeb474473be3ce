/** The quality of a film in chunks against one process with the same arguments. */
import { execFile } from "node:child_process";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { displaySize } from "../../src/core/ladder.js";
import type { Plan, VideoPlan } from "../../src/core/media.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import { buildPlan } from "../../src/core/plan.js";
import { createMediaTools } from "../../src/node/ffmpeg/media-tools.js";
import { bdRate, type Point } from "./bd-rate.js";
import { compare, type Quality } from "./compare.js";
import { encodeJoined } from "./encode.js";

const media = createMediaTools();
const { signal } = new AbortController();
const QUALITIES = [20, 24, 28, 32];
/** Frames on either side of a seam. */
const BESIDE = 12;
/** dB of luma: what is better looks the same. A still picture has 50 and more, and there x264's differ by 0.16. */
const ALIKE = 45;
/** Encoders that are told a cap: where it binds, two runs with two threads are not the same. */
const CAPPED = ["h264", "hevc"];
/** Where the cap binds, two runs were seen to differ by 0.1 to 0.5 dB at the same frames: one repeat says little. */
const REPEATS = 3;

/** For ffmpeg's lavfi. One of them is quiet at first and then busy. */
export const GENERATED: Record<string, string> = {
  "moving picture": "testsrc2=s=426x240:r=25:d=18",
  "quiet, then busy": "smptebars=s=426x240:r=25:d=18,noise=alls=35:allf=t:enable='gte(t,9)'",
  "slow zoom": "mandelbrot=s=426x240:r=25:end_scale=0.05:end_pts=900,trim=duration=18",
};

export interface Asked {
  codec: string;
  preset: string;
  /** Seconds: shorter than in a mesh, so that there are more seams. As in a mesh when absent. */
  chunk?: number;
  height: number;
}

/** BD-rates in percent; differences of luma's PSNR beside the seams, in dB: chunks less one process. */
export interface Measured {
  seams: number;
  psnr: number;
  ssim: number;
  /** Of all seams; of the worst one's twelve frames; of the worst single frame. */
  mean: number;
  worst: number;
  frame: number;
  /** As `worst`, where all that is better than 45 dB counts as that. */
  visible: number;
  /** As `visible`, and between runs of one process, of which there are four: what no chunk can be blamed for. */
  noise: number;
}

interface Beside {
  mean: number;
  frame: number;
  visible: number;
}

/** A film of a generated picture, next to lossless. */
export async function makeFilm(graph: string, folder: string): Promise<string> {
  const file = join(folder, "generated.mkv");
  const args = ["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", graph, "-pix_fmt", "yuv420p"];
  await promisify(execFile)("ffmpeg", [
    ...args,
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-qp",
    "4",
    "-g",
    "50",
    file,
  ]);
  return file;
}

export async function measure(film: string, asked: Asked, folder: string): Promise<Measured> {
  const points: Record<"psnr" | "ssim", { alone: Point[]; chunked: Point[] }> = {
    psnr: { alone: [], chunked: [] },
    ssim: { alone: [], chunked: [] },
  };
  const beside: Beside[] = [];
  const again: Beside[] = [];
  let seams = 0;
  for (const crf of QUALITIES) {
    const { alone, chunked, runs, video } = await all(film, asked, crf, folder);
    seams = video.chunks.length - 1;
    for (const metric of ["psnr", "ssim"] as const) {
      points[metric].alone.push({ rate: alone.rate, quality: mean(alone.quality[metric]) });
      points[metric].chunked.push({ rate: chunked.rate, quality: mean(chunked.quality[metric]) });
    }
    beside.push(...atSeams(video, alone.quality.psnr, chunked.quality.psnr));
    for (const one of runs) {
      for (const other of runs) again.push(...atSeams(video, one.quality.psnr, other.quality.psnr));
    }
  }
  const rate = ({ alone, chunked }: { alone: Point[]; chunked: Point[] }) => 100 * bdRate(alone, chunked);
  return {
    seams,
    psnr: rate(points.psnr),
    ssim: rate(points.ssim),
    mean: mean(beside.map((seam) => seam.mean)),
    worst: Math.min(...beside.map((seam) => seam.mean)),
    frame: Math.min(...beside.map((seam) => seam.frame)),
    visible: Math.min(...beside.map((seam) => seam.visible)),
    noise: Math.max(...again.map((seam) => Math.abs(seam.visible))),
  };
}

async function all(film: string, { codec, preset, chunk, height }: Asked, crf: number, folder: string) {
  const prepared = await media.prepare(film, basename(film), folder, signal);
  const own = prepared.summary.video === null ? 0 : Math.floor(displaySize(prepared.summary.video).height / 2) * 2;
  const options = { ...DEFAULT_OPTIONS, ladder: [Math.min(height, own)], codecs: [codec], preset, crf };
  const input = { ...prepared, job: "bench", source: { sha256: "0".repeat(64), bytes: 1 }, options };
  const plan = buildPlan(chunk === undefined ? input : { ...input, chunkSeconds: chunk });
  const whole = buildPlan({ ...input, chunkSeconds: Number.MAX_SAFE_INTEGER });
  const alone = await one(whole, prepared.file, folder, "alone");
  const runs = [alone];
  for (let run = 0; CAPPED.includes(codec) && run < REPEATS; run++) {
    runs.push(await one(whole, prepared.file, folder, `again-${run}`));
  }
  const chunked = await one(plan, prepared.file, folder, "chunked");
  return { video: plan.video as VideoPlan, alone, chunked, runs };
}

async function one(
  plan: Plan,
  source: string,
  folder: string,
  name: string,
): Promise<{ rate: number; quality: Quality }> {
  const { file, rate } = await encodeJoined(media, plan, source, folder, name);
  const rendition = plan.video?.renditions[0];
  return { rate, quality: await compare(source, file, `${rendition?.width}:${rendition?.height}`, folder) };
}

/** Differences of the frames beside each seam: their mean, and the worst of them. */
function atSeams({ chunks }: VideoPlan, alone: number[], chunked: number[]): Beside[] {
  return chunks.slice(1).flatMap(({ firstFrame }) =>
    [firstFrame - BESIDE, firstFrame].map((from) => {
      const frames = Array.from({ length: BESIDE }, (_, place) => from + place);
      const differences = frames.map((frame) => (chunked[frame] ?? 0) - (alone[frame] ?? 0));
      const seen = (of: number[]) => mean(frames.map((frame) => Math.min(ALIKE, of[frame] ?? 0)));
      return { mean: mean(differences), frame: Math.min(...differences), visible: seen(chunked) - seen(alone) };
    }),
  );
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
