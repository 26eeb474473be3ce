/**
 * What the log says, by rules written for the checks alone: of two facts about the same thing, the first counts. What an
 * entry's writer had read is told by a digest, which is the product's own.
 */
import type { LogEntry } from "../../src/core/facts.js";
import { historyWith, isBehind, NO_ENTRIES } from "../../src/core/history.js";

interface Job {
  id: string;
  state: string;
  source: string;
  priority: number;
  paused: boolean;
  planned: boolean;
  plan: string | undefined;
  tasks: Set<string>;
  done: Map<string, string>;
  manifest: string | undefined;
  /** Its first plan counts no more. */
  replanned: boolean;
  /** A snapshot has dropped the details. */
  compact: boolean;
}

const ENDED = ["done", "failed", "cancelled"];

export class TruthFold {
  term = 0;
  readonly #jobs = new Map<string, Job>();
  history = NO_ENTRIES;

  /** Whether an entry stands behind those that its writer had read. */
  follows(entry: LogEntry): boolean {
    return isBehind(this.history, entry);
  }

  /** Something that is no entry. */
  pass(): void {
    this.history = "";
  }

  /** The job that the entry changed. */
  apply(entry: LogEntry): string | undefined {
    const isVoid = !this.follows(entry) || entry.term < this.term;
    this.history = historyWith(this.history, entry);
    if (isVoid) return undefined;
    if (entry.kind === "termStarted") {
      this.term = Math.max(this.term, entry.term);
      return undefined;
    }
    if (entry.kind === "snapshot") this.#compact();
    if (entry.kind === "jobSubmitted") return this.#submit(entry);
    const id = this.#jobOf(entry);
    const job = id === undefined ? undefined : this.#jobs.get(id);
    if (job === undefined) return undefined;
    if (entry.kind === "jobRetried" && job.state === "failed") return this.#retry(job);
    if (entry.kind === "jobRemoved" && ENDED.includes(job.state)) return this.#remove(job);
    if (ENDED.includes(job.state)) return undefined;
    return this.#advance(job, entry) ? job.id : undefined;
  }

  #compact(): void {
    for (const job of this.#jobs.values()) if (job.state === "done" || job.state === "cancelled") job.compact = true;
  }

  #submit({ jobSubmitted: { job: id, source, priority } }: LogEntry & { kind: "jobSubmitted" }): string | undefined {
    if (this.#jobs.has(id)) return undefined;
    const empty = {
      priority,
      paused: false,
      planned: false,
      plan: undefined,
      tasks: new Set<string>(),
      done: new Map<string, string>(),
      manifest: undefined,
      replanned: false,
      compact: false,
    };
    this.#jobs.set(id, { id, state: "submitted", source: source?.sha256 ?? "", ...empty });
    return id;
  }

  #retry(job: Job): string {
    const isDone = job.done.size === job.tasks.size;
    job.state = !job.planned ? "submitted" : isDone ? "packaging" : "running";
    return job.id;
  }

  #remove({ id }: Job): string {
    this.#jobs.delete(id);
    return id;
  }

  #jobOf(entry: LogEntry): string | undefined {
    const content = (entry as unknown as Record<string, { job?: string }>)[entry.kind];
    return content?.job;
  }

  #advance(job: Job, entry: LogEntry): boolean {
    const { priority, paused } = entry.kind === "jobAdjusted" ? entry.jobAdjusted : job;
    if (entry.kind === "jobPlanned" && job.state === "submitted") {
      job.plan = entry.jobPlanned.result?.plan?.sha256;
      job.tasks = new Set(entry.jobPlanned.result?.tasks.map(({ name }) => name));
      job.planned = true;
      job.state = job.tasks.size === 0 ? "packaging" : "running";
    } else if (entry.kind === "taskDone" && job.state === "running") {
      const { task, result } = entry.taskDone;
      if (job.done.has(task) || !job.tasks.has(task)) return false;
      job.done.set(task, result?.listing?.sha256 ?? "");
      if (job.done.size === job.tasks.size) job.state = "packaging";
    } else if (entry.kind === "jobReplanned" && job.planned && !job.replanned) {
      const nothing = { planned: false, plan: undefined, tasks: new Set<string>(), done: new Map<string, string>() };
      Object.assign(job, { ...nothing, replanned: true, state: "submitted" });
    } else if (entry.kind === "taskReopened") {
      if (!job.done.delete(entry.taskReopened.task)) return false;
      job.state = "running";
    } else if (entry.kind === "jobFinished" && job.planned) {
      job.manifest = entry.jobFinished.result?.manifest?.sha256;
      job.state = "done";
    } else if (entry.kind === "jobFailed") job.state = "failed";
    else if (entry.kind === "jobCancelled") job.state = "cancelled";
    else if (entry.kind === "jobAdjusted") Object.assign(job, { priority, paused });
    else return false;
    return true;
  }

  has(id: string): boolean {
    return this.#jobs.has(id);
  }

  stateOf(id: string): string | undefined {
    return this.#jobs.get(id)?.state;
  }

  isActive(id: string): boolean {
    return !ENDED.includes(this.stateOf(id) ?? "done");
  }

  /** A chunk of a job that is at work on its chunks, without a result. */
  isOpenChunk(id: string, task: string): boolean {
    const job = this.#jobs.get(id);
    return job?.state === "running" && job.tasks.has(task) && !job.done.has(task);
  }

  /** Jobs that have not ended and may go on. */
  atWork(): string[] {
    return [...this.#jobs.values()].filter(({ id, paused }) => this.isActive(id) && !paused).map(({ id }) => id);
  }

  isPaused(id: string): boolean {
    return this.#jobs.get(id)?.paused ?? false;
  }

  /** It has ended, and what led to that has been dropped. */
  isToldAsAWhole(id: string): boolean {
    const job = this.#jobs.get(id);
    return job !== undefined && ENDED.includes(job.state) && job.plan === undefined;
  }

  winner(id: string, task: string): string | undefined {
    const job = this.#jobs.get(id);
    if (task === "plan") return job?.plan;
    return task === "package" ? job?.manifest : job?.done.get(task);
  }

  describe(id: string): string {
    const job = this.#jobs.get(id);
    if (job === undefined) return "";
    const done = [...job.done].map(([task, blob]) => `${task}=${blob}`);
    const details = job.compact ? [undefined] : [job.plan, ...done];
    return [id, job.state, job.priority, job.paused, job.source, ...details, job.manifest].join(" ");
  }

  describeAll(): string {
    return [...this.#jobs.keys()].map((id) => this.describe(id)).join("\n");
  }

  states(): string[] {
    return [...this.#jobs.values()].map((job) => job.state);
  }
}
