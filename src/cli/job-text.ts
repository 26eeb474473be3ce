/** A job in words, and in the object that scripts read. */
import type { Job__Output as Job } from "../gen/reelmesh/v1/Job.js";
import { formatSeconds } from "./format.js";

/** How a job that was waited for came out: the object of `submit --wait --json` and `watch --json`. */
export interface JobOutcome {
  job: string;
  asset: string;
  state: string;
  /** Present when the job is done. */
  watch?: string;
  hls?: string;
  dash?: string;
  /** Seconds from the submission to the end. */
  seconds: number;
  /** Names of the nodes that did tasks. */
  nodes: string[];
  reason?: string;
}

export function hasEnded(job: Job): boolean {
  return ["done", "failed", "cancelled"].includes(job.state);
}

/** Where a node serves viewers: "http://host:port", or https:// where it has a certificate; "" of a node unknown. */
export function siteOf(node: { http: string; https: boolean } | null | undefined): string {
  return node ? `${node.https ? "https" : "http"}://${node.http}` : "";
}

/** `site`: as `siteOf` gives it, of a node that serves. */
export function outcomeOf(job: Job, site: string, seconds: number): JobOutcome {
  return {
    job: job.id,
    asset: job.asset,
    state: job.state,
    ...(job.state === "done" && {
      watch: `${site}/watch/${encodeURIComponent(job.asset)}`,
      hls: playlistOf(job, site),
      dash: `${folderOf(job, site)}/manifest.mpd`,
    }),
    seconds: Math.round(seconds * 1000) / 1000,
    nodes: [...new Set(job.finished.map(({ node }) => node))].sort(),
    ...(job.reason !== "" && { reason: job.reason }),
  };
}

/** Where the asset's HLS master playlist is served; while the job runs, it grows. */
export function playlistOf(job: Pick<Job, "asset">, site: string): string {
  return `${folderOf(job, site)}/master.m3u8`;
}

function folderOf({ asset }: Pick<Job, "asset">, site: string): string {
  return `${site}/assets/${encodeURIComponent(asset)}`;
}

/** What a job is at, in a word for a display: what is "submitted" may be read already. */
export function phaseOf(job: Job): string {
  if (isPaused(job)) return "paused";
  return job.state === "submitted" && job.nodes.length > 0 ? "planning" : job.state;
}

function isPaused(job: Job): boolean {
  return job.paused && !hasEnded(job);
}

/** "running", or "running, paused". */
export function stateText(job: Job): string {
  return isPaused(job) ? `${job.state}, paused` : job.state;
}

/** The same, and of a paused job how it goes on. */
export function stateAndNextText(job: Job): string {
  return isPaused(job) ? `${stateText(job)}; ${nextStep(job)}` : stateText(job);
}

/** How far it is, and what a paused job waits for: for whoever watches. */
export function detailText(job: Job): string {
  const progress = progressText(job);
  if (!isPaused(job)) return progress;
  return progress === "" ? nextStep(job) : `${progress}; ${nextStep(job)}`;
}

function nextStep({ id }: Job): string {
  return `go on with: reelmesh resume ${id}`;
}

/** What is counted: frames, or tasks where there is no video or no plan yet. */
export function progressOf(job: Job): { done: number; total: number; unit: string } {
  if (job.frames > 0) return { done: job.framesDone, total: job.frames, unit: "frames" };
  return { done: job.tasksDone, total: job.tasks, unit: "tasks" };
}

/** "33%", or "" before there is anything to count, and for a job that ended with nothing done. */
export function percentOf(job: Job): string {
  // What was counted of it may be forgotten by now.
  if (job.state === "done") return "100%";
  const { done, total } = progressOf(job);
  return total === 0 || (done === 0 && hasEnded(job)) ? "" : `${Math.floor((100 * done) / total)}%`;
}

/** "1200/3600 frames, 84.2 fps, 3 nodes, 29s left": what is known of it. */
export function progressText(job: Job): string {
  const { done, total, unit } = progressOf(job);
  const parts = [];
  if (total > 0 && !(done === 0 && hasEnded(job))) parts.push(`${done}/${total} ${unit}`);
  if (job.state === "running" && job.speed > 0) parts.push(`${job.speed.toFixed(1)} fps`);
  if (job.nodes.length > 0 && job.state === "submitted") parts.push(`on ${job.nodes.join(", ")}`);
  else if (job.nodes.length > 0) parts.push(`${job.nodes.length} ${job.nodes.length === 1 ? "node" : "nodes"}`);
  if (job.state === "running" && job.speed > 0 && unit === "frames") {
    parts.push(`${formatSeconds((total - done) / job.speed)} left`);
  }
  return parts.join(", ");
}
