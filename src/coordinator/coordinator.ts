/**
 * The effects of election and schedule: the one file of this folder that waits, appends and tells the time. Every
 * node runs one; only the one that leads answers, all others throw NOT_COORDINATOR.
 */
import { EventEmitter } from "node:events";
import { ReelmeshError } from "../core/errors.js";
import type { Fact, LogEntry } from "../core/facts.js";
import { fits, hasEnded, type JobRecord, type MeshState } from "../core/mesh-state.js";
import type { Clock, MeshLog } from "../core/ports.js";
import type { Task, TaskResult } from "../core/work.js";
import { type ElectionEffect, type ElectionEvent, newElection, stepElection } from "./election.js";
import { FactWriter } from "./fact-writer.js";
import { type JobView, viewJob } from "./job-view.js";
import { factOf, identityOf, refuseResult, winnerOf } from "./results.js";
import {
  holdersAway,
  type Lease,
  newSchedule,
  type Schedule,
  type ScheduleEffect,
  type ScheduleEvent,
  stepSchedule,
} from "./schedule.js";

const TICK_MS = 250;
/** All renewals together stay below this many a second, however many leases there are. */
const RENEWALS_A_SECOND = 200;
const RENEW_MIN_MS = 1000;
const RENEW_MAX_MS = 5000;
/**
 * A new coordinator grants nothing for this long, so that workers can bring it their running leases; the longer the
 * more there are, since they renew the more seldom.
 */
const ADOPTION_MIN_MS = 2000;
const ADOPTION_MAX_MS = 6000;
/** Characters of a failure's reason that are kept. */
const LONGEST_REASON = 2000;
/** A watcher hears of progress this often. */
const WATCH_MS = 500;

/** The node's one copy of the mesh state, kept by whoever tails the log. */
interface MeshTail {
  readonly state: MeshState;
  /** True when the node has read the log to the end that it had at start. */
  readonly caughtUp: boolean;
  /** Resolves when the entry of that sequence has been applied; ABORTED when the signal fires first. */
  applied(sequence: number, signal: AbortSignal): Promise<void>;
  onEntry(listener: (entry: LogEntry, job: JobRecord | undefined) => void): void;
}

interface Members {
  live(): Set<string>;
  /** Tasks that run on all live nodes together. */
  busy(): number;
  nameOf(nodeId: string): string;
}

interface Components {
  nodeId: string;
  nodeName: string;
  log: MeshLog;
  tail: MeshTail;
  members: Members;
  clock: Clock;
  report(event: string, details: Record<string, unknown>): void;
}

export interface GrantedLease extends Lease {
  term: number;
  renewAfterMs: number;
  description: Task;
}

interface Grant {
  lease: Lease;
  task: Task;
}

/** What a node has while it leads. */
interface Reign {
  schedule: Schedule;
  writer: FactWriter;
  /** Aborted when this node stops leading. */
  end: AbortController;
}

export class Coordinator {
  readonly #components: Components;
  readonly #election;
  readonly #events = new EventEmitter().setMaxListeners(0);
  readonly #stopped = new AbortController();
  /** Present while this node leads. */
  #reign: Reign | undefined;
  #grants = new Map<string, (grant: Grant) => void>();
  #stopTicks = () => {};

  constructor(components: Components) {
    this.#components = components;
    this.#election = newElection(components.nodeId, components.clock.now());
  }

  start(): void {
    this.#components.tail.onEntry((entry, job) => this.#onEntry(entry, job));
    const { term, coordinator } = this.#components.tail.state;
    if (term > 0) this.#elect({ kind: "termStarted", now: this.#now(), term, nodeId: coordinator.id });
    this.#stopTicks = this.#components.clock.every(TICK_MS, () => this.#tick());
  }

  async stop(): Promise<void> {
    this.#stopTicks();
    this.#stopped.abort();
    const writer = this.#reign?.writer;
    this.#follow();
    await writer?.idle();
  }

  get leads(): boolean {
    return this.#reign !== undefined;
  }

  /** A heartbeat of any node. */
  heard(nodeId: string, term: number, coordinates: boolean, stopped: boolean): void {
    this.#elect({ kind: "heard", now: this.#now(), nodeId, term, coordinates, stopped });
  }

  /** NATS was reached, or lost. */
  busChanged(connected: boolean): void {
    this.#elect({ kind: "bus", now: this.#now(), connected });
  }

  /** Waits for work until the signal; undefined when there was none. */
  async claim(nodeId: string, light: boolean, signal: AbortSignal): Promise<GrantedLease | undefined> {
    const { end } = this.#lead();
    const claim = this.#components.clock.newId();
    const ended = AbortSignal.any([signal, end.signal]);
    if (ended.aborted) return undefined;
    const granted = new Promise<Grant | undefined>((resolve) => {
      this.#grants.set(claim, resolve);
      ended.addEventListener("abort", () => resolve(undefined), { once: true });
    });
    this.#run({ kind: "claim", now: this.#now(), claim, nodeId, light });
    const grant = await granted;
    this.#grants.delete(claim);
    if (grant === undefined) {
      if (this.leads) this.#run({ kind: "withdraw", claim });
      return undefined;
    }
    return {
      ...grant.lease,
      term: this.#election.term,
      renewAfterMs: this.#renewAfter(),
      description: grant.task,
    };
  }

  renew(request: Omit<ScheduleEvent & { kind: "renew" }, "kind" | "now">): { wanted: boolean; renewAfterMs: number } {
    this.#lead();
    const effects = this.#run({ kind: "renew", now: this.#now(), ...request });
    const answer = effects.find((effect) => effect.kind === "renewed");
    return { wanted: answer?.wanted ?? false, renewAfterMs: this.#renewAfter() };
  }

  /**
   * Puts a result into the log and answers when it is there. True: this result is the one that counts; also for a
   * repeat. INVALID_INPUT: it is not what was planned. CONFLICT: the job has ended. NOT_FOUND: there is no such job.
   */
  async complete(lease: string, nodeId: string, jobId: string, task: string, result: TaskResult): Promise<boolean> {
    const { writer } = this.#lead();
    this.#run({ kind: "finishing", lease });
    let refusal: string | undefined;
    await writer.append(() => {
      const job = this.#job(jobId);
      if (winnerOf(job, task) !== undefined) return undefined;
      if (hasEnded(job)) throw new ReelmeshError("CONFLICT", `job ${jobId} is ${job.state}: the result is not wanted`);
      refusal = refuseResult(job, task, result);
      return refusal === undefined ? factOf(jobId, task, result, nodeId) : undefined;
    });
    if (refusal !== undefined) {
      this.fail(lease, nodeId, jobId, task, `the result of node ${nodeId} was refused: ${refusal}`, false, false);
      throw new ReelmeshError("INVALID_INPUT", `the result of ${jobId}/${task} is refused: ${refusal}`);
    }
    return winnerOf(this.#job(jobId), task) === identityOf(result);
  }

  fail(
    lease: string,
    nodeId: string,
    job: string,
    task: string,
    reason: string,
    permanent: boolean,
    handedBack: boolean,
  ): void {
    this.#lead();
    const now = this.#now();
    this.#components.report("task failed", { job, task, node: nodeId, reason, handedBack });
    if (handedBack) this.#run({ kind: "handBack", now, lease });
    else this.#run({ kind: "fail", now, lease, job, task, nodeId, reason: reason.slice(0, LONGEST_REASON), permanent });
  }

  /** Enters a job; the same id again gives the job that is there, CONFLICT when it has another source. */
  async submit(fact: Fact & { kind: "jobSubmitted" }): Promise<JobView> {
    const { writer } = this.#lead();
    const { job, source } = fact.jobSubmitted;
    await writer.append(() => {
      const known = this.#components.tail.state.jobs.get(job);
      if (known !== undefined && known.source.sha256 !== source?.sha256) {
        throw new ReelmeshError("CONFLICT", `job ${job} exists with another source: choose another id`);
      }
      return known === undefined ? fact : undefined;
    });
    return this.view(job);
  }

  async cancel(jobId: string): Promise<JobView> {
    const { writer } = this.#lead();
    await writer.append(() => {
      const job = this.#job(jobId);
      if (job.state === "cancelled") return undefined;
      if (hasEnded(job)) throw new ReelmeshError("CONFLICT", `job ${jobId} is ${job.state} already: nothing to cancel`);
      return { kind: "jobCancelled", jobCancelled: { job: jobId } };
    });
    return this.view(jobId);
  }

  /** Appends what a node knows and the log has lost, as far as it still fits. */
  async remember(nodeId: string, facts: Fact[]): Promise<void> {
    const { writer } = this.#lead();
    for (const fact of facts) await writer.append(() => (fits(this.#components.tail.state, fact) ? fact : undefined));
    this.#components.report("facts remembered", { node: nodeId, facts: facts.length });
  }

  view(jobId: string): JobView {
    const { schedule } = this.#lead();
    const job = this.#job(jobId);
    const leases = [...schedule.leases.values()].filter((lease) => lease.job === jobId);
    const waits = leases.length === 0 ? holdersAway(schedule, job) : [];
    return viewJob(job, leases, waits, this.#election.term, (id) => this.#components.members.nameOf(id));
  }

  /** The newest jobs first, without the rows of who did what. */
  list(limit: number): JobView[] {
    this.#lead();
    const ids = [...this.#components.tail.state.jobs.keys()];
    return ids
      .slice(-limit)
      .reverse()
      .map((id) => ({ ...this.view(id), finished: [] }));
  }

  /** The job now and at every change, until it has ended. UNAVAILABLE when this node stops leading meanwhile. */
  async *watch(jobId: string, signal: AbortSignal): AsyncIterable<JobView> {
    let shown = "";
    while (!signal.aborted) {
      const view = this.view(jobId);
      const text = JSON.stringify(view);
      if (text !== shown) yield view;
      shown = text;
      if (view.endedMs !== 0) return;
      await this.#change(jobId, signal);
    }
  }

  /** Resolves when the job has changed, a moment has passed, or the signal fires. */
  async #change(jobId: string, signal: AbortSignal): Promise<void> {
    const changed = new AbortController();
    const wake = () => changed.abort();
    const name = `job ${jobId}`;
    this.#events.once(name, wake);
    signal.addEventListener("abort", wake, { once: true });
    await this.#components.clock.sleep(WATCH_MS, changed.signal);
    this.#events.off(name, wake);
    signal.removeEventListener("abort", wake);
  }

  #now(): number {
    return this.#components.clock.now();
  }

  #lead(): Reign {
    if (this.#reign !== undefined) return this.#reign;
    throw new ReelmeshError("NOT_COORDINATOR", `node ${this.#components.nodeName} does not coordinate now: ask again`);
  }

  #job(jobId: string): JobRecord {
    const job = this.#components.tail.state.jobs.get(jobId);
    if (job !== undefined) return job;
    throw new ReelmeshError("NOT_FOUND", `there is no job ${jobId}: "reelmesh jobs" lists those that there are`);
  }

  #renewAfter(): number {
    return renewalTime(this.#reign?.schedule.leases.size ?? 0);
  }

  #tick(): void {
    const { clock, tail, members } = this.#components;
    const now = clock.now();
    this.#elect({ kind: "tick", now, random: clock.random(), caughtUp: tail.caughtUp });
    if (!this.leads) return;
    this.#run({ kind: "nodes", now, live: members.live() });
    this.#run({ kind: "tick", now });
  }

  #onEntry(entry: LogEntry, job: JobRecord | undefined): void {
    const now = this.#now();
    if (entry.kind === "termStarted") {
      this.#elect({ kind: "termStarted", now, term: entry.term, nodeId: entry.termStarted.nodeId });
    }
    if (!this.leads) return;
    this.#run({ kind: "changed", now, ...(job === undefined ? {} : { job }) });
    if (job !== undefined) this.#events.emit(`job ${job.id}`);
  }

  #elect(event: ElectionEvent): void {
    for (const effect of stepElection(this.#election, event)) this.#electionEffect(effect);
  }

  #electionEffect(effect: ElectionEffect): void {
    if (effect.kind === "stand") {
      this.#stand(effect.term).catch((cause: unknown) => this.#components.report("candidacy failed", { cause }));
    } else if (effect.kind === "lead") this.#beginReign(effect.term);
    else this.#follow();
  }

  async #stand(term: number): Promise<void> {
    const { nodeId, nodeName, tail, log, clock } = this.#components;
    const entry: LogEntry = {
      id: clock.newId(),
      term,
      atMs: clock.wallClock(),
      kind: "termStarted",
      termStarted: { nodeId, nodeName },
    };
    const after = tail.state.sequence;
    let won = false;
    try {
      const sequence = await log.append(entry, after, this.#stopped.signal);
      await tail.applied(sequence, this.#stopped.signal);
      won = true;
    } catch (error) {
      const expected = error instanceof ReelmeshError && ["CONFLICT", "UNAVAILABLE", "ABORTED"].includes(error.code);
      if (!expected) throw error;
    } finally {
      this.#elect({ kind: "stood", now: this.#now(), term, won });
    }
  }

  #beginReign(term: number): void {
    const { log, tail, members, clock, report } = this.#components;
    report("term started", { term });
    const end = new AbortController();
    const schedule = newSchedule(tail.state, clock.now(), adoptionTime(members.busy()));
    schedule.live = members.live();
    const refused = () => this.#elect({ kind: "refused" });
    const writer = new FactWriter({ log, tail, term, reign: end.signal, refused, clock });
    this.#reign = { schedule, writer, end };
  }

  #follow(): void {
    if (this.#reign === undefined) return;
    this.#components.report("term ended", { term: this.#election.term });
    this.#reign.end.abort();
    this.#reign = undefined;
  }

  #run(event: ScheduleEvent): ScheduleEffect[] {
    const { schedule } = this.#lead();
    const effects = stepSchedule(schedule, event);
    for (const effect of effects) {
      if (effect.kind === "grant") this.#grant(effect);
      else if (effect.kind === "giveUp") this.#giveUp(effect);
    }
    return effects;
  }

  #grant(effect: ScheduleEffect & { kind: "grant" }): void {
    const { lease, task } = effect;
    this.#components.report("task granted", { job: lease.job, task: lease.task, node: lease.nodeId });
    this.#grants.get(effect.claim)?.({ lease, task });
  }

  /** Fails a job, unless the task that it would fail for is done by then. */
  #giveUp({ job, task, reason }: ScheduleEffect & { kind: "giveUp" }): void {
    const { writer } = this.#lead();
    const append = writer.append(() => {
      if (winnerOf(this.#job(job), task) !== undefined) return undefined;
      return { kind: "jobFailed", jobFailed: { job, reason } };
    });
    append.catch((error: unknown) => {
      if (error instanceof ReelmeshError && error.code === "NOT_COORDINATOR") return;
      this.#components.report("append failed", { error });
    });
  }
}

/** Milliseconds between two renewals of a lease. */
function renewalTime(leases: number): number {
  return Math.round(Math.min(RENEW_MAX_MS, Math.max(RENEW_MIN_MS, (leases / RENEWALS_A_SECOND) * 1000)));
}

function adoptionTime(leases: number): number {
  return Math.min(ADOPTION_MAX_MS, Math.max(ADOPTION_MIN_MS, renewalTime(leases) + 1000));
}
