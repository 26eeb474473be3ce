/** Lists of jobs, newest first and a page at a time: a mesh may know tens of thousands. */
import { ReelmeshError } from "./errors.js";
import { hasEnded, type JobRecord, type JobState } from "./job-record.js";
import type { MeshState } from "./mesh-state.js";

const DEFAULT_LIMIT = 100;
const LARGEST_LIMIT = 1_000;

const STATES: JobState[] = ["submitted", "running", "packaging", "done", "failed", "cancelled"];
/** What a job in one of its open states may be besides; a list may ask for it as for a state. */
const PAUSED = "paused";

export interface PageRequest {
  /** Jobs on a page; 0: 100. At most 1,000 are given. */
  limit: number;
  /** Only jobs in one of these states, or paused; none: all. */
  states: string[];
  /** Id of the last job of the page before; empty: from the newest on. */
  after: string;
}

/** INVALID_INPUT: there is no such state. NOT_FOUND: the job of `after` was removed. */
export function pageOfJobs(state: MeshState, request: PageRequest): { jobs: JobRecord[]; more: boolean } {
  const unknown = request.states.find((name) => name !== PAUSED && !STATES.some((known) => known === name));
  if (unknown !== undefined) {
    throw new ReelmeshError(
      "INVALID_INPUT",
      `"${unknown}" is no state of a job: use fetching, ${PAUSED}, ${STATES.join(", ")}`,
    );
  }
  const limit = Math.min(request.limit || DEFAULT_LIMIT, LARGEST_LIMIT);
  const jobs: JobRecord[] = [];
  for (const job of olderThan(state, request.after)) {
    if (request.states.length > 0 && !isIn(job, request.states)) continue;
    if (jobs.length === limit) return { jobs, more: true };
    jobs.push(job);
  }
  return { jobs, more: false };
}

function isIn(job: JobRecord, states: string[]): boolean {
  return states.includes(job.state) || (job.paused && !hasEnded(job) && states.includes(PAUSED));
}

function* olderThan(state: MeshState, after: string): Iterable<JobRecord> {
  if (after !== "" && !state.jobs.has(after)) {
    throw new ReelmeshError("NOT_FOUND", `job ${after}, which the page should follow, was removed: begin anew`);
  }
  // A Map goes forward only. Copying ten thousand references takes a tenth of a millisecond; making views of them would not.
  const all = [...state.jobs.values()];
  let index = all.length - 1;
  if (after !== "") {
    while (all[index]?.id !== after) index--;
    index--;
  }
  for (; index >= 0; index--) yield all[index] as JobRecord;
}
