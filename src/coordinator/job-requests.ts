/** What people ask of whoever leads: jobs submitted, changed, shown and watched. */
import { ReelmeshError } from "../core/errors.js";
import type { Fact } from "../core/facts.js";
import { type PageRequest, pageOfJobs } from "../core/job-pages.js";
import type { JobRecord } from "../core/job-record.js";
import { fits, type MeshState } from "../core/mesh-state.js";
import { onAbort } from "../core/on-abort.js";
import type { Clock } from "../core/ports.js";
import type { FactWriter } from "./fact-writer.js";
import { decideControl, isSameSubmission, type JobCommand } from "./job-control.js";
import { type JobView, viewJob } from "./job-view.js";
import { holdersAway, leasesOf } from "./schedule.js";
import type { Lease, Schedule } from "./schedule-state.js";

/** A watcher hears of progress this often. */
const WATCH_MS = 500;

interface Components {
  schedule: Schedule;
  writer: FactWriter;
  mesh: MeshState;
  members: { nameOf(nodeId: string): string };
  term: number;
  /** Fires when the reign ends. */
  reign: AbortSignal;
  /** Whether nodes are still telling what the log has lost. */
  remembering(): boolean;
  clock: Clock;
  report(event: string, details: Record<string, unknown>): void;
}

export class JobRequests {
  readonly #components: Components;
  /** Who waits for a job to change, by its id. */
  readonly #watchers = new Map<string, Set<() => void>>();

  constructor(components: Components) {
    this.#components = components;
  }

  /** Jobs that are watched. */
  get watched(): number {
    return this.#watchers.size;
  }

  /** NOT_FOUND when there is no such job, UNAVAILABLE when the log may have lost it. */
  find(jobId: string): JobRecord {
    const job = this.#components.mesh.jobs.get(jobId);
    if (job !== undefined) return job;
    this.refuseEarly(jobId);
    throw new ReelmeshError("NOT_FOUND", `there is no job ${jobId}: "reelmesh jobs" lists those that there are`);
  }

  /**
   * UNAVAILABLE while nodes are telling what the log has lost. What is decided of a job before all of that is back may
   * take the place of what was acknowledged: where the two disagree, the log stays.
   */
  refuseEarly(jobId: string): void {
    if (!this.#components.remembering()) return;
    const problem = "nodes are bringing back what the mesh log has lost, and it may be of this job";
    throw new ReelmeshError("UNAVAILABLE", `nothing is decided of job ${jobId} yet: ${problem}: ask again`);
  }

  /** Tells those who watch a job. */
  changed(job: string): void {
    for (const wake of this.#watchers.get(job) ?? []) wake();
  }

  /** Enters a job; the same id again gives the job that is there, CONFLICT when its content is another. UNAVAILABLE. */
  async submit(fact: Fact & { kind: "jobSubmitted" }): Promise<JobView> {
    const { writer } = this.#components;
    const { job } = fact.jobSubmitted;
    const make = () => {
      const known = this.#components.mesh.jobs.get(job);
      if (known === undefined) {
        this.refuseEarly(job);
        return fact;
      }
      if (isSameSubmission(known, fact)) return undefined;
      throw new ReelmeshError("CONFLICT", `job ${job} exists with another source, name or options: choose another id`);
    };
    await writer.append(make, { job });
    return this.view(job);
  }

  /** Does what a person asks of a job, and answers how it is then; a removed one, as it was. NOT_FOUND, CONFLICT, UNAVAILABLE. */
  async control(jobId: string, command: JobCommand): Promise<JobView> {
    const { writer } = this.#components;
    const before = this.view(jobId);
    const decide = () => {
      this.refuseEarly(jobId);
      return decideControl(this.find(jobId), command);
    };
    await writer.append(decide, { job: jobId });
    return command.kind === "remove" ? before : this.view(jobId);
  }

  /** Grants work again to a node that was set aside; changes nothing for one that was not. */
  async readmit(nodeId: string): Promise<void> {
    const { writer } = this.#components;
    const { setAside } = this.#components.mesh;
    await writer.append(() =>
      setAside.has(nodeId) ? { kind: "nodeReadmitted", nodeReadmitted: { nodeId } } : undefined,
    );
  }

  /** Appends what a node knows and the log has lost, as far as it still fits. */
  async remember(nodeId: string, facts: Fact[]): Promise<void> {
    const { writer } = this.#components;
    for (const fact of facts) await writer.append(() => (fits(this.#components.mesh, fact) ? fact : undefined));
    this.#components.report("facts remembered", { node: nodeId, facts: facts.length });
  }

  view(jobId: string): JobView {
    const { schedule } = this.#components;
    return this.#view(this.find(jobId), leasesOf(schedule, jobId));
  }

  /** The newest jobs first, without the rows of who did what. INVALID_INPUT, NOT_FOUND as `pageOfJobs`. */
  list(request: PageRequest): { jobs: JobView[]; more: boolean } {
    const { schedule } = this.#components;
    const { jobs, more } = pageOfJobs(this.#components.mesh, request);
    return { jobs: jobs.map((job) => ({ ...this.#view(job, leasesOf(schedule, job.id)), finished: [] })), more };
  }

  #view(job: JobRecord, leases: Lease[]): JobView {
    const { schedule } = this.#components;
    const waits = leases.length === 0 ? holdersAway(schedule, job) : [];
    return viewJob(job, leases, waits, this.#components.term, (id) => this.#components.members.nameOf(id));
  }

  /** The job now and at every change, until it has ended. UNAVAILABLE when this node stops leading meanwhile. */
  async *watch(jobId: string, signal: AbortSignal): AsyncIterable<JobView> {
    let shown = "";
    while (!signal.aborted) {
      this.#refuseEnded();
      const view = this.view(jobId);
      const text = JSON.stringify(view);
      if (text !== shown) yield view;
      shown = text;
      if (view.endedMs !== 0) return;
      await this.#change(jobId, signal);
    }
  }

  #refuseEnded(): void {
    if (!this.#components.reign.aborted) return;
    throw new ReelmeshError("NOT_COORDINATOR", "this node does not coordinate any more: ask again");
  }

  /** Resolves when the job has changed, a moment has passed, or the signal fires. */
  async #change(jobId: string, signal: AbortSignal): Promise<void> {
    const { clock } = this.#components;
    const changed = new AbortController();
    const wake = () => changed.abort();
    const waiting = this.#watchers.get(jobId) ?? new Set();
    this.#watchers.set(jobId, waiting.add(wake));
    const forget = onAbort(signal, wake);
    await clock.sleep(WATCH_MS, changed.signal);
    forget();
    waiting.delete(wake);
    if (waiting.size === 0 && this.#watchers.get(jobId) === waiting) this.#watchers.delete(jobId);
  }
}
