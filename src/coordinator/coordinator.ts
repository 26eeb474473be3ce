/**
 * The effects of election: who leads has a reign, and only a reign answers; all other nodes throw NOT_COORDINATOR. Every
 * node runs one of these.
 */
import { ReelmeshError } from "../core/errors.js";
import type { LogEntry } from "../core/facts.js";
import type { JobRecord } from "../core/job-record.js";
import { type ElectionEffect, type ElectionEvent, newElection, type Outcome, stepElection } from "./election.js";
import type { JobRequests } from "./job-requests.js";
import { Reign } from "./reign.js";
import type { Surroundings } from "./surroundings.js";

const TICK_MS = 250;
/** A leader asks the log this often whether it is there. */
const LOG_BEAT_MS = 1000;
/** A candidate gives the log this long to say that it is there: while its servers elect, nobody answers. */
const LOG_ANSWER_MS = 1000;

export class Coordinator {
  readonly #surroundings: Surroundings & { nodeId: string; nodeName: string };
  readonly #election;
  readonly #stopped = new AbortController();
  /** Present while this node leads. */
  #reign: Reign | undefined;
  #asking = false;
  #stopTicks = () => {};
  readonly #onLead: (() => void)[] = [];

  constructor(surroundings: Surroundings & { nodeId: string; nodeName: string }) {
    this.#surroundings = surroundings;
    this.#election = newElection(surroundings.nodeId, surroundings.clock.now());
  }

  start(): void {
    const { tail, clock } = this.#surroundings;
    tail.onEntry((entry, job) => this.#onEntry(entry, job));
    tail.onReset(() => {
      // Whoever leads on a log that was replaced leads no more.
      this.#elect({ kind: "refused" });
      this.#readTerm();
    });
    this.#readTerm();
    this.#stopTicks = clock.every(TICK_MS, () => this.#tick());
  }

  #readTerm(): void {
    const { term, coordinator } = this.#surroundings.tail.state;
    if (term > 0) this.#elect({ kind: "termStarted", now: this.#now(), term, nodeId: coordinator.id });
  }

  async stop(): Promise<void> {
    this.#stopTicks();
    this.#stopped.abort();
    await this.#follow();
  }

  get leads(): boolean {
    return this.#reign !== undefined;
  }

  /** Told each time that this node comes to lead. */
  onLead(listener: () => void): void {
    this.#onLead.push(listener);
  }

  /** What it has under way at present, as numbers: leases, claims that wait, jobs that are watched. */
  get load(): { leases: number; claims: number; watched: number } {
    return this.#reign?.load ?? { leases: 0, claims: 0, watched: 0 };
  }

  /** A heartbeat of any node. */
  heard(nodeId: string, term: number, coordinates: boolean, stopped: boolean): void {
    this.#elect({ kind: "heard", now: this.#now(), nodeId, term, coordinates, stopped });
  }

  /** NATS was reached, or lost. */
  busChanged(connected: boolean): void {
    this.#elect({ kind: "bus", now: this.#now(), connected });
  }

  /** What workers ask, and people of jobs: NOT_COORDINATOR unless this node leads, as far as it can know. */
  get reign(): Reign {
    this.#elect({ kind: "acting", now: this.#now() });
    if (this.#reign !== undefined) return this.#reign;
    const { nodeName } = this.#surroundings;
    throw new ReelmeshError("NOT_COORDINATOR", `node ${nodeName} does not coordinate now: ask again`);
  }

  get jobs(): JobRequests {
    return this.reign.jobs;
  }

  #now(): number {
    return this.#surroundings.clock.now();
  }

  #tick(): void {
    const { clock, tail } = this.#surroundings;
    const now = clock.now();
    this.#elect({ kind: "tick", now, random: clock.random(), caughtUp: tail.caughtUp });
    if (this.#reign === undefined) return;
    void this.#askLog(this.#reign);
    this.#reign.tick(now);
  }

  async #askLog(reign: Reign): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const { log, clock } = this.#surroundings;
    try {
      const { taken } = reign;
      const state = await log.state(reign.signal);
      // The log has lost what it took: whoever waits to read that would wait for ever.
      const lost = state !== undefined && state.last < taken;
      if (state !== undefined && this.#reign === reign) {
        this.#elect(lost ? { kind: "refused" } : { kind: "log", at: this.#now() - state.silentMs });
      }
    } catch {
      // Silence is what counts.
    }
    await clock.sleep(LOG_BEAT_MS, reign.signal);
    this.#asking = false;
  }

  #onEntry(entry: LogEntry, job: JobRecord | undefined): void {
    const now = this.#now();
    if (entry.kind === "termStarted") {
      this.#elect({ kind: "termStarted", now, term: entry.term, nodeId: entry.termStarted.nodeId });
    }
    this.#elect({ kind: "acting", now });
    this.#reign?.applied(entry, job);
  }

  #elect(event: ElectionEvent): void {
    for (const effect of stepElection(this.#election, event)) this.#electionEffect(effect);
  }

  #electionEffect(effect: ElectionEffect): void {
    if (effect.kind === "stand") {
      this.#stand(effect.term).catch((cause: unknown) => this.#surroundings.report("candidacy failed", { cause }));
    } else if (effect.kind === "lead") this.#beginReign(effect.term);
    else void this.#follow();
  }

  async #stand(term: number): Promise<void> {
    const { nodeId, nodeName, tail, log, clock } = this.#surroundings;
    let outcome: Outcome = "refused";
    try {
      await this.#logAnswers();
      const { history, sequence: after, term: newest } = tail.state;
      if (newest >= term) throw new ReelmeshError("CONFLICT", `term ${newest} began while the log was asked`);
      const entry: LogEntry = {
        id: clock.newId(),
        term,
        atMs: clock.wallClock(),
        history,
        kind: "termStarted",
        termStarted: { nodeId, nodeName },
      };
      const sequence = await log.append(entry, after, this.#stopped.signal);
      await tail.applied(sequence, this.#stopped.signal);
      outcome = "won";
    } catch (error) {
      const code = error instanceof ReelmeshError ? error.code : "";
      if (!["CONFLICT", "UNAVAILABLE", "ABORTED"].includes(code)) throw error;
      if (code === "UNAVAILABLE") outcome = "unanswered";
    } finally {
      this.#elect({ kind: "stood", now: this.#now(), term, outcome });
    }
  }

  /** UNAVAILABLE when the log does not answer soon: what is appended to it then may wait much longer. */
  async #logAnswers(): Promise<void> {
    const { log, clock } = this.#surroundings;
    const waiting = new AbortController();
    const answered = new AbortController();
    void clock.sleep(LOG_ANSWER_MS, answered.signal).then(() => waiting.abort());
    try {
      await log.state(waiting.signal);
    } catch (cause) {
      throw new ReelmeshError("UNAVAILABLE", "the mesh log does not answer a candidate", { cause });
    } finally {
      answered.abort();
    }
  }

  #beginReign(term: number): void {
    this.#surroundings.report("term started", { term });
    const end = new AbortController();
    const refused = () => this.#elect({ kind: "refused" });
    this.#reign = new Reign({ ...this.#surroundings, term, end, refused });
    for (const listener of this.#onLead) listener();
  }

  async #follow(): Promise<void> {
    const reign = this.#reign;
    if (reign === undefined) return;
    this.#surroundings.report("term ended", { term: this.#election.term });
    this.#reign = undefined;
    await reign.stop();
  }
}
