/** The part of planning that looks at samples: the quality for a bit rate or a size, and the rungs of --ladder auto. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { keepRungs, type Rung, withHeights } from "../../core/auto-ladder.js";
import type { Plan, VideoPlan, VideoRendition } from "../../core/media.js";
import { type Measured, nextQuality, targetBitrate, withCapsFor, withQuality } from "../../core/rate-target.js";
import type { MediaTools } from "./media-tools.js";
import { cutSamples, isAllSampled, measureRates, type Sample } from "./samples.js";

/** Near enough to the target, as a share of it. */
const NEAR = 0.04;
const MOST_PROBES = 4;

interface Sampling {
  media: Pick<MediaTools, "cut" | "encodeVideo" | "throughSize">;
  /** The film's plan in chunks of one segment; as it is, where the film is short. */
  sampled: Plan & { video: VideoPlan };
  samples: Sample[];
  folder: string;
  signal: AbortSignal;
}

/**
 * The plan with what was asked for by outcome, and notes that say what was chosen and from what. `sampled`: the same plan
 * in chunks of one segment. MEDIA when samples cannot be encoded.
 */
export async function chooseRates(
  media: Sampling["media"],
  plan: Plan,
  sampled: () => Plan,
  source: string,
  scratch: string,
  signal: AbortSignal,
): Promise<Plan> {
  const target = targetBitrate(plan);
  if (plan.video === null || (target === undefined && !plan.options.autoLadder)) return plan;
  const folder = join(scratch, "samples");
  await mkdir(folder);
  const short = (isAllSampled(plan.video) ? plan : sampled()) as Sampling["sampled"];
  const samples = await cutSamples(media, short, source, folder, signal);
  const sampling = { media, sampled: short, samples, folder, signal };
  const aimed = target === undefined ? plan : await aim(sampling, plan, target);
  return plan.options.autoLadder ? thin(sampling, aimed) : aimed;
}

/** One quality for all renditions, with which the tallest takes what it should. */
async function aim(sampling: Sampling, plan: Plan, target: number): Promise<Plan> {
  const capped = withCapsFor(plan, target);
  if (plan.options.hardware !== "")
    return withNotes(capped, [`${plan.options.hardware} is told ${kilobits(target)} itself`]);
  const measured: Measured[] = [];
  for (let crf = plan.options.crf, probe = 0; probe < MOST_PROBES; probe++) {
    const [tallest] = withQuality(capped, crf).video?.renditions ?? [];
    const rates = await rate(sampling, [tallest as VideoRendition]);
    measured.push({ crf, rate: rates[0] as number });
    const next = nextQuality(measured, target);
    if (Math.abs((rates[0] as number) / target - 1) < NEAR || measured.some((one) => one.crf === next)) break;
    crf = next;
  }
  const distance = ({ rate: found }: Measured) => Math.abs(Math.log2(found / target));
  const best = measured.toSorted((a, b) => distance(a) - distance(b))[0] as Measured;
  return withNotes(withQuality(capped, best.crf), [aimNote(sampling, capped, best, target)]);
}

function aimNote({ samples }: Sampling, plan: Plan, { crf, rate: found }: Measured, target: number): string {
  const name = plan.video?.renditions[0]?.name ?? "";
  const seconds = Math.round(samples.reduce((sum, sample) => sum + sample.seconds, 0));
  const where = `in samples of ${seconds} s of ${Math.round(plan.seconds)} s`;
  const chosen = `chose crf ${crf} for ${kilobits(target)} in ${name}: it took ${kilobits(found)} ${where}`;
  return Math.abs(found / target - 1) < 0.1 ? chosen : `${chosen}; no quality comes nearer`;
}

/** Leaves out the rungs that bring nothing. */
async function thin(sampling: Sampling, plan: Plan): Promise<Plan> {
  const all = plan.video?.renditions ?? [];
  const own = all.filter(({ codec }) => codec === all[0]?.codec);
  if (own.length < 2) return plan;
  const rates = await rate(sampling, own);
  const rungs: Rung[] = [];
  for (const [place, { name, height }] of own.entries()) {
    const throughNext = await sharpness(sampling, own[place] as VideoRendition, own[place + 1]);
    rungs.push({ name, height, rate: rates[place] as number, throughNext });
  }
  const { heights, notes } = keepRungs(rungs);
  const kept = heights.map((height) => `${height}p`).join(", ");
  return withNotes(withHeights(plan, heights), [...notes, `the ladder is ${kept}`]);
}

async function sharpness(sampling: Sampling, rung: VideoRendition, next?: VideoRendition): Promise<number> {
  if (next === undefined) return Number.POSITIVE_INFINITY;
  const { media, sampled, samples, signal } = sampling;
  let error = 0;
  for (const { task, cut } of samples) error += await media.throughSize(sampled, task, cut, rung, next, signal);
  return 10 * Math.log10((255 * 255 * samples.length) / Math.max(error, 1e-6));
}

async function rate({ media, sampled, samples, folder, signal }: Sampling, renditions: VideoRendition[]) {
  for (const { task } of samples) await mkdir(join(folder, task.name), { recursive: true });
  const rates = await measureRates(media, sampled, samples, renditions, folder, signal);
  return renditions.map(({ name }) => rates.get(name) ?? 0);
}

function withNotes(plan: Plan, notes: string[]): Plan {
  return { ...plan, notes: [...plan.notes, ...notes] };
}

function kilobits(rate: number): string {
  return `${Math.round(rate / 1000)} kbit/s`;
}
