/** Simulated work: it takes its time, needs its inputs from machines that hold them, and now and then goes wrong. */
import { ReelmeshError } from "../../src/core/errors.js";
import type { Clock } from "../../src/core/ports.js";
import { neighboursOf } from "../../src/core/video-tasks.js";
import type { BlobReference, EncodeResult, FrameProof, PlannedTask, Task, TaskResult } from "../../src/core/work.js";
import type { TaskReports } from "../../src/node/worker.js";
import type { Random } from "./random.js";

/** Shares of the attempts that end so. */
export interface Fates {
  fails: number;
  hangs: number;
  /** A result that is not what was planned. */
  garbage: number;
  /** Frames that are not the source's, as a decoding gives that begins in the middle of a damaged one. */
  wrong: number;
  /** Sources that give other frames than their packets promise, until they are decoded in one piece. */
  damaged: number;
}

export const NO_FATES: Fates = { fails: 0, hangs: 0, garbage: 0, wrong: 0, damaged: 0 };
const FRAMES = 100;
/** The end of the name of a plan whose source gives other frames than it says. */
const DAMAGED = "damaged";
const SECONDS = 4;
/** A worker's own watchdogs end silent work. */
const STALL_MS = 60_000;

interface Components {
  nodeId: string;
  clock: Clock;
  random: Random;
  /** 1 is usual; a slower machine has less. */
  speed: number;
  /** Milliseconds of an encode. */
  longest: number;
  fates(): Fates;
  /** How many chunks a job's source has. */
  chunks(job: string): number;
  /** Whether the bytes could be pulled here now; they are held here afterwards. */
  pull(blob: string, holders: string[]): boolean;
  /** Stores new bytes here, and on another machine where one can be reached; the holders. */
  store(blob: string): string[];
  started(job: string, task: string): void;
  /** An attempt has ended without a result. */
  failed(job: string, task: string): void;
}

type Run = (task: Task, signal: AbortSignal, reports: TaskReports) => Promise<TaskResult>;

export function simulatedTasks(parts: Components): Run {
  const { clock, random } = parts;
  const work = async (ms: number, signal: AbortSignal) => {
    await clock.sleep(ms / parts.speed, signal);
    if (signal.aborted) throw new ReelmeshError("ABORTED", "the task was stopped");
  };
  const fetchInputs = async (task: Task, signal: AbortSignal) => {
    await work(random.between(5, 200), signal);
    for (const { blob, holders } of inputsOf(task)) {
      if (blob === undefined || parts.pull(blob, holders)) continue;
      throw new ReelmeshError("UNAVAILABLE", `${blob} is on no machine that can be reached`);
    }
  };
  const newBlob = (task: Task) => ({ sha256: `${task.job}/${task.name}@${parts.nodeId}.${clock.newId()}`, bytes: 9 });

  async function plan(task: Task, signal: AbortSignal): Promise<TaskResult> {
    await work(random.between(100, 1_500), signal);
    const { sha256, bytes } = newBlob(task);
    const isDecoded = task.kind === "plan" && task.plan.decode !== "";
    const isDamaged = !isDecoded && random.chance(parts.fates().damaged);
    const blob = { sha256: isDamaged ? `${sha256} ${DAMAGED}` : sha256, bytes };
    const names = Array.from({ length: parts.chunks(task.job) }, (_, index) => `chunk-${index + 1}`);
    const common = { frames: FRAMES, seconds: SECONDS, encoder: "", renditions: ["720p"], awaited: true };
    const tasks = names.map((name): PlannedTask => ({ name, ...common }));
    const sums = { frames: FRAMES * tasks.length, seconds: SECONDS * tasks.length, renditions: ["720p"], notes: [] };
    return { kind: "plan", plan: { plan: blob, holders: parts.store(blob.sha256), tasks, ...sums } };
  }

  async function encode(task: Task, signal: AbortSignal, reports: TaskReports): Promise<TaskResult> {
    const whole = random.between(1_500, parts.longest);
    const { fails, hangs, garbage, wrong } = parts.fates();
    const fate = random.next();
    const until = fate < fails + hangs ? random.next() : 1;
    for (let done = 0; done < until; done += 1_000 / whole) {
      reports.onProgress({ done: Math.min(FRAMES, Math.round(done * FRAMES)), speed: FRAMES / whole });
      await work(Math.min(1_000, whole), signal);
    }
    const plan = task.kind === "encode" ? (task.encode.plan?.sha256 ?? "") : "";
    if (plan.endsWith(DAMAGED) && task.name === "chunk-1") {
      throw new ReelmeshError("OTHER_FRAMES", "the source gave other frames, as simulated");
    }
    if (fate < fails) throw new ReelmeshError("MEDIA", "the encoder failed, as simulated");
    if (fate < fails + hangs) {
      await clock.sleep(STALL_MS, signal);
      throw new ReelmeshError("MEDIA", "the encoder stood still, as simulated");
    }
    reports.onProgress({ done: FRAMES, speed: 0 });
    reports.onMade();
    await work(random.between(5, 500), signal);
    const spoilt = random.chance(garbage);
    const blob = newBlob(task);
    const linear = task.kind === "encode" && task.encode.linear;
    const proof = proofOf(task.name, linear, !linear && random.chance(wrong) ? blob.sha256 : "right");
    return { kind: "encode", encode: encodeResult(blob, proof, plan, parts, spoilt ? random.pick(SPOILERS) : {}) };
  }

  async function packAll(task: Task & { kind: "package" }, signal: AbortSignal): Promise<TaskResult> {
    await work(random.between(100, 1_500), signal);
    const blob = newBlob(task);
    const files = task.package.encoded.length;
    return { kind: "package", package: { manifest: blob, files, bytes: 9, holders: parts.store(blob.sha256) } };
  }

  const run: Run = async (task, signal, reports) => {
    parts.started(task.job, task.name);
    await fetchInputs(task, signal);
    if (task.kind === "plan") return plan(task, signal);
    if (task.kind === "encode") return encode(task, signal, reports);
    return packAll(task, signal);
  };
  return (task, signal, reports) =>
    run(task, signal, reports).catch((error: unknown) => {
      parts.failed(task.job, task.name);
      throw error;
    });
}

const SPOILERS: Partial<EncodeResult>[] = [{ frames: FRAMES - 1 }, { inits: [] }, { listing: null }, { holders: [] }];

/** What neighbours share, seen rightly or in a way of one's own. */
function proofOf(task: string, linear: boolean, seen: string): FrameProof {
  const { before } = neighboursOf(task);
  const shared = (chunk: string, part: string) => `${chunk} ${part} ${seen}`;
  const [lead, first] = [shared(before, "end"), shared(before, "tail")];
  return { lead, first, last: shared(task, "end"), tail: shared(task, "tail"), linear };
}

function encodeResult(
  listing: BlobReference,
  proof: FrameProof,
  plan: string,
  parts: Components,
  spoilt: Partial<EncodeResult>,
): EncodeResult {
  const holders = parts.store(listing.sha256);
  return {
    listing,
    frames: FRAMES,
    inits: [{ rendition: "720p", sha256: "init" }],
    bytes: 9,
    holders,
    proof,
    plan,
    notes: [],
    ...spoilt,
  };
}

function inputsOf(task: Task): { blob: string | undefined; holders: string[] }[] {
  if (task.kind === "plan") return [{ blob: task.plan.source?.sha256, holders: task.plan.holders }];
  if (task.kind === "encode") return [{ blob: task.encode.plan?.sha256, holders: task.encode.holders }];
  const { plan, holders, encoded } = task.package;
  const listings = encoded.map(({ result }) => ({ blob: result?.listing?.sha256, holders: result?.holders ?? [] }));
  return [{ blob: plan?.sha256, holders }, ...listings];
}
