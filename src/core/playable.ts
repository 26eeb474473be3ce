/** How much of a job's asset can be played, told by its plan and the names of its finished tasks alone. */
import type { JobRecord } from "./job-record.js";
import type { PlannedTask } from "./work.js";

/** Seconds from the beginning that the picture and the sound that is played first have; 0 for none. See growing.ts. */
export function playableSeconds(job: JobRecord): number {
  if (job.plan === null || job.state === "failed" || job.state === "cancelled") return 0;
  if (job.state === "done") return job.plan.seconds;
  return Math.min(ofPicture(job, job.plan), ofSound(job, job.plan));
}

interface Planned {
  tasks: PlannedTask[];
  seconds: number;
}

function ofPicture({ finished }: JobRecord, { tasks, seconds: all }: Planned): number {
  const chunks = tasks.filter(({ name }) => chunkOf(name) !== undefined);
  const open = chunks.filter(({ name }) => !finished.has(name)).map(({ name }) => chunkOf(name) as number);
  if (open.length === 0) return all;
  const firstOpen = Math.min(...open);
  const before = new Map(chunks.map(({ name, seconds }) => [chunkOf(name) as number, seconds]));
  let playable = 0;
  for (const [chunk, seconds] of before) if (chunk < firstOpen) playable += seconds;
  return playable;
}

function ofSound({ finished, grown }: JobRecord, { tasks, seconds: all }: Planned): number {
  const main = tasks.find(({ frames, awaited }) => frames === 0 && awaited);
  if (main === undefined || finished.has(main.name)) return all;
  return Math.min(all, grown.get(main.name)?.seconds ?? 0);
}

/** Number of the chunk in "chunk-000001" and "chunk-000001-hevc"; undefined for other tasks. */
function chunkOf(task: string): number | undefined {
  const digits = /^chunk-(\d+)/.exec(task)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
