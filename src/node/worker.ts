/**
 * The worker: lanes for encodes, as many of which may be at work as the node has slots, and a light one for what leaves
 * most of the processor to others (planning, packaging, audio). Each lane is a loop of
 *
 *   resting --a slot is free, and the node takes work--> asking
 *   asking --lease--> running --media made--> finishing --answer--> asking
 *                        |  the lease is not wanted any more, or the job has ended: the work is aborted
 *                        |  an error: it is reported, and counts as an attempt
 *                        |  the node stops, or its disk is full: the task is handed back
 *
 * An asking lane goes back to rest when the node takes no more work: its claim does not wait at the coordinator.
 * While one task is finishing (its result is stored, copied to a peer and reported), its lane asks for the next already.
 * While the coordinator is away, running work goes on and its result waits until somebody takes it.
 */
import { ReelmeshError, toReelmeshError } from "../core/errors.js";
import { onAbort } from "../core/on-abort.js";
import type { Clock } from "../core/ports.js";
import type { EncodeResult, Task, TaskResult } from "../core/work.js";
import { LeaseKeeper, type RenewalPort } from "./lease-keeper.js";

const CLAIM_WAIT_MS = 25_000;
const RETRY_MS = 500;
/** A resting lane looks again after this long even when nobody wakes it. */
const REST_MS = 60_000;
/** A task that could not fetch its input is handed back after this long, so that it is not asked for in a tight loop. */
const INPUT_RETRY_MS = 1_000;
/** A node that stops waits this long for the coordinator to take what it has made. */
const REPORT_MS = 3_000;

export interface WorkLease {
  id: string;
  attempt: number;
  renewAfterMs: number;
  task: Task;
}

/** What a task tells while it runs. */
export interface TaskReports {
  onProgress(progress: Progress): void;
  /** The media is made: what follows needs little of the processor. */
  onMade(): void;
  /**
   * The beginning of the result is there, so many seconds of it, and can be given to viewers. Settles when the coordinator
   * knows; rejects as CoordinatorPort, and then it may be told again.
   */
  onGrown(seconds: number, result: EncodeResult): Promise<void>;
}

export interface Progress {
  /** Source frames done; milliseconds of audio for an audio task. */
  done: number;
  /** Frames a second. */
  speed: number;
}

/** What the worker asks of the coordinator, wherever it is. UNAVAILABLE or NOT_COORDINATOR: ask again. */
export interface CoordinatorPort extends RenewalPort {
  /** `light`: only planning, packaging and audio. */
  claim(waitMs: number, light: boolean, signal: AbortSignal): Promise<WorkLease | undefined>;
  complete(lease: WorkLease, result: TaskResult, signal: AbortSignal): Promise<boolean>;
  /** The beginning of a result while the rest of it is being made. */
  grow(lease: WorkLease, seconds: number, result: EncodeResult, signal: AbortSignal): Promise<void>;
  fail(lease: WorkLease, reason: string, permanent: boolean, handedBack: boolean, otherFrames: boolean): Promise<void>;
}

interface Components {
  slots: number;
  coordinator: CoordinatorPort;
  run(task: Task, signal: AbortSignal, reports: TaskReports): Promise<TaskResult>;
  /** Whether a failure lies in this node and not in the task, such as a full disk. */
  isNodesFault?(error: ReelmeshError): boolean;
  clock: Clock;
  report(event: string, details: Record<string, unknown>): void;
}

interface Running {
  lease: WorkLease;
  startedAt: number;
  progress: Progress;
  abort: AbortController;
  /** Whether it takes up one of the slots. */
  inSlot: boolean;
  /** The result is on its way to the coordinator. */
  finished: boolean;
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
  /** Nothing is reported any more. */
  readonly #ended = new AbortController();
  readonly #running = new Set<Running>();
  readonly #keeper: LeaseKeeper;
  readonly #lanes: Promise<void>[] = [];
  /** Encodes at once, and whether light work is taken. */
  #slots: number;
  #light = true;
  /** Claims for an encode that wait at the coordinator. */
  #asking = 0;
  /** Takes waiting claims back. */
  #recall = new AbortController();
  /** Wakes resting lanes. */
  #wake = new AbortController();
  readonly #onIdle = new Set<() => void>();

  constructor(components: Components) {
    this.#components = components;
    this.#slots = components.slots;
    this.#keeper = new LeaseKeeper(components.coordinator, components.clock);
  }

  start(): void {
    this.#lanes.push(this.#loop(true));
    this.#open();
  }

  /** Takes encodes into so many slots from here on, and light work or none. What runs goes on. */
  admit(slots: number, light: boolean): void {
    const fewer = this.#asking + this.busy() > slots && this.#asking > 0;
    const recall = fewer || (this.#light && !light);
    this.#slots = slots;
    this.#light = light;
    if (recall) this.recall();
    this.#open();
  }

  /**
   * Takes the claims back that wait; lanes that are free ask anew, whoever coordinates now. One that waits at a frozen
   * coordinator would hear nothing until the connection is found dead.
   */
  recall(): void {
    this.#recall.abort();
    this.#recall = new AbortController();
  }

  /** Resolves when nothing runs any more, or at the signal. */
  async idle(signal: AbortSignal): Promise<void> {
    while (this.#running.size > 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const settle = () => {
          this.#onIdle.delete(settle);
          forget();
          resolve();
        };
        this.#onIdle.add(settle);
        const forget = onAbort(signal, settle);
      });
    }
  }

  /**
   * Aborts what runs and hands it back; settles when every slot is empty. What is made already and being reported has a
   * moment to be taken: handed back it would be encoded once more.
   */
  async stop(): Promise<void> {
    this.#stopped.abort();
    const empty = new AbortController();
    void this.#components.clock.sleep(REPORT_MS, empty.signal).then(() => this.#ended.abort());
    await Promise.all(this.#lanes);
    empty.abort();
    await this.#keeper.idle();
  }

  /** Ends the tasks of a job that has ended. */
  abandon(job: string): void {
    for (const running of this.#running) if (running.lease.task.job === job) running.abort.abort();
  }

  /** Slots that are taken. */
  busy(): number {
    return [...this.#running].filter((running) => running.inSlot).length;
  }

  /** For each slot that is taken, since when: milliseconds. */
  slotAges(): number[] {
    const now = this.#components.clock.now();
    return [...this.#running].filter(({ inSlot }) => inSlot).map(({ startedAt }) => now - startedAt);
  }

  running(): RunningTask[] {
    return [...this.#running].map(({ lease, startedAt, progress }) => ({
      job: lease.task.job,
      task: lease.task.name,
      progress: progress.done,
      speed: progress.speed,
      seconds: (this.#components.clock.now() - startedAt) / 1000,
    }));
  }

  /** Makes the lanes that the slots need, and lets resting ones look again. */
  #open(): void {
    if (this.#lanes.length === 0 || this.#stopped.signal.aborted) return;
    while (this.#lanes.length < this.#slots + 1) this.#lanes.push(this.#loop(false));
    this.#wake.abort();
    this.#wake = new AbortController();
  }

  #mayAsk(light: boolean): boolean {
    return light ? this.#light : this.#asking + this.busy() < this.#slots;
  }

  async #loop(light: boolean): Promise<void> {
    const { signal } = this.#stopped;
    let finishing: Promise<void> = Promise.resolve();
    while (!signal.aborted) {
      if (!this.#mayAsk(light)) {
        await this.#components.clock.sleep(REST_MS, AbortSignal.any([signal, this.#wake.signal]));
        continue;
      }
      if (!light) this.#asking++;
      const lease = await this.#ask(light);
      // Counted as asking until it counts as running: no moment in between leaves a slot to two.
      if (!light) this.#asking--;
      if (lease === undefined) continue;
      let onMade = () => {};
      const made = new Promise<void>((resolve) => {
        onMade = resolve;
      });
      const done = this.#work(lease, light, onMade);
      await Promise.race([made, done]);
      // One at a time: a lane whose results do not get through takes no more work.
      await finishing;
      finishing = done;
    }
    await finishing;
  }

  /** Undefined when there was no work, the coordinator is away, or the node takes no more. */
  async #ask(light: boolean): Promise<WorkLease | undefined> {
    const recall = this.#recall.signal;
    const signal = AbortSignal.any([this.#stopped.signal, recall]);
    try {
      return await this.#components.coordinator.claim(CLAIM_WAIT_MS, light, signal);
    } catch (error) {
      if (recall.aborted) return undefined;
      if (!isTransient(error)) this.#components.report("claiming failed", { reason: toReelmeshError(error).message });
      await this.#components.clock.sleep(RETRY_MS, signal);
      return undefined;
    }
  }

  async #work(lease: WorkLease, light: boolean, made: () => void): Promise<void> {
    const abort = new AbortController();
    const startedAt = this.#components.clock.now();
    const running: Running = {
      lease,
      startedAt,
      progress: { done: 0, speed: 0 },
      abort,
      inSlot: !light,
      finished: false,
    };
    this.#running.add(running);
    // A result on its way may be the one that counts: the answer to it says so.
    this.#keeper.keep(running, () => {
      if (!running.finished) abort.abort();
    });
    try {
      const signal = AbortSignal.any([abort.signal, this.#stopped.signal]);
      const result = await this.#components.run(lease.task, signal, {
        onProgress: (progress) => {
          running.progress = progress;
        },
        onGrown: (seconds, begun) => this.#components.coordinator.grow(lease, seconds, begun, signal),
        onMade: () => {
          running.inSlot = false;
          made();
          this.#open();
        },
      });
      running.finished = true;
      await this.#complete(lease, result, AbortSignal.any([abort.signal, this.#ended.signal]));
    } catch (error) {
      // A renewal after the word of failure would bring the lease back.
      await this.#keeper.letGo(running);
      if (!abort.signal.aborted) await this.#fail(lease, toReelmeshError(error));
    } finally {
      void this.#keeper.letGo(running);
      this.#running.delete(running);
      if (this.#running.size === 0) for (const settle of [...this.#onIdle]) settle();
      this.#open();
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
        if (isTransient(error)) await this.#components.clock.sleep(RETRY_MS, signal);
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
    const nodesFault = this.#components.isNodesFault?.(error) ?? false;
    const handedBack = stopping || nodesFault || error.code === "UNAVAILABLE";
    if (handedBack && !stopping) await this.#components.clock.sleep(INPUT_RETRY_MS);
    const { job, name } = lease.task;
    this.#components.report(stopping ? "task handed back" : "task failed", { job, task: name, reason: error.message });
    try {
      const { code, message } = error;
      const { coordinator } = this.#components;
      await coordinator.fail(lease, message, code === "INVALID_INPUT", handedBack, code === "OTHER_FRAMES");
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
