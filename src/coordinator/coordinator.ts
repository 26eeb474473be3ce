/**
 * The effects of election and schedule: the one file of this folder that waits, appends and tells the time. Every
 * node runs one; only the one that leads answers, all others throw NOT_COORDINATOR.
 */
import { EventEmitter, setMaxListeners } from "node:events";
import { ReelmeshError } from "../core/errors.js";
import type { Fact, LogEntry } from "../core/facts.js";
import { type PageRequest, pageOfJobs } from "../core/job-pages.js";
import { fits, hasEnded, type JobRecord, type MeshState } from "../core/mesh-state.js";
import type { Clock, MeshLog } from "../core/ports.js";
import type { Task, TaskResult } from "../core/work.js";
import { CoreKeeper, type CorePort } from "./core-keeper.js";
import { type ElectionEffect, type ElectionEvent, newElection, stepElection } from "./election.js";
import { FactWriter, type Scope } from "./fact-writer.js";
import { decideControl, isSameSubmission, type JobCommand } from "./job-control.js";
import { type JobView, viewJob } from "./job-view.js";
import { factOf, identityOf, knowsInits, refuseResult, winnerOf } from "./results.js";
import {
  holdersAway,
  leasesOf,
  newSchedule,
  type ScheduleEffect,
  type ScheduleEvent,
  stepSchedule,
} from "./schedule.js";
import type { Lease, Schedule } from "./schedule-state.js";
import { type KeepSnapshot, SnapshotWriter } from "./snapshot-writer.js";

const TICK_MS = 250;
/** All renewals together stay below this many a second, however many leases there are. */
const RENEWALS_A_SECOND = 200;
const RENEW_MIN_MS = 1000;
const RENEW_MAX_MS = 5000;
/**
 * A new coordinator grants nothing for this long, so that workers can bring it their running leases; the longer the
 * more there are, since they renew the more seldom. A worker that has just asked a frozen coordinator comes 2 s later:
 * the deadline of a renewal (1.5 s), and the rest before the next (0.5 s); the third second is slack.
 */
const ADOPTION_MIN_MS = 3000;
const ADOPTION_MAX_MS = 6000;
/** A new coordinator grants nothing for this long while a node knows what the log has lost. */
const REMEMBERING_MS = 10_000;
/** Characters of a failure's reason that are kept. */
const LONGEST_REASON = 2000;
/** A leader asks the log this often whether it is there. */
const LOG_BEAT_MS = 1000;
/** A watcher hears of progress this often. */
const WATCH_MS = 500;

/** The node's one copy of the mesh state, kept by whoever tails the log. */
interface MeshTail {
  readonly state: MeshState;
  /** Id of the newest entry of the state; empty for what is no entry. */
  readonly newestId: string;
  /** True when the node has read the log to the end that it had at start. */
  readonly caughtUp: boolean;
  /** Resolves when the entry of that sequence has been applied; ABORTED when the signal fires first. */
  applied(sequence: number, signal: AbortSignal): Promise<void>;
  /** Resolves when every entry that has been applied is on this node's disk. */
  durable(): Promise<void>;
  onEntry(listener: (entry: LogEntry, job: JobRecord | undefined) => void): void;
  /** The state was replaced by another one, of another log or of a snapshot. */
  onReset(listener: () => void): void;
}

interface Members {
  live(): Set<string>;
  /** Tasks that run on all live nodes together. */
  busy(): number;
  nameOf(nodeId: string): string;
  /** Facts that live nodes know and the log has lost. */
  remembered(): number;
}

interface Components {
  nodeId: string;
  nodeName: string;
  log: MeshLog;
  tail: MeshTail;
  members: Members;
  keepSnapshot: KeepSnapshot;
  /** Entries between two snapshots, at least: the usual number when absent, fewer where much is to happen soon. */
  snapshotEntries?: number;
  clock: Clock;
  report(event: string, details: Record<string, unknown>): void;
  /** Absent where the NATS servers are not the mesh's own. */
  core?: { port: CorePort; patienceMs: number };
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
  keeper?: CoreKeeper;
  snapshots: SnapshotWriter;
  since: number;
  /** The log is being asked whether it is there. */
  asking: boolean;
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
  /** Claims that wait, by id: each is answered with a grant, or with none when the reign ends. */
  #grants = new Map<string, (grant: Grant | undefined) => void>();
  #stopTicks = () => {};

  constructor(components: Components) {
    this.#components = components;
    this.#election = newElection(components.nodeId, components.clock.now());
  }

  start(): void {
    const { tail } = this.#components;
    tail.onEntry((entry, job) => this.#onEntry(entry, job));
    tail.onReset(() => {
      // Whoever leads on a log that was replaced leads no more.
      this.#elect({ kind: "refused" });
      this.#readTerm();
    });
    this.#readTerm();
    this.#stopTicks = this.#components.clock.every(TICK_MS, () => this.#tick());
  }

  #readTerm(): void {
    const { term, coordinator } = this.#components.tail.state;
    if (term > 0) this.#elect({ kind: "termStarted", now: this.#now(), term, nodeId: coordinator.id });
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

  /** What it has under way at present, as numbers: leases, claims that wait, jobs that are watched. */
  get load(): { leases: number; claims: number; watched: number } {
    const leases = this.#reign?.schedule.leases.size ?? 0;
    return { leases, claims: this.#grants.size, watched: this.#events.eventNames().length };
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
    this.#lead();
    const claim = this.#components.clock.newId();
    if (signal.aborted) return undefined;
    const granted = new Promise<Grant | undefined>((resolve) => {
      this.#grants.set(claim, resolve);
    });
    const withdraw = () => {
      if (this.leads) this.#run({ kind: "withdraw", claim });
      this.#grants.get(claim)?.(undefined);
    };
    signal.addEventListener("abort", withdraw, { once: true });
    this.#run({ kind: "claim", now: this.#now(), claim, nodeId, light });
    const grant = await granted;
    this.#grants.delete(claim);
    signal.removeEventListener("abort", withdraw);
    if (grant === undefined) return undefined;
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
    await writer.append(
      () => {
        const job = this.#job(jobId);
        if (winnerOf(job, task) !== undefined) return undefined;
        if (hasEnded(job))
          throw new ReelmeshError("CONFLICT", `job ${jobId} is ${job.state}: the result is not wanted`);
        refusal = refuseResult(job, task, result);
        return refusal === undefined ? factOf(jobId, task, result, nodeId) : undefined;
      },
      this.#scopeOf(jobId, task, result),
    );
    if (refusal !== undefined) {
      this.fail(lease, nodeId, jobId, task, `the result of node ${nodeId} was refused: ${refusal}`, false, false);
      throw new ReelmeshError("INVALID_INPUT", `the result of ${jobId}/${task} is refused: ${refusal}`);
    }
    return winnerOf(this.#job(jobId), task) === identityOf(result);
  }

  /** A chunk may be recorded beside others of its job when what they have in common is known already. */
  #scopeOf(job: string, task: string, result: TaskResult): Scope {
    const record = this.#components.tail.state.jobs.get(job);
    return record !== undefined && knowsInits(record, result) ? { job, task } : { job };
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

  /** Enters a job; the same id again gives the job that is there, CONFLICT when its content is another. */
  async submit(fact: Fact & { kind: "jobSubmitted" }): Promise<JobView> {
    const { writer } = this.#lead();
    const { job } = fact.jobSubmitted;
    const make = () => {
      const known = this.#components.tail.state.jobs.get(job);
      if (known === undefined) return fact;
      if (isSameSubmission(known, fact)) return undefined;
      throw new ReelmeshError("CONFLICT", `job ${job} exists with another source, name or options: choose another id`);
    };
    await writer.append(make, { job });
    return this.view(job);
  }

  /** Does what a person asks of a job, and answers how it is then; a removed one, as it was. NOT_FOUND, CONFLICT. */
  async control(jobId: string, command: JobCommand): Promise<JobView> {
    const { writer } = this.#lead();
    const before = this.view(jobId);
    await writer.append(() => decideControl(this.#job(jobId), command), { job: jobId });
    return command.kind === "remove" ? before : this.view(jobId);
  }

  /** Grants work again to a node that was set aside; changes nothing for one that was not. */
  async readmit(nodeId: string): Promise<void> {
    const { writer } = this.#lead();
    const { setAside } = this.#components.tail.state;
    await writer.append(() =>
      setAside.has(nodeId) ? { kind: "nodeReadmitted", nodeReadmitted: { nodeId } } : undefined,
    );
  }

  /** Appends what a node knows and the log has lost, as far as it still fits. */
  async remember(nodeId: string, facts: Fact[]): Promise<void> {
    const { writer } = this.#lead();
    for (const fact of facts) await writer.append(() => (fits(this.#components.tail.state, fact) ? fact : undefined));
    this.#components.report("facts remembered", { node: nodeId, facts: facts.length });
  }

  view(jobId: string): JobView {
    const { schedule } = this.#lead();
    return this.#view(this.#job(jobId), leasesOf(schedule, jobId));
  }

  /** The newest jobs first, without the rows of who did what. INVALID_INPUT, NOT_FOUND as `pageOfJobs`. */
  list(request: PageRequest): { jobs: JobView[]; more: boolean } {
    const { schedule } = this.#lead();
    const { jobs, more } = pageOfJobs(this.#components.tail.state, request);
    return { jobs: jobs.map((job) => ({ ...this.#view(job, leasesOf(schedule, job.id)), finished: [] })), more };
  }

  #view(job: JobRecord, leases: Lease[]): JobView {
    const { schedule } = this.#lead();
    const waits = leases.length === 0 ? holdersAway(schedule, job) : [];
    return viewJob(job, leases, waits, this.#election.term, (id) => this.#components.members.nameOf(id));
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

  /** NOT_COORDINATOR unless this node leads, as far as it can know. */
  #lead(): Reign {
    this.#elect({ kind: "acting", now: this.#now() });
    return this.#reigning();
  }

  #reigning(): Reign {
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
    if (this.#reign === undefined) return;
    const { schedule, since, snapshots } = this.#reign;
    if (members.remembered() > 0 && now - since < REMEMBERING_MS) {
      schedule.grantsFrom = Math.max(schedule.grantsFrom, now + 2 * TICK_MS);
    }
    snapshots.tick();
    void this.#askLog(this.#reign);
    this.#run({ kind: "nodes", now, live: members.live() });
    this.#run({ kind: "tick", now });
    this.#reign?.keeper?.look();
  }

  async #askLog(reign: Reign): Promise<void> {
    if (reign.asking) return;
    reign.asking = true;
    const { log, clock } = this.#components;
    try {
      const state = await log.state(reign.end.signal);
      if (state !== undefined && this.#reign === reign) this.#elect({ kind: "log", now: this.#now() });
    } catch {
      // Silence is what counts.
    }
    await clock.sleep(LOG_BEAT_MS, reign.end.signal);
    reign.asking = false;
  }

  #onEntry(entry: LogEntry, job: JobRecord | undefined): void {
    const now = this.#now();
    if (entry.kind === "termStarted") {
      this.#elect({ kind: "termStarted", now, term: entry.term, nodeId: entry.termStarted.nodeId });
    }
    this.#elect({ kind: "acting", now });
    if (!this.leads) return;
    const done = entry.kind === "taskDone" ? { task: entry.taskDone.task } : {};
    this.#run({ kind: "changed", now, ...(job === undefined ? {} : { job, ...done }) });
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
      previous: tail.newestId,
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
    const { log, tail, members, clock, keepSnapshot, report, snapshotEntries: fewest } = this.#components;
    report("term started", { term });
    const end = new AbortController();
    // Every append that is under way listens to it.
    setMaxListeners(0, end.signal);
    const schedule = newSchedule(tail.state, clock.now(), adoptionTime(members.busy()));
    const refused = () => this.#elect({ kind: "refused" });
    const writer = new FactWriter({ log, tail, term, reign: end.signal, refused, clock });
    const { state } = tail;
    const snapshots = new SnapshotWriter({
      state,
      log,
      writer,
      keepSnapshot,
      fewest,
      reign: end.signal,
      clock,
      report,
    });
    const keeper = this.#keeper(writer, end.signal);
    this.#reign = {
      schedule,
      writer,
      snapshots,
      since: clock.now(),
      asking: false,
      end,
      ...(keeper === undefined ? {} : { keeper }),
    };
    this.#run({ kind: "nodes", now: clock.now(), live: members.live() });
  }

  #keeper(writer: FactWriter, reign: AbortSignal): CoreKeeper | undefined {
    const { core, tail, clock, report } = this.#components;
    return core && new CoreKeeper({ ...core, mesh: tail.state, writer, reign, clock, report });
  }

  #follow(): void {
    if (this.#reign === undefined) return;
    this.#components.report("term ended", { term: this.#election.term });
    this.#reign.end.abort();
    this.#reign = undefined;
    for (const answer of this.#grants.values()) answer(undefined);
  }

  #run(event: ScheduleEvent): ScheduleEffect[] {
    const { schedule } = this.#reigning();
    const effects = stepSchedule(schedule, event);
    for (const effect of effects) {
      if (effect.kind === "grant") this.#grant(effect);
      else if (effect.kind === "giveUp") this.#giveUp(effect);
      else if (effect.kind === "setAside") this.#setAside(effect);
    }
    return effects;
  }

  #grant(effect: ScheduleEffect & { kind: "grant" }): void {
    const { lease, task } = effect;
    const { job, nodeId: node, attempt, backup } = lease;
    this.#components.report("task granted", { job, task: lease.task, node, attempt, backup });
    this.#grants.get(effect.claim)?.({ lease, task });
  }

  /** Fails a job, unless the task that it would fail for is done by then. */
  #giveUp({ job, task, reason }: ScheduleEffect & { kind: "giveUp" }): void {
    this.#record(
      () => {
        if (winnerOf(this.#job(job), task) !== undefined) return undefined;
        return { kind: "jobFailed", jobFailed: { job, reason, letGo: false } };
      },
      { job },
    );
  }

  #setAside({ nodeId, reason }: ScheduleEffect & { kind: "setAside" }): void {
    this.#components.report("node set aside", { node: nodeId, reason });
    this.#record(() => {
      if (this.#components.tail.state.setAside.has(nodeId)) return undefined;
      return { kind: "nodeSetAside", nodeSetAside: { nodeId, reason } };
    });
  }

  /** Appends what nobody waits for. */
  #record(make: () => Fact | undefined, scope?: Scope): void {
    const { writer } = this.#lead();
    writer.append(make, scope).catch((error: unknown) => {
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
