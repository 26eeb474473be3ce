/** Where the frames of the output stand in time. */
import type { Rational, Timeline } from "./media.js";
import { ratio, reduced, rescale } from "./rational.js";

/** Rates that containers often give rounded; a rate within the tolerance of one of them is that one. */
const STANDARD_RATES: Rational[] = [
  { num: 24_000, den: 1001 },
  { num: 30_000, den: 1001 },
  { num: 48_000, den: 1001 },
  { num: 60_000, den: 1001 },
  { num: 120_000, den: 1001 },
  ...[10, 12, 15, 20, 24, 25, 30, 48, 50, 60, 100, 120].map((num) => ({ num, den: 1 })),
];
const SAME_RATE = 0.0004;
/** A frame may stand this far from its place, in frames, for the rate still to count as constant. */
const JITTER_FRAMES = 0.2;
const LEAST_TIMESCALE = 10_000;
/** A rate with larger numbers is an average, not a rate. */
const LARGEST_RATE_NUMERATOR = 1_000_000;
/** For time stamps that no whole number of ticks a second expresses (ISO/IEC 13818-1 uses the same). */
const FALLBACK_TIMESCALE = 90_000;
const VARIABLE_TIMESCALE = { least: 1000, most: 1_000_000 };
const FALLBACK_FRAME_SECONDS = 0.04;

export interface FrameLayout {
  constantRate: boolean;
  frameRate: Rational;
  timeline: Timeline;
}

/**
 * Lays frames out on a timeline whose zero is the first one. `pts`: their time stamps, strictly rising, in ticks of the
 * source's time base; `lastDuration`: how long the last one lasts, in the same ticks, 0 when unknown.
 *
 * When all of them stand within 0.2 frame of where a rate puts them, frame n stands exactly at n / rate; otherwise each
 * keeps its time stamp.
 */
export function layOutFrames(
  pts: number[],
  timeBase: Rational,
  frameRates: Rational[],
  lastDuration: number,
): FrameLayout {
  const frameRate = frameRates
    .filter(isPlausible)
    .map(standardRate)
    .find((rate) => standsAt(rate, pts, timeBase));
  return frameRate ? constantLayout(frameRate, pts.length) : variableLayout(pts, timeBase, lastDuration);
}

/** Start of each frame in ticks; for the number of frames, the end of the last. */
export function frameTicks({ steps }: Timeline): (frame: number) => number {
  const runs: { frame: number; tick: number; ticks: number }[] = [];
  let [frame, tick] = [0, 0];
  for (const [ticks, frames] of steps) {
    runs.push({ frame, tick, ticks });
    frame += frames;
    tick += ticks * frames;
  }
  return (wanted) => {
    let [low, high] = [0, runs.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((runs[middle]?.frame ?? 0) <= wanted) low = middle;
      else high = middle - 1;
    }
    const run = runs[low];
    return run ? run.tick + (wanted - run.frame) * run.ticks : 0;
  };
}

/** How long a run of frames lasts. */
export function secondsOfFrames(timeline: Timeline, firstFrame: number, frames: number): number {
  const tick = frameTicks(timeline);
  return (tick(firstFrame + frames) - tick(firstFrame)) / timeline.timescale;
}

function isPlausible({ num, den }: Rational): boolean {
  return num > 0 && den > 0 && num <= LARGEST_RATE_NUMERATOR;
}

function standardRate(rate: Rational): Rational {
  const standard = STANDARD_RATES.find((one) => Math.abs(ratio(one) / ratio(rate) - 1) < SAME_RATE);
  return standard ?? reduced(rate);
}

function standsAt(rate: Rational, pts: number[], timeBase: Rational): boolean {
  const first = pts[0] ?? 0;
  const framesPerTick = (timeBase.num * rate.num) / (timeBase.den * rate.den);
  return pts.every((time, frame) => Math.abs((time - first) * framesPerTick - frame) < JITTER_FRAMES);
}

/** The timescale is the numerator of the rate, times the power of ten that makes it fine enough. */
function constantLayout(frameRate: Rational, frames: number): FrameLayout {
  let factor = 1;
  while (frameRate.num * factor < LEAST_TIMESCALE) factor *= 10;
  const timeline: Timeline = { timescale: frameRate.num * factor, steps: [[frameRate.den * factor, frames]] };
  return { constantRate: true, frameRate, timeline };
}

function variableLayout(pts: number[], timeBase: Rational, lastDuration: number): FrameLayout {
  const timescale = variableTimescale(timeBase);
  const scale = { num: 1, den: timescale };
  const first = pts[0] ?? 0;
  const ticks = pts.map((time) => rescale(time - first, timeBase, scale));
  const durations = ticks.slice(1).map((tick, index) => tick - (ticks[index] ?? 0));
  const last = rescale(lastDuration, timeBase, scale);
  durations.push(last > 0 ? last : (durations.at(-1) ?? Math.round(timescale * FALLBACK_FRAME_SECONDS)));
  const total = durations.reduce((sum, duration) => sum + duration, 0);
  const frameRate = reduced({ num: Math.max(1, Math.round((1000 * pts.length * timescale) / total)), den: 1000 });
  return { constantRate: false, frameRate, timeline: { timescale, steps: runLengths(durations) } };
}

function variableTimescale({ num, den }: Rational): number {
  const isFit = num === 1 && den >= VARIABLE_TIMESCALE.least && den <= VARIABLE_TIMESCALE.most;
  return isFit ? den : FALLBACK_TIMESCALE;
}

function runLengths(durations: number[]): [number, number][] {
  const runs: [number, number][] = [];
  for (const duration of durations) {
    const last = runs.at(-1);
    if (last?.[0] === duration) last[1]++;
    else runs.push([duration, 1]);
  }
  return runs;
}
