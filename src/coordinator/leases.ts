/** Enters and removes a lease in every place where it is looked up. The job takes its turn anew afterwards. */
import { nodeOf, tidyNode } from "./node-book.js";
import { LEASE_MS, type Lease, type Schedule, type TaskBook } from "./schedule-state.js";

/** A chunk is looked at for slowness after this long at the soonest. */
export const SOONEST_BACKUP_MS = 5_000;

/** A lease as it is at a grant. */
export function newLease(task: TaskBook, id: string, nodeId: string, now: number): Lease {
  return {
    id,
    job: task.job.job.id,
    task: task.name,
    nodeId,
    attempt: task.failed.length + 1,
    expiresAt: now + LEASE_MS,
    progress: 0,
    progressAt: now,
    speed: 0,
    backup: task.leases.length > 0,
    startedAt: now,
    adopted: false,
    linear: task.linear,
    dueAt: now + LEASE_MS,
    lateAt: now + SOONEST_BACKUP_MS,
  };
}

export function addLease(schedule: Schedule, task: TaskBook, lease: Lease, now: number): void {
  schedule.leases.set(lease.id, lease);
  schedule.expiry.set(lease);
  task.leases.push(lease);
  task.job.leases.add(lease);
  if (nodeOf(schedule, lease.nodeId, now).leases++ === 0) schedule.working++;
  const isChunk = (task.job.tasks[task.index]?.frames ?? 0) > 0;
  if (isChunk && !lease.backup) schedule.slow.set(lease);
}

export function dropLease(schedule: Schedule, task: TaskBook, lease: Lease): void {
  schedule.leases.delete(lease.id);
  schedule.expiry.delete(lease);
  schedule.slow.delete(lease);
  task.leases.splice(task.leases.indexOf(lease), 1);
  task.job.leases.delete(lease);
  const node = nodeOf(schedule, lease.nodeId);
  if (--node.leases === 0) schedule.working--;
  tidyNode(schedule, node);
}

/** The result is there, and is on its way into the log: no more progress can come. */
export function finishing(lease: Lease): void {
  lease.progressAt = Number.POSITIVE_INFINITY;
}

export function isFinishing(lease: Lease): boolean {
  return lease.progressAt === Number.POSITIVE_INFINITY;
}

export function taskOf(schedule: Schedule, lease: Lease): TaskBook | undefined {
  return schedule.jobs.get(lease.job)?.touched.get(lease.task);
}
