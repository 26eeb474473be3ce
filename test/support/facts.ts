/** Log entries for tests, short to write. */

import type { Fact, LogEntry } from "../../src/core/facts.js";
import { DEFAULT_OPTIONS } from "../../src/core/options.js";
import type { EncodeResult, PackageResult, PlanResult } from "../../src/core/work.js";

let counter = 0;

export function entry(fact: Fact, term = 1): LogEntry {
  counter++;
  return { id: `entry-${counter}`, term, atMs: 1_000 + counter, history: "", ...fact };
}

function hash(text: string): string {
  return Buffer.from(text).toString("hex").padEnd(64, "0").slice(0, 64);
}

const OPTIONS = { ...DEFAULT_OPTIONS, ladder: [], segmentSeconds: 4, preset: "ultrafast", crf: 30 };

export function submitted(job: string, holder = "a"): Fact & { kind: "jobSubmitted" } {
  const source = { sha256: hash(`source ${job}`), bytes: 10 };
  const names = { fileName: `${job}.mp4`, name: job, asset: `${job}-asset` };
  return {
    kind: "jobSubmitted",
    jobSubmitted: { job, ...names, source, holder, options: OPTIONS, priority: 0, submittedMs: 0 },
  };
}

export function planned(job: string, chunks = 2, holders = ["a", "b"]): Fact & { kind: "jobPlanned" } {
  const tasks = Array.from({ length: chunks }, (_, index) => {
    return { name: `chunk-${index + 1}`, frames: 100, seconds: 4, encoder: "", renditions: ["720p"], awaited: true };
  });
  const result: PlanResult = {
    plan: { sha256: hash(`plan ${job}`), bytes: 5 },
    holders,
    tasks,
    frames: 100 * chunks,
    seconds: 4 * chunks,
    renditions: ["720p"],
    notes: [],
  };
  return { kind: "jobPlanned", jobPlanned: { job, result, nodeId: "a" } };
}

export function encodeResult(job: string, task: string, init = "init", holders = ["a"]): EncodeResult {
  const listing = { sha256: hash(`listing ${job} ${task}`), bytes: 7 };
  return {
    listing,
    frames: 100,
    inits: [{ rendition: "720p", sha256: hash(init) }],
    bytes: 1000,
    holders,
    proof: null,
    plan: "",
    notes: [],
  };
}

export function taskDone(job: string, task: string, nodeId = "a"): Fact & { kind: "taskDone" } {
  return { kind: "taskDone", taskDone: { job, task, result: encodeResult(job, task), nodeId } };
}

export function taskGrown(job: string, task: string, seconds: number, nodeId = "a"): Fact & { kind: "taskGrown" } {
  const result = encodeResult(job, `${task} up to ${seconds}`);
  return { kind: "taskGrown", taskGrown: { job, task, seconds, result, nodeId } };
}

export function packageResult(job: string): PackageResult {
  return { manifest: { sha256: hash(`manifest ${job}`), bytes: 9 }, files: 3, bytes: 2000, holders: ["a"] };
}

export function finished(job: string): Fact & { kind: "jobFinished" } {
  return { kind: "jobFinished", jobFinished: { job, result: packageResult(job), nodeId: "a" } };
}
