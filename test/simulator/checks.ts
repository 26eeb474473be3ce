/**
 * What must hold after every step (FAULTS.md, A to D). The truth is folded here from the entries that the log took, by
 * rules of its own, so that a mistake in the real fold shows as a difference.
 */
import type { LogEntry } from "../../src/core/facts.js";
import type { JobRecord } from "../../src/core/job-record.js";
import type { FrameProof, TaskResult } from "../../src/core/work.js";
import type { RunningLease__Output } from "../../src/gen/reelmesh/v1/RunningLease.js";
import type { Machine, VirtualNode } from "./machine.js";
import { TruthFold } from "./truth.js";

/** Leases live this long without a renewal (schedule.ts). */
const LEASE_MS = 15_000;
/** After the log was lost, its facts are back. */
const RECOVERY_MS = 60_000;
/** After this long without trouble, who works and who leads must have found each other. */
const SETTLED_MS = 12_000;

/** Nobody is slow sooner than this (leases.ts). */
const SOONEST_BACKUP_MS = 5_000;

/** Work that tells no more progress for so long is taken for one that hangs (schedule-state.ts). */
const HANG_MS = 60_000;

interface Run {
  since: number;
  provenAt: number;
  /** What the newest renewal told, and since when no other told more. */
  progress: number;
  progressAt: number;
}

/** A grant as the coordinator tells it. */
interface Granted {
  job: string;
  task: string;
  node: string;
  /** It knows that another node runs the task, which is slow. */
  backup: boolean;
}

export class Checks {
  /** The first thing that did not hold. */
  violation: string | undefined;
  truth = new TruthFold();
  readonly counts = {
    runs: 0,
    repeated: 0,
    staleGrants: 0,
    doubleGrants: 0,
    backups: 0,
    terms: 0,
    reopened: 0,
    replanned: 0,
  };
  /** What the log took; undefined for what was no entry. */
  readonly entries: (LogEntry | undefined)[] = [];
  /** What the truth said of the job that an entry changed, by sequence. */
  readonly #told: string[] = [];
  /** The log's history behind each entry. */
  readonly #histories: string[] = [];
  /** Sequence of the entry with which a job was planned anew. */
  readonly #replannedAt = new Map<string, number>();
  #foundings = 0;
  /** What the log has lost may be missing until then. */
  #recoversUntil = 0;
  readonly #leaders = new Map<number, VirtualNode>();
  readonly #lostTerms = new Set<number>();
  /** The newest term that each has led. */
  readonly #terms = new Map<VirtualNode, number>();
  readonly #acknowledged = new Map<string, string>();
  readonly #proofs = new Map<string, FrameProof | null>();
  /** An answer that was on its way may speak of a result that counts no more. */
  readonly #reopened = new Set<string>();
  readonly #submitted = new Set<string>();
  readonly #cancelled = new Set<string>();
  readonly #removed = new Set<string>();
  /** Acknowledged before the log was lost, while not all who knew it stayed: the mesh may have decided anew. */
  readonly #uncertain = new Set<string>();
  /** By job/task and node: who runs it, as far as grants and renewals that were answered say. */
  readonly #running = new Map<string, Map<string, Run>>();
  /** The term of the newest grant of a task to a node. */
  readonly #granted = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  fail(rule: string, text: string): void {
    this.violation ??= `${rule}: ${text} (at ${(this.#now() / 1000).toFixed(3)} s)`;
  }

  // ---- the log -----------------------------------------------------------------------------------------------------

  /** The log has taken an entry. */
  committed(sequence: number, entry: LogEntry | undefined): void {
    this.entries.push(entry);
    if (entry === undefined) this.truth.pass();
    const job = entry === undefined ? undefined : this.#apply(sequence, entry);
    this.#told.push(job === undefined ? "" : this.truth.describe(job));
    this.#histories.push(this.truth.history);
  }

  /** A new log begins: what it says before its first entry is what the founder has read. */
  founded(first: number): void {
    this.#foundings++;
    this.#recoversUntil = this.#now() + RECOVERY_MS;
    this.entries.length = first - 1;
    this.#told.length = first - 1;
    this.#histories.length = first - 1;
    this.truth = foldOf(this.entries);
    // A node that has not heard of a term that the log has lost gives it again.
    for (const term of this.#leaders.keys()) if (term > this.truth.term) this.#lostTerms.add(term);
  }

  /** A node that may know what the log has lost goes away; what it brings back later may have been decided anew. */
  knowerGone(): void {
    if (!this.recovering) return;
    for (const name of [...this.#acknowledged.keys(), ...this.#cancelled]) this.#uncertain.add(name);
  }

  /** What the log has lost may be missing. */
  get recovering(): boolean {
    return this.#now() < this.#recoversUntil && this.#foundings > 1;
  }

  #apply(sequence: number, entry: LogEntry): string | undefined {
    if (!this.truth.follows(entry)) return this.truth.apply(entry);
    const { term } = this.truth;
    // What the one before had under way; where nobody knows what it follows, its term alone makes it void.
    if (entry.history === "" && entry.term < term) return this.truth.apply(entry);
    if (entry.term < term) this.fail("D", `entry ${sequence} of term ${entry.term} stands after term ${term} began`);
    if (entry.kind === "termStarted" && entry.term <= term) this.fail("D", `term ${entry.term} has begun twice`);
    if (entry.kind === "taskReopened") this.#reopen(`${entry.taskReopened.job}/${entry.taskReopened.task}`);
    const changed = this.truth.apply(entry);
    if (entry.kind === "jobReplanned" && changed) {
      this.#replannedAt.set(changed, sequence);
      this.#replan(`${changed}/`);
    }
    // Who still ran it when it was done first has no lease any more, and hears so at the next renewal.
    if (entry.kind === "taskReopened" && changed) this.#running.delete(`${changed}/${entry.taskReopened.task}`);
    if (entry.kind === "taskDone" && changed) {
      const { job, task, result } = entry.taskDone;
      this.#proofs.set(`${job}/${task}`, result?.proof ?? null);
    }
    if (entry.kind === "jobFinished" && changed && this.#foundings === 1) this.#joined(entry.jobFinished.job);
    return changed;
  }

  #replan(job: string): void {
    this.counts.replanned++;
    for (const key of [...this.#acknowledged.keys()].filter((one) => one.startsWith(job))) this.#reopen(key);
    for (const key of this.#proofs.keys()) if (key.startsWith(job)) this.#proofs.delete(key);
    // Who runs a task of that plan is not asked.
    for (const key of this.#running.keys()) if (key.startsWith(job)) this.#running.delete(key);
    // What is still answered about its first plan.
    for (const task of ["plan", ...Array.from({ length: 9 }, (_, chunk) => `chunk-${chunk + 1}`)]) {
      this.#reopened.add(`${job}${task}`);
    }
  }

  /** The chunks of a finished job were made of one and the same source. */
  #joined(job: string): void {
    for (let chunk = 1; ; chunk++) {
      const [proof, next] = [0, 1].map((step) => this.#proofs.get(`${job}/chunk-${chunk + step}`));
      if (!proof || !next) return;
      if (proof.last !== next.lead || proof.tail !== next.first) {
        this.fail("F", `${job} is done, and its chunks ${chunk} and ${chunk + 1} saw different frames`);
      }
    }
  }

  /** The one way in which what was acknowledged may change: by a fact in the log. */
  #reopen(key: string): void {
    this.counts.reopened++;
    this.#acknowledged.delete(key);
    this.#reopened.add(key);
  }

  /** A node is about to write. */
  appending(node: VirtualNode, entry: LogEntry): void {
    const { term } = node.tail.state;
    if (entry.term < term) {
      this.fail("D", `${node.machine.id} writes in term ${entry.term} and has seen term ${term}`);
    }
  }

  /** A node has applied an entry. */
  applied(node: VirtualNode, entry: LogEntry, job: JobRecord | undefined): void {
    const { state } = node.tail;
    const { id } = node.machine;
    const mine = this.entries[state.sequence - 1];
    // What it has read of a log that is gone is its own to remember.
    if (this.#foundings > 1 && mine?.id !== entry.id) return;
    // So is what it has written behind that: it finds out when it asks what stands there.
    if (this.#foundings > 1 && state.history !== this.#histories[state.sequence - 1]) return;
    if (mine?.id !== entry.id) this.fail("B", `${id} has read another entry ${state.sequence} than the log took`);
    const told = this.#told[state.sequence - 1];
    const tells = job === undefined || !state.jobs.has(job.id) ? "" : describeRecord(job);
    if (told !== tells) this.fail("B", `${id} makes of entry ${state.sequence} "${tells}", which is "${told}"`);
  }

  /** A node has folded its copy: it is the truth at that sequence. */
  restored({ machine, tail: { state } }: VirtualNode): void {
    if (this.#foundings > 1) return;
    const then = foldOf(this.entries.slice(0, state.sequence));
    this.#compare(machine.id, state, then);
  }

  /** A node that has read everything holds the truth. */
  settled({ machine, tail: { state } }: VirtualNode): void {
    if (state.sequence !== this.entries.length) {
      this.fail("B", `${machine.id} stands at ${state.sequence} of ${this.entries.length}`);
    } else this.#compare(machine.id, state, this.truth);
  }

  #compare(id: string, state: VirtualNode["tail"]["state"], truth: TruthFold): void {
    if (state.term !== truth.term) this.fail("D", `${id} is in term ${state.term}, not ${truth.term}`);
    const theirs = [...state.jobs.values()].map(describeRecord).join("\n");
    const own = truth.describeAll();
    if (theirs !== own) this.fail("B", `${id} has at ${state.sequence}:\n${theirs}\nwhere the log says\n${own}`);
    const active = [...state.jobs.values()].filter((job) => truth.isActive(job.id)).map((job) => job.id);
    // In whatever order: one that was retried is the newest of them.
    if (active.sort().join() !== [...state.active].sort().join())
      this.fail("A", `${id} takes ${[...state.active]} for active`);
  }

  // ---- terms and grants ----------------------------------------------------------------------------------------------

  leads(node: VirtualNode, term: number): void {
    this.counts.terms++;
    const other = this.#leaders.get(term);
    if (other !== undefined && !this.#lostTerms.delete(term))
      this.fail("D", `${node.machine.id} and ${other.machine.id} both lead term ${term}`);
    this.#leaders.set(term, node);
    this.#terms.set(node, term);
    if (term > this.truth.term) this.fail("D", `${node.machine.id} leads term ${term}, which the log does not know`);
  }

  granted(leader: VirtualNode, { job, task, node: nodeId, backup }: Granted, machines: Machine[]): void {
    const term = this.#terms.get(leader) ?? 0;
    const seen = leader.tail.state.term;
    const key = `${job}/${task}`;
    const { id } = leader.machine;
    if (term < seen) this.fail("D", `${id} grants ${key} in term ${term} and has seen term ${seen}`);
    this.#granted.set(`${key} ${nodeId}`, term);
    if (term < this.truth.term) {
      this.counts.staleGrants++;
      return;
    }
    if (leader.tail.state.jobs.get(job)?.paused) this.fail("B", `${id} grants ${key} of a paused job`);
    // Of the old plan, whose runs are not asked.
    if (leader.tail.state.sequence < (this.#replannedAt.get(job) ?? 0)) return;
    const winner = this.#uncertain.has(key) ? undefined : this.#acknowledged.get(key);
    if (winner !== undefined) this.fail("B", `${id} grants ${key} again, which was acknowledged: ${winner}`);
    const others = this.#othersOf(key, nodeId);
    if (backup) this.#backedUp(leader, { job, task }, others, machines);
    else if (others.length > 0) this.#doubled(leader, key, nodeId, others, machines);
    const now = this.#now();
    this.#runs(key).set(nodeId, { since: now, provenAt: now, progress: 0, progressAt: now });
  }

  /** A second run on purpose: of a chunk that is open, and that one other node has been running for a while. */
  #backedUp(
    leader: VirtualNode,
    { job, task }: Pick<Granted, "job" | "task">,
    others: [string, Run][],
    machines: Machine[],
  ): void {
    const key = `${job}/${task}`;
    this.counts.backups++;
    // A coordinator that came later need not know of a run that ended with its node, or is cut off with it.
    const runs = ([runner]: [string, Run]) => this.#isCalm(machines, runner) && isRunning(machines, runner, key);
    const isOpen = this.truth.isOpenChunk(job, task);
    // It may be one whose plan is among what the log has lost, and the leader not have heard of that yet.
    const hasLost = leader.tail.state.sequence > this.entries.length;
    if (!isOpen && !hasLost) this.fail("B", `${key} gets a backup run and is no open chunk`);
    const [first = others[0], ...more] = others.filter(runs);
    if (first !== undefined && more.length > 0)
      this.fail("B", `${key} gets a third run, beside ${[first, ...more].map(([node]) => node).join(" and ")}`);
    const taken = first === undefined ? Number.POSITIVE_INFINITY : this.#now() - first[1].since;
    if (taken < SOONEST_BACKUP_MS) this.fail("B", `${key} gets a backup run after ${taken} ms`);
  }

  /** A second run that its coordinator does not know for one: a fault where the first could have been told of. */
  #doubled(leader: VirtualNode, key: string, to: string, others: [string, Run][], machines: Machine[]): void {
    this.counts.doubleGrants++;
    const now = this.#now();
    const isCalm = (one: string) => this.#isCalm(machines, one);
    for (const [runner, { progress, progressAt }] of others) {
      if (!isCalm(runner) || !isCalm(leader.machine.id)) continue;
      // Its lease was ended for want of progress: the worker hears so at its next renewal, which may come just after this.
      if (progress > 0 && now - progressAt > HANG_MS) continue;
      if (isRunning(machines, runner, key))
        this.fail("B", `${leader.machine.id} grants ${key} to ${to} while ${runner} runs it and could say so`);
    }
  }

  /** Nothing has happened to the machine for so long that whoever asks for its runs knows them. */
  #isCalm(machines: Machine[], id: string): boolean {
    const machine = machines.find((one) => one.id === id);
    return this.#now() - (machine?.troubledAt ?? 0) > SETTLED_MS;
  }

  #runs(key: string): Map<string, Run> {
    const runs = this.#running.get(key) ?? new Map<string, Run>();
    this.#running.set(key, runs);
    return runs;
  }

  /** Other nodes that run it, as far as is known. */
  #othersOf(key: string, nodeId: string): [string, Run][] {
    const now = this.#now();
    return [...this.#runs(key)].filter(([node, { provenAt }]) => node !== nodeId && now - provenAt < LEASE_MS);
  }

  /** The node's work on a task is over, or its lease was taken back. */
  released(job: string, task: string, nodeId: string): void {
    this.#running.get(`${job}/${task}`)?.delete(nodeId);
  }

  /** A worker begins a task that it was granted. */
  started(node: VirtualNode, job: string, task: string): void {
    const { id } = node.machine;
    const term = this.#granted.get(`${job}/${task} ${id}`) ?? 0;
    const seen = node.tail.state.term;
    if (term < seen) this.fail("D", `${id} runs ${job}/${task}, granted in term ${term}, and has seen term ${seen}`);
    this.counts.runs++;
    if (this.#acknowledged.has(`${job}/${task}`)) this.counts.repeated++;
  }

  // ---- what was answered ---------------------------------------------------------------------------------------------

  completed(job: string, task: string, result: TaskResult, accepted: boolean): void {
    const winner = this.truth.winner(job, task);
    const own = identity(result);
    const key = `${job}/${task}`;
    const recovering = this.recovering || this.#reopened.has(key);
    // Removed between the log's taking it and the answer.
    if (!this.truth.has(job)) return;
    if (winner === undefined && !recovering) this.fail("B", `${key} was acknowledged and is not in the log`);
    if (!recovering && accepted !== (winner === own))
      this.fail("C", `${key}: "${accepted}" for ${own}, the winner is ${winner}`);
    // Whoever is answered has ended, also where the log has opened the task again by now.
    this.#running.delete(key);
    if (winner === undefined) return;
    const before = this.#acknowledged.get(key);
    const isCertain = !this.#uncertain.delete(key);
    if (isCertain && before !== undefined && before !== winner)
      this.fail("C", `${key} was ${before} and is now ${winner}`);
    this.#acknowledged.set(key, winner);
  }

  renewed({ job, task, progress }: RunningLease__Output, nodeId: string, wanted: boolean): void {
    const now = this.#now();
    const runs = this.#runs(`${job}/${task}`);
    const before = runs.get(nodeId) ?? { since: now, progress, progressAt: now };
    const grown = progress > before.progress ? { progress, progressAt: now } : {};
    if (wanted) runs.set(nodeId, { ...before, ...grown, provenAt: now });
    else runs.delete(nodeId);
  }

  submitted(job: string): void {
    this.#submitted.add(job);
    if (!this.truth.has(job) && !this.recovering) this.fail("A", `job ${job} was acknowledged and is not in the log`);
  }

  cancelled(job: string): void {
    this.#cancelled.add(job);
    if (this.truth.stateOf(job) !== "cancelled" && !this.recovering)
      this.fail("A", `job ${job} was cancelled and is not`);
  }

  removed(job: string): void {
    if (this.truth.has(job) && !this.recovering) this.fail("A", `job ${job} was removed and is there`);
    this.#submitted.delete(job);
    this.#cancelled.delete(job);
    for (const key of this.#acknowledged.keys()) if (key.startsWith(`${job}/`)) this.#acknowledged.delete(key);
    if (!this.recovering) this.#removed.add(job);
  }

  /**
   * Acknowledged jobs that have not ended, or that the log has lost, and those that are at work though nobody was told of
   * them, or they were removed: the log has lost that.
   */
  open(): string[] {
    const submitted = [...this.#submitted].filter((job) => !this.truth.has(job) || this.truth.isActive(job));
    return [...new Set([...submitted, ...this.truth.atWork()])];
  }

  nodeFailed({ machine }: VirtualNode, error: unknown): void {
    this.fail("A", `node ${machine.id} does not follow any more: ${error instanceof Error ? error.stack : error}`);
  }

  /** Everything that was ever acknowledged stands in the log with the same value. */
  atTheEnd(): void {
    for (const [key, winner] of this.#acknowledged) {
      const [job = "", task = ""] = key.split("/");
      const now = this.truth.winner(job, task);
      const isDropped = now === undefined && task !== "package" && this.truth.isToldAsAWhole(job);
      if (now !== winner && !isDropped && !this.#uncertain.has(key))
        this.fail("B", `${key} was acknowledged as ${winner} and is ${now}`);
    }
    for (const job of this.#submitted) if (!this.truth.has(job)) this.fail("A", `job ${job} is lost`);
    for (const job of this.#cancelled) {
      const state = this.truth.stateOf(job);
      if (state !== "cancelled" && !this.#uncertain.has(job))
        this.fail("A", `job ${job} was cancelled and is ${state}`);
    }
    for (const job of this.#removed) if (this.truth.has(job)) this.fail("A", `job ${job} was removed and is back`);
  }
}

/** Whether a node's worker is at a task, "job/task". */
function isRunning(machines: Machine[], id: string, key: string): boolean {
  const running = machines.find((machine) => machine.id === id)?.node?.worker.running() ?? [];
  return running.some(({ job, task }) => `${job}/${task}` === key);
}

function foldOf(entries: (LogEntry | undefined)[]): TruthFold {
  const fold = new TruthFold();
  for (const entry of entries) {
    if (entry === undefined) fold.pass();
    else fold.apply(entry);
  }
  return fold;
}

function identity(result: TaskResult): string | undefined {
  if (result.kind === "plan") return result.plan.plan?.sha256;
  return result.kind === "package" ? result.package.manifest?.sha256 : result.encode.listing?.sha256;
}

/** As TruthFold.describe. */
function describeRecord(job: JobRecord): string {
  const done = [...job.finished].map(([task, { result }]) => `${task}=${result.listing?.sha256}`);
  const { id, state, priority, paused, source, plan } = job;
  return [id, state, priority, paused, source.sha256, plan?.plan?.sha256, ...done, job.package?.manifest?.sha256].join(
    " ",
  );
}
