/** What a client may say of an upload (the protocol's Upload-Metadata), and what becomes of it. */
import { createHash, randomBytes } from "node:crypto";
import { ReelmeshError } from "../../core/errors.js";
import { checkOptions, checkPriority, DEFAULT_OPTIONS } from "../../core/options.js";
import { MOST_SUBTITLE_BYTES } from "../../core/read-subtitles.js";
import type { JobOptions } from "../../core/work.js";
import { checkJobId, type Submission } from "../submission.js";
import type { Arrival } from "./records.js";

type Metadata = Record<string, string | null>;

/**
 * `job`: the upload waits for that job's submission; `kind`: "subtitles" when it is not its source. Without a job the
 * upload becomes one by itself, whose id is the upload's: `filename`, `name`, `options` (JSON, the fields of JobOptions
 * in proto/reelmesh/v1/media.proto) and `priority` say how. INVALID_INPUT.
 */
export function describeUpload(
  id: string,
  bytes: number,
  metadata: Metadata,
): Pick<Arrival, "job" | "kind" | "submission"> {
  const { job, kind = "source" } = metadata;
  if (kind !== "source" && kind !== "subtitles") throw refused("kind", kind, "source or subtitles");
  if (kind === "subtitles" && bytes > MOST_SUBTITLE_BYTES) {
    throw new ReelmeshError("INVALID_INPUT", "the subtitle file is larger than any subtitles are");
  }
  if (typeof job === "string") {
    checkJobId(job);
    return { job, kind };
  }
  if (kind === "subtitles") throw refused("kind", kind, "source, or a job beside it");
  return { job: id, kind, submission: submissionOf(id, metadata) };
}

/**
 * Id of a new upload, 32 hexadecimal digits. A job's source that a client sends once more has the id of the first time,
 * so that it goes on where that stopped.
 */
export function nameUpload(length: string, { job, kind = "source", filename = "" }: Metadata): string {
  if (typeof job !== "string" || kind !== "source") return randomBytes(16).toString("hex");
  const words = JSON.stringify([job, filename, length]);
  return createHash("sha256").update(words).digest("hex").slice(0, 32);
}

function submissionOf(job: string, metadata: Metadata): Submission {
  const fileName = metadata["filename"] ?? metadata["name"] ?? "video";
  const priority = Number(metadata["priority"] ?? 0);
  checkPriority(priority);
  const options = jobOptions(metadata["options"] ?? "{}");
  checkOptions(options);
  return { job, fileName, name: metadata["name"] ?? "", asset: "", source: null, options, holder: "", priority };
}

function jobOptions(text: string): JobOptions {
  const given = parse(text);
  const { subtitles: _, ...known } = DEFAULT_OPTIONS;
  for (const [key, value] of Object.entries(given)) {
    const expected = Object.hasOwn(known, key) ? known[key as keyof typeof known] : undefined;
    if (expected === undefined) throw refused("options", key, Object.keys(known).join(", "));
    if (!isLike(key, expected, value)) throw refused(`options.${key}`, JSON.stringify(value), "a value of its type");
  }
  return { ...DEFAULT_OPTIONS, ...given };
}

function isLike(key: string, expected: unknown, value: unknown): boolean {
  if (!Array.isArray(expected)) return typeof value === typeof expected;
  const type = key === "ladder" ? "number" : "string";
  return Array.isArray(value) && value.length <= 100 && value.every((one) => typeof one === type);
}

function parse(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // refused below
  }
  throw refused("options", text, 'an object such as {"ladder":[720]}');
}

function refused(key: string, value: unknown, wanted: string): ReelmeshError {
  const shown = String(value).slice(0, 60);
  return new ReelmeshError("INVALID_INPUT", `the upload says "${shown}" for ${key}: use ${wanted}`);
}
