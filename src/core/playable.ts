/** How much of a job's asset can be played, told by the names of its finished tasks alone. */
import type { JobRecord } from "./mesh-state.js";

/** Small pictures come with the whole asset. */
const NOT_WAITED_FOR = ["images"];

/** Seconds from the beginning that every rendition and track has; 0 while there are none. See growing.ts. */
export function playableSeconds(job: JobRecord): number {
  if (job.plan === null || job.state === "failed" || job.state === "cancelled") return 0;
  if (job.state === "done") return job.plan.seconds;
  const open = job.plan.tasks.filter(({ name }) => !job.finished.has(name) && !NOT_WAITED_FOR.includes(name));
  if (open.some(({ name }) => chunkOf(name) === undefined)) return 0;
  if (open.length === 0) return job.plan.seconds;
  const firstOpen = Math.min(...open.map(({ name }) => chunkOf(name) as number));
  const chunks = new Map(job.plan.tasks.map(({ name, seconds }) => [chunkOf(name), seconds]));
  let playable = 0;
  for (const [chunk, seconds] of chunks) if (chunk !== undefined && chunk < firstOpen) playable += seconds;
  return playable;
}

/** Number of the chunk in "chunk-000001" and "chunk-000001-hevc"; undefined for other tasks. */
function chunkOf(task: string): number | undefined {
  const digits = /^chunk-(\d+)/.exec(task)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
