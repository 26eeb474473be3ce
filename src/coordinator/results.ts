/** What a result must be before it counts, and the fact that it becomes. */

import type { Fact } from "../core/facts.js";
import type { JobRecord } from "../core/job-record.js";
import type { EncodeResult, TaskResult } from "../core/work.js";
import { isOutdated } from "./frame-disputes.js";

/** Why a result of an open task is refused, as a sentence; undefined when it is good. */
export function refuseResult(job: JobRecord, task: string, result: TaskResult): string | undefined {
  if (identityOf(result) === undefined) return "it names no blob";
  if (holdersOf(result).length === 0) return "nobody holds it";
  if (result.kind === "plan") return task === "plan" ? refusePlan(result) : wrongKind(task, result);
  if (result.kind === "encode" && isOfOtherPlan(job, result.encode)) return "it was made by another plan of the job";
  if (isOutdated(job, task, result)) return "it was made before a chunk was reopened";
  if (result.kind === "package") return task === "package" ? undefined : wrongKind(task, result);
  const planned = job.plan?.tasks.find((one) => one.name === task);
  if (planned === undefined) return wrongKind(task, result);
  if (result.encode.frames !== planned.frames) {
    return `it has ${result.encode.frames} frames where the plan has ${planned.frames}`;
  }
  return refuseInits(job, planned.renditions, result.encode);
}

/** The same for the beginning of a track: a chunk is short, and comes as a whole. */
export function refuseGrowth(job: JobRecord, task: string, result: EncodeResult): string | undefined {
  const planned = job.plan?.tasks.find((one) => one.name === task);
  if (planned !== undefined && planned.frames > 0) return "a chunk of video has no beginning of its own";
  return refuseResult(job, task, { kind: "encode", encode: result });
}

function isOfOtherPlan(job: JobRecord, { plan }: EncodeResult): boolean {
  return plan !== "" && plan !== job.plan?.plan?.sha256;
}

/** The fact that a good result becomes. */
export function factOf(job: string, task: string, result: TaskResult, nodeId: string): Fact {
  switch (result.kind) {
    case "plan":
      return { kind: "jobPlanned", jobPlanned: { job, result: result.plan, nodeId } };
    case "encode":
      return { kind: "taskDone", taskDone: { job, task, result: result.encode, nodeId } };
    case "package":
      return { kind: "jobFinished", jobFinished: { job, result: result.package, nodeId } };
  }
}

/** Whether the init segments of an encode's result can be compared with those of what the job has finished. */
export function knowsInits(job: JobRecord, result: TaskResult): boolean {
  if (result.kind !== "encode") return false;
  const known = (rendition: string) => {
    for (const { result: other } of job.finished.values()) {
      if (other.inits.some((init) => init.rendition === rendition)) return true;
    }
    return false;
  };
  return result.encode.inits.every(({ rendition }) => known(rendition));
}

/** The blob that identifies what a finished task gave; undefined while it has not finished. */
export function winnerOf(job: JobRecord, task: string): string | undefined {
  if (task === "plan") return job.plan?.plan?.sha256;
  if (task === "package") return job.package?.manifest?.sha256;
  return job.finished.get(task)?.result.listing?.sha256;
}

/** The blob that identifies a result. */
export function identityOf(result: TaskResult): string | undefined {
  if (result.kind === "plan") return result.plan.plan?.sha256;
  if (result.kind === "package") return result.package.manifest?.sha256;
  return result.encode.listing?.sha256;
}

function holdersOf(result: TaskResult): string[] {
  if (result.kind === "plan") return result.plan.holders;
  return result.kind === "package" ? result.package.holders : result.encode.holders;
}

function wrongKind(task: string, result: TaskResult): string {
  return `a ${result.kind} result does not belong to the task "${task}"`;
}

function refusePlan(result: TaskResult & { kind: "plan" }): string | undefined {
  return result.plan.tasks.length === 0 ? "the plan has no tasks" : undefined;
}

/** Every rendition is there, and its init segment is the one that the job's other chunks have. */
function refuseInits(job: JobRecord, renditions: string[], result: EncodeResult): string | undefined {
  const names = result.inits.map((init) => init.rendition);
  if (renditions.length > 0 && [...renditions].sort().join() !== [...names].sort().join()) {
    return `it has the renditions ${names.join(", ")} where the plan has ${renditions.join(", ")}`;
  }
  for (const { rendition, sha256 } of result.inits) {
    for (const other of job.finished.values()) {
      const known = other.result.inits.find((init) => init.rendition === rendition);
      if (known === undefined) continue;
      if (known.sha256 !== sha256) return `its init segment of ${rendition} differs from that of the other chunks`;
      break;
    }
  }
  return undefined;
}
