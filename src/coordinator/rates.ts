/**
 * How long chunks take: wall seconds a second of media. Of a job's own finished chunks, else of those of jobs of the same
 * kind (ladder and encoder settings), else of what its running ones have done so far.
 */
import type { JobRecord } from "../core/mesh-state.js";
import type { JobBook, Lease, Schedule } from "./schedule-state.js";

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
  const kind = schedule.kinds.get(book.kind) ?? { rates: [], jobs: 0 };
  kind.jobs++;
  schedule.kinds.set(book.kind, kind);
}

/** No chunk of the job can run any more. */
export function leaveKind(schedule: Schedule, book: JobBook): void {
  const kind = schedule.kinds.get(book.kind);
  if (kind !== undefined && --kind.jobs === 0) schedule.kinds.delete(book.kind);
}

/** A chunk of so many seconds of media is done. */
export function learnRate(schedule: Schedule, book: JobBook, lease: Lease, seconds: number, now: number): void {
  if (lease.adopted || seconds === 0) return;
  const rate = (now - lease.startedAt) / 1000 / seconds;
  for (const rates of [book.rates, schedule.kinds.get(book.kind)?.rates]) {
    rates?.push(rate);
    if (rates !== undefined && rates.length > KEPT) rates.shift();
  }
}

/** The median of wall seconds a second of media; undefined while too little is known. */
export function medianRate(schedule: Schedule, book: JobBook, now: number): number | undefined {
  const others = schedule.kinds.get(book.kind)?.rates ?? [];
  for (const rates of [book.rates, others]) if (rates.length >= ENOUGH) return median(rates);
  const rates = [...book.rates, ...runningRates(book, now)];
  return rates.length >= ENOUGH ? median(rates) : undefined;
}

function runningRates(book: JobBook, now: number): number[] {
  const rates: number[] = [];
  let left = RUNNING;
  for (const lease of book.leases) {
    if (left-- === 0) break;
    const planned = book.tasks[book.touched.get(lease.task)?.index ?? -1];
    if (planned === undefined || planned.frames === 0 || lease.adopted || lease.progress === 0) continue;
    const media = (planned.seconds * lease.progress) / planned.frames;
    rates.push((now - lease.startedAt) / 1000 / media);
  }
  return rates;
}

function median(rates: readonly number[]): number {
  const sorted = [...rates].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] as number;
}
