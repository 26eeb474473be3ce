/**
 * Keeps a worker to what the mesh log says: waiting claims go to whoever coordinates now, and nothing runs on for a job
 * that has ended or is planned anew. A node that was away reads of neither entry by entry when the log has been cut
 * meanwhile: its state is then replaced as a whole, and it looks at what it runs.
 */
import { hasEnded } from "../core/job-record.js";
import type { MeshState } from "../core/mesh-state.js";
import type { MeshTail } from "./mesh-tail.js";
import type { Worker } from "./worker.js";

export function obeyLog(
  tail: Pick<MeshTail, "state" | "onEntry" | "onReset">,
  worker: Pick<Worker, "recall" | "abandon" | "running">,
): void {
  tail.onEntry((entry, job) => {
    if (entry.kind === "termStarted") worker.recall();
    // What runs is made by a plan that counts no more.
    if (entry.kind === "jobReplanned") worker.abandon(entry.jobReplanned.job);
    if (job !== undefined && hasEnded(job)) worker.abandon(job.id);
  });
  tail.onReset(() => {
    worker.recall();
    for (const { job } of worker.running()) if (isOver(tail.state, job)) worker.abandon(job);
  });
}

/** A job that is not known and was not removed may be one that the log has lost: it is to come back. */
function isOver({ jobs, removed }: MeshState, id: string): boolean {
  const job = jobs.get(id);
  return job === undefined ? removed.has(id) : hasEnded(job);
}
