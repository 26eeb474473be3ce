/**
 * The worker: as many claims as the node has slots, each a loop of
 *
 *   asking --lease--> running --result--> reporting --answer--> asking
 *                        |  the lease is not wanted any more, or the job has ended: the work is aborted
 *                        |  an error: it is reported, and counts as an attempt
 *                        |  the node stops: the task is handed back
 *
 * While the coordinator is away, running work goes on and its result waits until somebody takes it.
 */
import { setTimeout as delay } from "node:timers/promises";
import { ReelmeshError, toReelmeshError } from "../core/errors.js";
import type { Task, TaskResult } from "../core/work.js";

const CLAIM_WAIT_MS = 25_000;
const RETRY_MS = 500;
/** A task that could not fetch its input is handed back after this long, so that it is not asked for in a tight loop. */
const INPUT_RETRY_MS = 1_000;

export interface WorkLease {
  id: string;
  attempt: number;
  renewAfterMs: number;
  task: Task;
}

export interface Progress {
  /** Source frames done; milliseconds of audio for an audio task. */
  done: number;
  /** Frames a second. */
  speed: number;
}

/** What the worker asks of the coordinator, wherever it is. UNAVAILABLE or NOT_COORDINATOR: ask again. */
export interface CoordinatorPort {
  claim(waitMs: number, signal: AbortSignal): Promise<WorkLease | undefined>;
  renew(lease: WorkLease, progress: Progress): Promise<{ wanted: boolean; renewAfterMs: number }>;
  complete(lease: WorkLease, result: TaskResult, signal: AbortSignal): Promise<boolean>;
  fail(lease: WorkLease, reason: string, permanent: boolean, handedBack: boolean): Promise<void>;
}

interface Components {
  slots: number;
  coordinator: CoordinatorPort;
  run(task: Task, signal: AbortSignal, onProgress: (progress: Progress) => void): Promise<TaskResult>;
  now(): number;
  report(event: string, details: Record<string, unknown>): void;
}

interface Running {
  lease: WorkLease;
  startedAt: number;
  progress: Progress;
  abort: AbortController;
}

export interface RunningTask {
  job: string;
  task: string;
  progress: number;
  speed: number;
  seconds: number;
}

export class Worker {
  readonly #components: Components;
  readonly #stopped = new AbortController();
  readonly #running = new Set<Running>();
  #loops: Promise<void>[] = [];

  constructor(components: Components) {
    this.#components = components;
  }

  start(): void {
    this.#loops = Array.from({ length: this.#components.slots }, () => this.#loop());
  }

  /** Aborts what runs and hands it back; settles when every slot is empty. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await Promise.all(this.#loops);
  }

  /** Ends the tasks of a job that has ended. */
  abandon(job: string): void {
    for (const running of this.#running) if (running.lease.task.job === job) running.abort.abort();
  }

  running(): RunningTask[] {
    return [...this.#running].map(({ lease, startedAt, progress }) => ({
      job: lease.task.job,
      task: lease.task.name,
      progress: progress.done,
      speed: progress.speed,
      seconds: (this.#components.now() - startedAt) / 1000,
    }));
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        const lease = await this.#components.coordinator.claim(CLAIM_WAIT_MS, signal);
        if (lease !== undefined) await this.#work(lease);
      } catch (error) {
        if (!isTransient(error)) this.#components.report("claiming failed", { reason: toReelmeshError(error).message });
        await delay(RETRY_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #work(lease: WorkLease): Promise<void> {
    const abort = new AbortController();
    const running: Running = { lease, startedAt: this.#components.now(), progress: { done: 0, speed: 0 }, abort };
    this.#running.add(running);
    const renewing = new AbortController();
    const renewals = this.#renew(running, renewing.signal);
    const endRenewals = () => {
      renewing.abort();
      return renewals;
    };
    try {
      const signal = AbortSignal.any([abort.signal, this.#stopped.signal]);
      const result = await this.#components.run(lease.task, signal, (progress) => {
        running.progress = progress;
      });
      await this.#complete(lease, result, signal);
    } catch (error) {
      // A renewal after the word of failure would bring the lease back.
      await endRenewals();
      if (!abort.signal.aborted) await this.#fail(lease, toReelmeshError(error));
    } finally {
      await endRenewals();
      this.#running.delete(running);
    }
  }

  async #renew(running: Running, signal: AbortSignal): Promise<void> {
    let wait = running.lease.renewAfterMs;
    while (!signal.aborted) {
      await delay(wait, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      try {
        const answer = await this.#components.coordinator.renew(running.lease, running.progress);
        if (!answer.wanted) running.abort.abort();
        wait = answer.renewAfterMs;
      } catch {
        wait = RETRY_MS;
      }
    }
  }

  async #complete(lease: WorkLease, result: TaskResult, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        const accepted = await this.#components.coordinator.complete(lease, result, signal);
        this.#components.report("task done", { job: lease.task.job, task: lease.task.name, accepted });
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        if (isTransient(error)) await delay(RETRY_MS, undefined, { signal }).catch(() => {});
        else if (isRefusal(error)) {
          this.#components.report("result not taken", {
            task: lease.task.name,
            reason: toReelmeshError(error).message,
          });
          return;
        } else throw error;
      }
    }
  }

  async #fail(lease: WorkLease, error: ReelmeshError): Promise<void> {
    const stopping = this.#stopped.signal.aborted;
    const handedBack = stopping || error.code === "UNAVAILABLE";
    if (handedBack && !stopping) await delay(INPUT_RETRY_MS);
    const { job, name } = lease.task;
    this.#components.report(stopping ? "task handed back" : "task failed", { job, task: name, reason: error.message });
    try {
      await this.#components.coordinator.fail(lease, error.message, error.code === "INVALID_INPUT", handedBack);
    } catch {
      // The lease runs out by itself.
    }
  }
}

function isTransient(error: unknown): boolean {
  if (!(error instanceof ReelmeshError)) return false;
  return error.code === "UNAVAILABLE" || error.code === "NOT_COORDINATOR" || error.code === "ABORTED";
}

/** The coordinator will never take it: the job has ended, or the result is wrong (and was counted as a failure). */
function isRefusal(error: unknown): boolean {
  return error instanceof ReelmeshError && ["CONFLICT", "NOT_FOUND", "INVALID_INPUT"].includes(error.code);
}
