/**
 * What a person may ask of a job, and the fact that it becomes:
 *
 *   cancel   submitted, running, packaging -> jobCancelled
 *   adjust   submitted, running, packaging -> jobAdjusted (its priority, or whether it is paused)
 *   retry    failed and kept               -> jobRetried
 *   remove   done, failed, cancelled       -> jobRemoved
 *
 * What has come about already becomes no fact, so each can be asked twice. Everything else is CONFLICT, with what to do
 * instead.
 */
import { ReelmeshError } from "../core/errors.js";
import type { Fact } from "../core/facts.js";
import { hasEnded, type JobRecord } from "../core/job-record.js";
import { checkPriority, DEFAULT_OPTIONS } from "../core/options.js";
import type { JobOptions } from "../core/work.js";

export type JobCommand =
  | { kind: "cancel" }
  | { kind: "adjust"; priority?: number | undefined; paused?: boolean | undefined }
  | { kind: "retry" }
  | { kind: "remove" };

/** The fact to append; undefined when there is nothing to change. CONFLICT, INVALID_INPUT. */
export function decideControl(job: JobRecord, command: JobCommand): Fact | undefined {
  switch (command.kind) {
    case "cancel":
      if (job.state === "cancelled") return undefined;
      if (hasEnded(job)) throw conflict(`job ${job.id} is ${job.state} already: nothing to cancel`);
      return { kind: "jobCancelled", jobCancelled: { job: job.id } };
    case "adjust":
      return adjust(job, command);
    case "retry":
      return retry(job);
    case "remove":
      if (!hasEnded(job)) throw conflict(`job ${job.id} is ${job.paused ? "paused" : job.state}: cancel it first`);
      return { kind: "jobRemoved", jobRemoved: { job: job.id } };
  }
}

/** Whether two submissions ask for the same: names of files and the priority may differ. */
export function isSameSubmission(job: JobRecord, fact: Fact & { kind: "jobSubmitted" }): boolean {
  const { source, options, name } = fact.jobSubmitted;
  const isSameSource = source?.sha256 === job.source.sha256 && name === job.name;
  return isSameSource && options !== null && comparable(options) === comparable(job.options);
}

/** Every option under its name, whoever wrote them down in which order; one that an older node has not is the default. */
function comparable(options: JobOptions): string {
  const whole = { ...DEFAULT_OPTIONS, ...options };
  const subtitles = whole.subtitles.map(({ file, language }) => [file?.sha256, language]);
  return JSON.stringify({ ...whole, subtitles }, Object.keys(DEFAULT_OPTIONS).sort());
}

function adjust(job: JobRecord, command: JobCommand & { kind: "adjust" }): Fact | undefined {
  const { priority = job.priority, paused = job.paused } = command;
  checkPriority(priority);
  if (hasEnded(job)) throw conflict(`job ${job.id} is ${job.state}: there is nothing left of it to run`);
  if (priority === job.priority && paused === job.paused) return undefined;
  return { kind: "jobAdjusted", jobAdjusted: { job: job.id, priority, paused } };
}

function retry(job: JobRecord): Fact | undefined {
  if (!hasEnded(job)) return undefined;
  if (job.state !== "failed") throw conflict(`job ${job.id} is ${job.state}: only a failed job can be retried`);
  if (job.letGo) {
    throw conflict(`job ${job.id} failed so long ago that its source is not kept any more: submit it again`);
  }
  return { kind: "jobRetried", jobRetried: { job: job.id } };
}

function conflict(message: string): ReelmeshError {
  return new ReelmeshError("CONFLICT", message);
}
