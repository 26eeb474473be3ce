/** A job as people see it: the fold's record with the running leases laid over it. */
import { type JobRecord, notesOf } from "../core/job-record.js";
import { playableSeconds } from "../core/playable.js";
import type { Lease } from "./schedule-state.js";

/** The fields of Job in proto/reelmesh/v1/jobs.proto. */
export interface JobView {
  id: string;
  name: string;
  asset: string;
  state: string;
  reason: string;
  submittedMs: number;
  endedMs: number;
  seconds: number;
  frames: number;
  framesDone: number;
  tasks: number;
  tasksDone: number;
  speed: number;
  nodes: string[];
  renditions: string[];
  finished: { task: string; node: string }[];
  bytes: number;
  term: number;
  priority: number;
  paused: boolean;
  notes: string[];
  playableSeconds: number;
}

/** `waitsFor`: ids of the nodes that would have to come back before the job can go on. */
export function viewJob(
  job: JobRecord,
  leases: Lease[],
  waitsFor: string[],
  term: number,
  nameOf: (nodeId: string) => string,
): JobView {
  const tasks = new Map((job.plan?.tasks ?? []).map((task) => [task.name, task]));
  // A job in several codecs encodes each frame several times.
  let frames = 0;
  for (const task of tasks.values()) frames += task.frames;
  let framesDone = job.state === "done" ? frames : 0;
  if (framesDone === 0) for (const { result } of job.finished.values()) framesDone += result.frames;
  let speed = 0;
  for (const lease of leases) {
    const own = tasks.get(lease.task)?.frames ?? 0;
    if (own === 0) continue;
    framesDone += Math.min(lease.progress, own);
    speed += lease.speed;
  }
  const finished = [...job.finished].map(([task, { nodeId }]) => ({ task, node: nameOf(nodeId) }));
  if (job.plan !== null) finished.unshift({ task: "plan", node: nameOf(job.planner) });
  if (job.package !== null) finished.push({ task: "package", node: nameOf(job.packager) });
  return {
    id: job.id,
    name: job.name,
    asset: job.asset,
    state: job.state,
    reason: job.reason || waiting(waitsFor.map(nameOf)),
    submittedMs: job.submittedMs,
    endedMs: job.endedMs,
    seconds: job.plan?.seconds ?? 0,
    frames,
    framesDone,
    tasks: tasks.size,
    tasksDone: job.finished.size,
    speed,
    nodes: [...new Set(leases.map((lease) => nameOf(lease.nodeId)))].sort(),
    renditions: job.plan?.renditions ?? [],
    finished,
    bytes: job.package?.bytes ?? 0,
    term,
    priority: job.priority,
    paused: job.paused,
    notes: notesOf(job),
    playableSeconds: playableSeconds(job),
  };
}

function waiting(nodes: string[]): string {
  if (nodes.length === 0) return "";
  const [who, one] =
    nodes.length === 1
      ? [`${nodes[0]}, which is away and holds`, "it"]
      : [`${nodes.join(" or ")}, which are away and hold`, "one"];
  return `waits for ${who} what comes next: start ${one} again, or, if that cannot be, cancel the job and submit it again`;
}
