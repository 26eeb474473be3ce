/** What happens to a source that has arrived before it becomes a job: checked against what was asked, named. */
import { createHash } from "node:crypto";
import { ReelmeshError } from "../core/errors.js";
import type { MeshState } from "../core/mesh-state.js";
import { checkEncoders, checkOptions, checkPriority } from "../core/options.js";
import { jobOwner } from "../core/owners.js";
import type { BlobStore } from "../core/ports.js";
import { MOST_SUBTITLE_BYTES, readSubtitles } from "../core/read-subtitles.js";
import type { BlobReference, JobOptions } from "../core/work.js";
import type { MediaTools } from "./tasks/media-tools.js";

const JOB_ID = /^[a-z0-9-]{8,40}$/;
const LONGEST_NAME = 255;
const ASSET_NAME_LENGTH = 60;
const ASSET_SUFFIX_LENGTH = 10;

export interface Submission {
  job: string;
  fileName: string;
  name: string;
  asset: string;
  source: BlobReference | null;
  options: JobOptions | null;
  holder: string;
  priority: number;
}

interface Components {
  nodeId: string;
  store: BlobStore;
  mesh: MeshState;
  media: Pick<MediaTools, "probe">;
  /** What the live nodes have beside libx264, each with its id. */
  encoders(): Map<string, readonly string[]>;
}

/**
 * Completes a request to submit: the holder, the asset's name. INVALID_INPUT when the source or the options are
 * refused, and what was uploaded is then let go; NOT_FOUND when the source was not uploaded to this node.
 */
export async function prepareSubmission<Request extends Submission>(
  { nodeId, store, mesh, media, encoders }: Components,
  request: Request,
  signal: AbortSignal,
): Promise<Request> {
  const { job, source, options } = request;
  checkJobId(job);
  const name = request.name === "" ? withoutEnding(request.fileName) : request.name;
  const ready = { ...request, name, holder: nodeId, asset: assetName(name, job) };
  if (mesh.jobs.has(job)) return ready;
  try {
    if (source === null || options === null) {
      throw new ReelmeshError("INVALID_INPUT", `job ${job} names no source or no options: upload the source first`);
    }
    const longest = Math.max(name.length, request.fileName.length);
    if (longest > LONGEST_NAME) {
      throw new ReelmeshError("INVALID_INPUT", `the name has ${longest} characters; ${LONGEST_NAME} are allowed`);
    }
    checkOptions(options);
    checkEncoders(options, encoders());
    checkPriority(request.priority);
    if (!(await store.own(source.sha256, jobOwner(job)))) {
      throw new ReelmeshError("NOT_FOUND", `the source of job ${job} is not on this node: upload it here first`);
    }
    await checkSubtitles(store, job, options);
    const file = await store.path(source.sha256);
    checkOptions(options, await media.probe(file, request.fileName, signal));
    return ready;
  } catch (error) {
    // Only a verdict lets the upload go: a submission that was cut short may have become a job, or come again.
    const refused = error instanceof ReelmeshError && error.code === "INVALID_INPUT";
    if (refused && !mesh.jobs.has(job)) await store.release(jobOwner(job));
    throw error;
  }
}

/** NOT_FOUND when one was not uploaded here; INVALID_INPUT when it is none, since a blob may come by another way. */
async function checkSubtitles(store: BlobStore, job: string, { subtitles }: JobOptions): Promise<void> {
  for (const { file, fileName } of subtitles) {
    const name = fileName.slice(0, LONGEST_NAME) || "the subtitle file";
    if (file === null || !(await store.own(file.sha256, jobOwner(job)))) {
      throw new ReelmeshError("NOT_FOUND", `${name} of job ${job} is not on this node: upload it here first`);
    }
    if (((await store.find(file.sha256))?.bytes ?? 0) > MOST_SUBTITLE_BYTES) {
      throw new ReelmeshError("INVALID_INPUT", `${name} is larger than any subtitles are`);
    }
    readSubtitles(await store.read(file.sha256), name);
  }
}

/** INVALID_INPUT. */
export function checkJobId(job: string): void {
  if (JOB_ID.test(job)) return;
  const shown = JSON.stringify(job.slice(0, 60));
  throw new ReelmeshError("INVALID_INPUT", `${shown} is no job id: use 8 to 40 of a-z, 0-9 and "-"`);
}

function withoutEnding(fileName: string): string {
  return fileName.replace(/\.[^.]{1,8}$/, "") || "video";
}

/** A name for URLs: the name in a-z, 0-9 and "-", and a hash of the job's id, which makes it unique. */
function assetName(name: string, job: string): string {
  const plain = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, ASSET_NAME_LENGTH)
    .replace(/^-+|-+$/g, "");
  const suffix = createHash("sha256").update(job).digest("hex").slice(0, ASSET_SUFFIX_LENGTH);
  return `${plain || "video"}-${suffix}`;
}
