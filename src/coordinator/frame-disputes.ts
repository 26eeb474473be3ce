/**
 * Compares what a chunk says of the source's frames with what its neighbours say: see frame-proof.ts. Where two differ,
 * one of them decoded wrongly, for instance since the source is damaged at the keyframe that the decoding began at.
 *
 * A result that differs from one that counts is
 *
 *   refused     the first time: its task runs again in the linear way, whose decoding has seen everything before it
 *   accepted    when it was made in the linear way and the other was not: the other is reopened, by a fact in the log, and
 *               made in the linear way too
 *   refused     when both were: a decoder that gives one thing here and another there is a failure of its node
 *
 * Before a job is done all of its chunks are compared once more: a log that was made anew from what nodes remember may
 * hold a result again that had been reopened.
 */
import type { JobRecord } from "../core/job-record.js";
import { neighboursOf } from "../core/video-tasks.js";
import type { FrameProof, TaskResult } from "../core/work.js";

export type Dispute =
  | { kind: "none" }
  | { kind: "linear"; reason: string }
  | { kind: "reopen"; tasks: string[] }
  | { kind: "failure"; reason: string };

export function disputeOf(job: JobRecord, task: string, result: TaskResult): Dispute {
  if (result.kind === "package") {
    const tasks = doubtfulOf(job);
    return tasks.length === 0 ? { kind: "none" } : { kind: "reopen", tasks };
  }
  const proof = result.kind === "encode" ? result.encode.proof : null;
  if (!proof) return { kind: "none" };
  const others = differing(job, task, proof);
  if (others.length === 0) return { kind: "none" };
  const reason = `its frames are not those that ${others.join(" and ")} had of the same part of the source`;
  if (!proof.linear) return { kind: "linear", reason };
  const doubtful = others.filter((name) => !job.finished.get(name)?.result.proof?.linear);
  if (doubtful.length === others.length) return { kind: "reopen", tasks: doubtful };
  return { kind: "failure", reason: `${reason}, though both were decoded from its start` };
}

/** Finished chunks that differ from a neighbour and were not made in the linear way. */
function doubtfulOf(job: JobRecord): string[] {
  return [...job.finished].flatMap(
    ([
      task,
      {
        result: { proof },
      },
    ]) => (proof && !proof.linear && differing(job, task, proof).length > 0 ? [task] : []),
  );
}

/**
 * Made before a task was reopened: its own result, which may come a second time and must be made in the linear way, or a
 * package of what counts no more.
 */
export function isOutdated(job: JobRecord, task: string, result: TaskResult): boolean {
  if (result.kind === "package") return job.reopened.some((name) => !job.finished.has(name));
  return result.kind === "encode" && job.reopened.includes(task) && !result.encode.proof?.linear;
}

/** Finished neighbours that had other frames where both had the same part of the source. */
function differing(job: JobRecord, task: string, proof: FrameProof): string[] {
  const { before, after } = neighboursOf(task);
  const differs = (one: string | undefined, other: string) => Boolean(one) && other !== "" && one !== other;
  const proofOf = (name: string) => job.finished.get(name)?.result.proof;
  const names: string[] = [];
  const earlier = proofOf(before);
  if (differs(earlier?.last, proof.lead) || differs(earlier?.tail, proof.first)) names.push(before);
  const later = proofOf(after);
  if (differs(later?.lead, proof.last) || differs(later?.first, proof.tail)) names.push(after);
  return names;
}
