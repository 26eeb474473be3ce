/**
 * What a node does while it leads: it grants tasks, hears of them, and puts what comes of them into the log. A reign ends
 * once, and answers nothing from then on.
 */
import { ReelmeshError } from "../core/errors.js";
import type { Fact, LogEntry } from "../core/facts.js";
import { hasEnded, isGrowth, type JobRecord } from "../core/job-record.js";
import { fits } from "../core/mesh-state.js";
import { neighboursOf } from "../core/video-tasks.js";
import type { EncodeResult, Task, TaskResult } from "../core/work.js";
import { CoreKeeper } from "./core-keeper.js";
import { FactWriter } from "./fact-writer.js";
import { type Dispute, disputeOf } from "./frame-disputes.js";
import { JobRequests } from "./job-requests.js";
import { PlacementKeeper } from "./placement-keeper.js";
import { factOf, identityOf, knowsInits, refuseGrowth, refuseResult, winnerOf } from "./results.js";
import { newSchedule, type ScheduleEffect, type ScheduleEvent, stepSchedule } from "./schedule.js";
import type { Lease, Schedule } from "./schedule-state.js";
import type { Scope } from "./scopes.js";
import { SnapshotWriter } from "./snapshot-writer.js";
import type { Surroundings } from "./surroundings.js";

/** All nodes together renew about so often a second, as long as there are fewer than a thousand of them. */
const RENEWALS_A_SECOND = 200;
const RENEW_MIN_MS = 1000;
const RENEW_MAX_MS = 5000;
/**
 * A new coordinator grants nothing for this long, so that workers can bring it their running leases; the longer the
 * more nodes there are, since they renew the more seldom. A worker that has just asked a frozen coordinator comes 2 s later:
 * the deadline of a renewal (1.5 s), and the rest before the next (0.5 s); the third second is slack.
 */
const ADOPTION_MIN_MS = 3000;
const ADOPTION_MAX_MS = 6000;
/** A new coordinator grants nothing for this long while a node knows what the log has lost, and truncates nothing. */
const REMEMBERING_MS = 10_000;
/** While one does, the next grants are at least this far away. */
const REMEMBERING_STEP_MS = 500;
/** Characters of a failure's reason that are kept. */
const LONGEST_REASON = 2000;

export interface GrantedLease extends Lease {
  term: number;
  renewAfterMs: number;
  description: Task;
}

/** What a worker says of a lease that it runs. */
type RunningLease = Omit<ScheduleEvent & { kind: "renew" }, "kind" | "now" | "nodeId">;

/** A node's wish for work. */
export interface WaitingClaim {
  /** Present when there was work at once. */
  granted: GrantedLease | undefined;
  /** The same as soon as there is some; undefined when it was withdrawn, or the reign is over. */
  answer: Promise<GrantedLease | undefined>;
  /** Changes nothing when it was answered. */
  withdraw(this: void): void;
}

interface Grant {
  lease: Lease;
  task: Task;
}

interface Components extends Surroundings {
  term: number;
  /** Aborted when this node stops leading. */
  end: AbortController;
  /** The log refused an append: somebody else has the term. */
  refused(): void;
}

export class Reign {
  readonly jobs: JobRequests;
  readonly #components: Components;
  readonly #schedule: Schedule;
  readonly #writer: FactWriter;
  readonly #snapshots: SnapshotWriter;
  readonly #keeper: CoreKeeper | undefined;
  readonly #placement: PlacementKeeper | undefined;
  readonly #since: number;
  /** Claims that wait, by id: each is answered with a grant, or with none when the reign ends. */
  readonly #grants = new Map<string, (grant: Grant | undefined) => void>();

  constructor(components: Components) {
    const {
      log,
      tail,
      members,
      clock,
      keepSnapshot,
      report,
      snapshotEntries: fewest,
      core,
      placement,
      term,
    } = components;
    const { state } = tail;
    const reign = components.end.signal;
    this.#components = components;
    this.#since = clock.now();
    this.#schedule = newSchedule(state, this.#since, adoptionTime(members.working()));
    const writer = new FactWriter({ log, tail, term, reign, refused: () => components.refused(), clock, report });
    this.#writer = writer;
    const from = this.#since + REMEMBERING_MS;
    this.#snapshots = new SnapshotWriter({ tail, log, writer, keepSnapshot, fewest, reign, from, clock, report });
    this.#keeper = core && new CoreKeeper({ ...core, mesh: state, writer, reign, clock, report });
    this.#placement = placement && new PlacementKeeper({ ...placement, mesh: state, writer, clock, report });
    const remembering = () => this.#remembering(this.#now());
    const schedule = this.#schedule;
    this.jobs = new JobRequests({ schedule, writer, mesh: state, members, term, reign, remembering, clock, report });
    this.#run({ kind: "nodes", now: this.#since, live: members.live(), encoders: members.encoders() });
  }

  /** Fires when it ends. */
  get signal(): AbortSignal {
    return this.#components.end.signal;
  }

  /** What it has under way at present, as numbers. */
  get load(): { leases: number; claims: number; watched: number } {
    return { leases: this.#schedule.leases.size, claims: this.#grants.size, watched: this.jobs.watched };
  }

  /** Sequence of the newest entry that the log has taken from it. */
  get taken(): number {
    return this.#writer.taken;
  }

  /** Answers those that wait; settles when no append is under way. */
  async stop(): Promise<void> {
    this.#components.end.abort();
    for (const answer of [...this.#grants.values()]) answer(undefined);
    await this.#writer.idle();
  }

  /** Time has passed. */
  tick(now: number): void {
    const { members } = this.#components;
    if (this.#remembering(now)) {
      this.#schedule.grantsFrom = Math.max(this.#schedule.grantsFrom, now + REMEMBERING_STEP_MS);
    }
    this.#snapshots.tick();
    this.#run({ kind: "nodes", now, live: members.live(), encoders: members.encoders() });
    this.#run({ kind: "tick", now });
    this.#keeper?.look();
    this.#placement?.look();
  }

  /** Whether nodes are still telling what the log has lost. */
  #remembering(now: number): boolean {
    return now - this.#since < REMEMBERING_MS && this.#components.members.remembered() > 0;
  }

  /** An entry of the log was applied. */
  applied(entry: LogEntry, job: JobRecord | undefined): void {
    const { task, reopened } = taskOf(entry);
    const changed = job === undefined ? {} : { job, ...(task === undefined ? {} : { task, reopened }) };
    this.#run({ kind: "changed", now: this.#now(), ...changed });
    if (job !== undefined) this.jobs.changed(job.id);
  }

  /** Asks for work: most are answered at once, while there is some. */
  claim(nodeId: string, light: boolean): WaitingClaim {
    const id = this.#components.clock.newId();
    let settle = (_lease: GrantedLease | undefined) => {};
    const answer = new Promise<GrantedLease | undefined>((resolve) => {
      settle = resolve;
    });
    let granted: GrantedLease | undefined;
    this.#grants.set(id, (grant) => {
      this.#grants.delete(id);
      granted = grant && this.#leased(grant);
      settle(granted);
    });
    this.#run({ kind: "claim", now: this.#now(), claim: id, nodeId, light });
    return { granted, answer, withdraw: () => this.#withdraw(id) };
  }

  #withdraw(claim: string): void {
    const answer = this.#grants.get(claim);
    if (answer === undefined) return;
    if (!this.#ended) this.#run({ kind: "withdraw", claim });
    answer(undefined);
  }

  #leased({ lease, task }: Grant): GrantedLease {
    return { term: this.#components.term, renewAfterMs: this.#renewAfter(), description: task, ...lease };
  }

  /** Keeps a node's leases: which of them are not wanted any more, and when to renew again. */
  renew(nodeId: string, leases: RunningLease[]): { unwanted: string[]; renewAfterMs: number } {
    const now = this.#now();
    const unwanted = leases.filter((running) => {
      const [answer] = this.#run({ kind: "renew", now, nodeId, ...running });
      return answer?.kind !== "renewed" || !answer.wanted;
    });
    return { unwanted: unwanted.map(({ lease }) => lease), renewAfterMs: this.#renewAfter() };
  }

  /**
   * Puts a result into the log and answers when it is there. True: this result is the one that counts; also for a
   * repeat. INVALID_INPUT: it is not what was planned. CONFLICT: the job has ended. NOT_FOUND: there is no such job.
   * UNAVAILABLE: the log may have lost something of the job, report it again.
   */
  async complete(lease: string, nodeId: string, jobId: string, task: string, result: TaskResult): Promise<boolean> {
    const writer = this.#writer;
    this.#run({ kind: "finishing", lease });
    let refusal: string | undefined;
    let dispute: Dispute = { kind: "none" };
    /** What counts as it was decided: of a job that has ended meanwhile a snapshot drops it. */
    let decided: string | undefined;
    await writer.append(
      () => {
        const job = this.jobs.find(jobId);
        decided = winnerOf(job, task);
        if (decided !== undefined) return undefined;
        if (hasEnded(job))
          throw new ReelmeshError("CONFLICT", `job ${jobId} is ${job.state}: the result is not wanted`);
        this.#refuseEarly(job, result);
        refusal = refuseResult(job, task, result);
        if (refusal === undefined) dispute = disputeOf(job, task, result);
        if (refusal !== undefined || dispute.kind !== "none") return undefined;
        decided = identityOf(result);
        return factOf(jobId, task, result, nodeId);
      },
      this.#scopeOf(jobId, task, result),
    );
    const settled = dispute as Dispute;
    if (settled.kind === "reopen") {
      await this.#reopen(jobId, settled.tasks);
      return this.complete(lease, nodeId, jobId, task, result);
    }
    if (settled.kind !== "none") refusal = settled.reason;
    if (refusal !== undefined) {
      this.#refuse(lease, nodeId, jobId, task, `the result of node ${nodeId} was refused: ${refusal}`, settled);
      throw new ReelmeshError("INVALID_INPUT", `the result of ${jobId}/${task} is refused: ${refusal}`);
    }
    const job = this.jobs.find(jobId);
    return (winnerOf(job, task) ?? (hasEnded(job) ? decided : undefined)) === identityOf(result);
  }

  /**
   * UNAVAILABLE for what may stand in the way of what the log has lost, and nodes remember. A package is of all chunks:
   * where some are missing, they are on their way back, also when no node has told so yet in this young term.
   */
  #refuseEarly(job: JobRecord, result: TaskResult): void {
    this.jobs.refuseEarly(job.id);
    if (result.kind !== "package" || job.state === "packaging" || this.#now() >= this.#schedule.grantsFrom) return;
    throw new ReelmeshError("UNAVAILABLE", `job ${job.id} lacks chunks that may come back: report its package again`);
  }

  /**
   * Puts the beginning of a track into the log, if it is more than is known, and answers when it is there. Nobody needs
   * a lease for it, as with a result. INVALID_INPUT: it is not what was planned. NOT_FOUND: there is no such job.
   */
  async grow(nodeId: string, jobId: string, task: string, seconds: number, result: EncodeResult): Promise<void> {
    let refusal: string | undefined;
    await this.#writer.append(
      () => {
        const job = this.jobs.find(jobId);
        if (!isGrowth(job, task, seconds)) return undefined;
        refusal = refuseGrowth(job, task, result);
        if (refusal !== undefined) return undefined;
        return { kind: "taskGrown", taskGrown: { job: jobId, task, seconds, result, nodeId } };
      },
      { job: jobId, task },
    );
    if (refusal === undefined) return;
    throw new ReelmeshError("INVALID_INPUT", `the beginning of ${jobId}/${task} is refused: ${refusal}`);
  }

  /** Takes back results that count, as far as they are still there. */
  async #reopen(job: string, tasks: string[]): Promise<void> {
    for (const task of tasks) {
      this.#components.report("task reopened", { job, task });
      const make = (): Fact | undefined => {
        const known = this.jobs.find(job);
        const wanted = !hasEnded(known) && known.finished.get(task)?.result.proof?.linear === false;
        return wanted ? { kind: "taskReopened", taskReopened: { job, task } } : undefined;
      };
      await this.#writer.append(make, { job });
    }
  }

  #refuse(lease: string, nodeId: string, job: string, task: string, reason: string, dispute: Dispute): void {
    const now = this.#now();
    const disputed = dispute.kind === "linear";
    this.#components.report("task failed", { job, task, node: nodeId, reason, handedBack: false, disputed });
    this.#run({ kind: "fail", now, lease, job, task, nodeId, reason, permanent: false, disputed });
  }

  /** A chunk may be recorded beside others of its job when what they have in common is known already. */
  #scopeOf(job: string, task: string, result: TaskResult): Scope {
    const record = this.#components.tail.state.jobs.get(job);
    if (record === undefined || !knowsInits(record, result)) return { job };
    return { job, task, beside: Object.values(neighboursOf(task)) };
  }

  fail(
    lease: string,
    nodeId: string,
    job: string,
    task: string,
    reason: string,
    permanent: boolean,
    handedBack: boolean,
    otherFrames = false,
  ): void {
    const now = this.#now();
    this.#components.report("task failed", { job, task, node: nodeId, reason, handedBack });
    if (handedBack) {
      this.#run({ kind: "handBack", now, lease });
      return;
    }
    const short = reason.slice(0, LONGEST_REASON);
    this.#run({ kind: "fail", now, lease, job, task, nodeId, reason: short, permanent, otherFrames });
  }

  get #ended(): boolean {
    return this.#components.end.signal.aborted;
  }

  #now(): number {
    return this.#components.clock.now();
  }

  #renewAfter(): number {
    return renewalTime(this.#schedule.working);
  }

  #run(event: ScheduleEvent): ScheduleEffect[] {
    if (this.#ended) throw new ReelmeshError("NOT_COORDINATOR", "this node does not coordinate any more: ask again");
    const effects = stepSchedule(this.#schedule, event);
    for (const effect of effects) {
      if (effect.kind === "grant") this.#grant(effect);
      else if (effect.kind === "giveUp") this.#giveUp(effect);
      else if (effect.kind === "replan") this.#replan(effect);
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
    const isWanted = () => winnerOf(this.jobs.find(job), task) === undefined;
    this.#record({ kind: "jobFailed", jobFailed: { job, reason, letGo: false } }, { job }, isWanted);
  }

  #replan({ job, reason }: ScheduleEffect & { kind: "replan" }): void {
    this.#components.report("job planned anew", { job, reason });
    this.#record({ kind: "jobReplanned", jobReplanned: { job, reason } }, { job });
  }

  #setAside({ nodeId, reason }: ScheduleEffect & { kind: "setAside" }): void {
    this.#components.report("node set aside", { node: nodeId, reason });
    this.#record({ kind: "nodeSetAside", nodeSetAside: { nodeId, reason } });
  }

  /** Appends what nobody waits for, if it tells the mesh anything by then and is still wanted. */
  #record(fact: Fact, scope?: Scope, isWanted = () => true): void {
    const { state } = this.#components.tail;
    const make = () => (fits(state, fact) && isWanted() ? fact : undefined);
    this.#writer.append(make, scope).catch((error: unknown) => {
      if (error instanceof ReelmeshError && error.code === "NOT_COORDINATOR") return;
      this.#components.report("append failed", { error });
    });
  }
}

/** The one task that an entry speaks of. */
function taskOf(entry: LogEntry): { task?: string; reopened: boolean } {
  if (entry.kind === "taskDone") return { task: entry.taskDone.task, reopened: false };
  if (entry.kind === "taskGrown") return { task: entry.taskGrown.task, reopened: false };
  if (entry.kind === "taskReopened") return { task: entry.taskReopened.task, reopened: true };
  return { reopened: false };
}

/** Milliseconds between two renewals of a node's leases, by how many nodes have some. */
function renewalTime(nodes: number): number {
  return Math.round(Math.min(RENEW_MAX_MS, Math.max(RENEW_MIN_MS, (nodes / RENEWALS_A_SECOND) * 1000)));
}

function adoptionTime(nodes: number): number {
  return Math.min(ADOPTION_MAX_MS, Math.max(ADOPTION_MIN_MS, renewalTime(nodes) + 1000));
}
