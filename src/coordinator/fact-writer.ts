/**
 * Puts facts into the mesh log in the name of one term; those that touch the same thing in the order in which they are
 * asked for. A fact is
 *
 *   waiting     for one before it that touches the same thing, in flight or waiting itself: what it decides must hold when
 *               it is appended. Others overtake it
 *   in flight   appended where those before it will end, without waiting for them: when one of them does not get through,
 *               the log refuses it, since it is not at its place
 *   applied     the log has it and this node has read it; it is done when this node's copy is on its disk as well
 *
 * When one in flight fails, nothing new is sent until each that was in flight has been tried again by itself, in order.
 */
import { ReelmeshError } from "../core/errors.js";
import type { Fact, LogEntry } from "../core/facts.js";
import type { Clock, MeshLog } from "../core/ports.js";

interface Components {
  log: Pick<MeshLog, "append">;
  tail: Tail;
  term: number;
  /** Fires when the term is over for this node: nothing is appended from then on. */
  reign: AbortSignal;
  /** The log has gone on without this writer: somebody else has the term. */
  refused(): void;
  clock: Clock;
}

interface Tail {
  readonly state: { sequence: number };
  /** Id of the entry at that sequence. */
  readonly newestId: string;
  applied(sequence: number, signal: AbortSignal): Promise<void>;
  /** Resolves when every entry that has been applied is on this node's disk. */
  durable(): Promise<void>;
}

/**
 * What a fact touches: a job, or only one task of it. Facts that touch different things may be in flight together; one
 * without a scope goes alone.
 */
export interface Scope {
  job: string;
  task?: string;
  /** Other tasks that the decision looked at. */
  beside?: string[];
}

type Made = Fact | undefined;

interface Request {
  make(): Made | Promise<Made>;
  scope: Scope | undefined;
  done(): void;
  failed(error: unknown): void;
}

/** The end of the log. */
interface Place {
  sequence: number;
  /** The entry there. */
  id: string;
}

interface Flight extends Request {
  entry: LogEntry;
  /** What it comes after, if those before it get through. */
  after: Place;
  /** Others were in flight before it: a refusal may mean no more than that one of them was late. */
  chained: boolean;
  appended: Promise<number>;
}

/** An entry whose fate is unknown is tried again after this long, until it is known. */
const RETRY_MS = 500;
const MOST_IN_FLIGHT = 64;

export class FactWriter {
  readonly #components: Components;
  readonly #waiting: Request[] = [];
  readonly #flights: Flight[] = [];
  /** The newest entry in flight, or the newest that was. */
  #end: Place = { sequence: 0, id: "" };
  #taken = 0;
  #settling: Promise<void> | undefined;
  readonly #finishing = new Set<Promise<void>>();
  #preparing: Promise<void> | undefined;
  /** One in flight has failed: nothing is sent behind it. */
  #broken = false;

  constructor(components: Components) {
    this.#components = components;
  }

  /**
   * Appends the fact that `make` gives, and resolves when it has been applied. `make` runs when every earlier fact that
   * touches the same thing has been; without a fact nothing is appended. While one takes its time to be made, which only
   * one without a scope may, nothing else is. NOT_COORDINATOR when the reign ends first: the fact may be in the log or
   * not, and a repeat finds out.
   */
  append(make: () => Made | Promise<Made>, scope?: Scope): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ make, scope, done, failed });
      this.#send();
    });
  }

  /** Settles when nothing is under way. */
  async idle(): Promise<void> {
    while (this.#settling !== undefined || this.#preparing !== undefined) {
      await this.#preparing;
      await this.#settling;
    }
    await Promise.all(this.#finishing);
  }

  /** Sends as many of those that wait as may be in flight together. */
  #send(): void {
    if (this.#waiting.length > 0) this.#sendThrough(this.#inFlight());
    if (this.#flights.length > 0) this.#settling ??= this.#settle();
  }

  #inFlight(): Scopes {
    const scopes = new Scopes();
    for (const { scope } of this.#flights) scopes.add(scope);
    return scopes;
  }

  /** In the order in which they wait; one that must wait on holds back those behind it that touch the same thing. */
  #sendThrough(ahead: Scopes): void {
    let place = 0;
    while (place < this.#waiting.length && !ahead.everything) {
      if (this.#broken || this.#preparing !== undefined || this.#flights.length >= MOST_IN_FLIGHT) break;
      const request = this.#waiting[place] as Request;
      const { scope } = request;
      if (ahead.touch(scope)) {
        ahead.add(scope);
        place++;
        continue;
      }
      this.#waiting.splice(place, 1);
      const before = this.#flights.length;
      this.#launch(request);
      if (this.#flights.length > before) ahead.add(scope);
    }
  }

  #launch(request: Request): void {
    try {
      if (this.#components.reign.aborted) throw reignOver();
      const made = request.make();
      if (made instanceof Promise) this.#prepare(request, made);
      else this.#fly(request, made);
    } catch (error) {
      request.failed(error);
    }
  }

  #prepare(request: Request, made: Promise<Made>): void {
    // What was decided holds at this place, and at no later one.
    const end = this.#tailEnd();
    const ready = made.then((fact) => this.#fly(request, fact, end));
    this.#preparing = ready.catch(request.failed).finally(() => {
      this.#preparing = undefined;
      this.#send();
    });
  }

  #tailEnd(): Place {
    const { state, newestId } = this.#components.tail;
    return { sequence: state.sequence, id: newestId };
  }

  #fly(request: Request, fact: Made, end = this.#tailEnd()): void {
    const { log, reign, term, clock } = this.#components;
    if (reign.aborted) throw reignOver();
    if (fact === undefined) {
      request.done();
      return;
    }
    const chained = this.#flights.length > 0;
    const after = chained ? this.#end : end;
    const entry: LogEntry = { id: clock.newId(), term, atMs: clock.wallClock(), previous: after.id, ...fact };
    this.#end = { sequence: after.sequence + 1, id: entry.id };
    const appended = log.append(entry, after.sequence, reign);
    appended.catch(() => {
      this.#broken = true;
    });
    this.#flights.push({ ...request, entry, after, chained, appended });
  }

  /** Waits for each in flight, in order, until none is. */
  async #settle(): Promise<void> {
    for (let flight = this.#flights[0]; flight !== undefined; flight = this.#flights[0]) {
      try {
        const sequence = await flight.appended;
        await this.#applied(sequence);
        this.#flights.shift();
        this.#finish(flight);
        this.#send();
      } catch {
        await this.#recover();
      }
    }
    this.#settling = undefined;
    this.#send();
  }

  /** The others need not wait for this: whatever becomes of it, the log has the entry. */
  #finish({ done, failed }: Flight): void {
    const finished: Promise<void> = this.#components.tail
      .durable()
      .then(done, () => failed(reignOver()))
      .finally(() => this.#finishing.delete(finished));
    this.#finishing.add(finished);
  }

  /** Sequence of the newest entry that the log has taken. */
  get taken(): number {
    return this.#taken;
  }

  async #applied(sequence: number): Promise<void> {
    const { tail, reign } = this.#components;
    this.#taken = sequence;
    await tail.applied(sequence, reign).catch(() => {
      throw reignOver();
    });
  }

  /** Brings each in flight to its end, one after another; nothing joins them meanwhile. */
  async #recover(): Promise<void> {
    this.#broken = true;
    await Promise.allSettled(this.#flights.map((flight) => flight.appended));
    let after = this.#flights[0]?.after ?? this.#end;
    for (const flight of this.#flights) {
      try {
        after = { sequence: await this.#outcome(flight, after), id: flight.entry.id };
        await this.#applied(after.sequence);
        this.#finish(flight);
      } catch (error) {
        flight.failed(error);
      }
    }
    this.#flights.length = 0;
    this.#broken = false;
  }

  /**
   * Tries until the entry's fate is known, always at the same place: behind the one before it, or behind what that one
   * was to follow when it is not to be.
   */
  async #outcome({ entry: first, chained, appended }: Flight, after: Place): Promise<number> {
    const { log, reign, refused, clock } = this.#components;
    const entry = { ...first, previous: after.id };
    let attempt = appended;
    for (let early = chained; !reign.aborted; early = false) {
      try {
        return await attempt;
      } catch (error) {
        if (reign.aborted) break;
        if (!(error instanceof ReelmeshError)) throw error;
        if (error.code === "CONFLICT" && !early) refused();
        else if (error.code !== "CONFLICT" && error.code !== "UNAVAILABLE") throw error;
        if (!early) await clock.sleep(RETRY_MS, reign);
        if (!reign.aborted) attempt = log.append(entry, after.sequence, reign);
      }
    }
    throw reignOver();
  }
}

/** What those before one touch. */
class Scopes {
  /** One of them touches everything. */
  everything = false;
  #size = 0;
  readonly #byJob = new Map<string, Scope[]>();

  add(scope: Scope | undefined): void {
    this.#size++;
    if (scope === undefined) this.everything = true;
    else {
      const others = this.#byJob.get(scope.job);
      if (others === undefined) this.#byJob.set(scope.job, [scope]);
      else others.push(scope);
    }
  }

  touch(scope: Scope | undefined): boolean {
    if (scope === undefined) return this.#size > 0;
    return this.everything || (this.#byJob.get(scope.job)?.some((one) => touch(one, scope)) ?? false);
  }
}

/** Whether two facts of one job touch the same thing. */
function touch(one: Scope, other: Scope): boolean {
  if (one.task === undefined || other.task === undefined || one.task === other.task) return true;
  return (one.beside?.includes(other.task) || other.beside?.includes(one.task)) ?? false;
}

function reignOver(): ReelmeshError {
  return new ReelmeshError("NOT_COORDINATOR", "this node does not coordinate any more: ask again");
}
