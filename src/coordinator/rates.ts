/**
 * How long chunks take: wall seconds a second of media. Of a job's own finished chunks, else of those of jobs of the same
 * kind (ladder and encoder settings), else of what its running ones have done so far; each encoder by itself, for AV1 takes
 * many times as long as H.264.
 */
import type { JobRecord } from "../core/job-record.js";
import type { PlannedTask } from "../core/work.js";
import type { JobBook, Lease, Rates, Schedule } from "./schedule-state.js";

/** So many of the newest finished chunks count. */
const KEPT = 31;
/** With fewer there is no median. */
const ENOUGH = 3;
/** Of a large job, so many running chunks are looked at. */
const RUNNING = 64;

function kindOf({ plan, options }: JobRecord): string {
  return [options.preset, options.crf, ...(plan?.renditions ?? [])].join(" ");
}

/** The job has a plan from now on. */
export function enterKind(schedule: Schedule, book: JobBook): void {
  book.kind = kindOf(book.job);
  const kind = schedule.kinds.get(book.kind) ?? { rates: new Map(), jobs: 0 };
  kind.jobs++;
  schedule.kinds.set(book.kind, kind);
}

/** No chunk of the job can run any more. */
export function leaveKind(schedule: Schedule, book: JobBook): void {
  const kind = schedule.kinds.get(book.kind);
  if (kind !== undefined && --kind.jobs === 0) schedule.kinds.delete(book.kind);
}

/** A chunk is done. */
export function learnRate(schedule: Schedule, book: JobBook, lease: Lease, planned: PlannedTask, now: number): void {
  const { seconds, encoder } = planned;
  if (lease.adopted || seconds === 0) return;
  const rate = (now - lease.startedAt) / 1000 / seconds;
  for (const rates of [book.rates, schedule.kinds.get(book.kind)?.rates]) {
    if (rates !== undefined) rates.set(encoder, [...ratesOf(rates, encoder), rate].slice(-KEPT));
  }
}

function ratesOf(rates: Rates | undefined, encoder: string): number[] {
  return rates?.get(encoder) ?? [];
}

/** The median of wall seconds a second of media; undefined while too little is known. */
export function medianRate(schedule: Schedule, book: JobBook, encoder: string, now: number): number | undefined {
  const own = ratesOf(book.rates, encoder);
  const others = ratesOf(schedule.kinds.get(book.kind)?.rates, encoder);
  for (const rates of [own, others]) if (rates.length >= ENOUGH) return median(rates);
  const rates = [...own, ...runningRates(book, encoder, now)];
  return rates.length >= ENOUGH ? median(rates) : undefined;
}

function runningRates(book: JobBook, encoder: string, now: number): number[] {
  const rates: number[] = [];
  let left = RUNNING;
  for (const lease of book.leases) {
    if (left-- === 0) break;
    const planned = book.tasks[book.touched.get(lease.task)?.index ?? -1];
    if (planned?.encoder !== encoder || planned.frames === 0 || lease.adopted || lease.progress === 0) continue;
    const media = (planned.seconds * lease.progress) / planned.frames;
    rates.push((now - lease.startedAt) / 1000 / media);
  }
  return rates;
}

function median(rates: readonly number[]): number {
  const sorted = [...rates].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
