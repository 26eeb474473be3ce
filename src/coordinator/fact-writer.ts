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
 * Where its place was taken by what does not count (the writer of the term before had it under way), it waits anew, with
 * those behind it.
 *
 * The log looks at the place of an entry only. Should it lose its end and have grown again to that very place, in another
 * term, the entry would change nothing, on any node but this one: so nobody is told that a fact is done before the log
 * was seen to hold what this node had read before it.
 */
import { ReelmeshError } from "../core/errors.js";
import type { Fact, LogEntry } from "../core/facts.js";
import { type History, historyWith } from "../core/history.js";
import type { Clock, LogPlace, MeshLog } from "../core/ports.js";
import { type Scope, Scopes } from "./scopes.js";

interface Components {
  log: Pick<MeshLog, "append" | "holds" | "state">;
  tail: Tail;
  term: number;
  /** Fires when the term is over for this node: nothing is appended from then on. */
  reign: AbortSignal;
  /** The log has gone on without this writer: somebody else has the term. */
  refused(): void;
  clock: Clock;
  report(event: string, details: Record<string, unknown>): void;
}

interface Tail {
  /** Where the newest entry that was applied stands. */
  readonly state: Place & { term: number };
  /** That entry. */
  readonly held: LogPlace | undefined;
  applied(sequence: number, signal: AbortSignal): Promise<void>;
  /** Resolves when every entry that has been applied is on this node's disk. */
  durable(): Promise<void>;
  /** The log is not what was read: it is to be read anew. */
  doubt(): void;
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
  history: History;
}

interface Flight {
  request: Request;
  entry: LogEntry;
  /** What it comes after, if those before it get through. */
  after: Place;
  /** That entry as this node read it; absent where the one before has just been taken, or is in flight. */
  before: LogPlace | undefined;
  /** Others were in flight before it: a refusal may mean no more than that one of them was late. */
  chained: boolean;
  appended: Promise<number>;
}

/** An entry whose fate is unknown is tried again after this long, until it is known. */
const RETRY_MS = 500;
const MOST_IN_FLIGHT = 64;
/** Before a log can lose its end and grow again, its servers elect, which takes seconds, and somebody starts a term. */
const RECENT_MS = 200;

export class FactWriter {
  readonly #components: Components;
  readonly #waiting: Request[] = [];
  readonly #flights: Flight[] = [];
  /** The newest entry in flight, or the newest that was. */
  #end: Place = { sequence: 0, history: "" };
  #taken = 0;
  /** When the log last took an entry. */
  #takenAt = Number.NEGATIVE_INFINITY;
  /** Settles when the log was seen to hold what stands before the newest facts. */
  #confirmed: Promise<void> = Promise.resolve();
  #settling: Promise<void> | undefined;
  readonly #finishing = new Set<Promise<void>>();
  #preparing: Promise<void> | undefined;
  /** One in flight has failed: nothing is sent behind it. */
  #broken = false;
  /** It was told that the log takes nothing, and it has taken nothing since. */
  #complained = false;

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

  /** The first of a term goes alone: what the writer of the term before had under way may still take its place. */
  get #mostInFlight(): number {
    return this.#taken === 0 ? 1 : MOST_IN_FLIGHT;
  }

  #inFlight(): Scopes {
    const scopes = new Scopes();
    for (const { request } of this.#flights) scopes.add(request.scope);
    return scopes;
  }

  /** In the order in which they wait; one that must wait on holds back those behind it that touch the same thing. */
  #sendThrough(ahead: Scopes): void {
    let place = 0;
    while (place < this.#waiting.length && !ahead.everything) {
      if (this.#broken || this.#preparing !== undefined || this.#flights.length >= this.#mostInFlight) break;
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
    const { sequence, history } = this.#components.tail.state;
    return { sequence, history };
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
    const entry: LogEntry = { id: clock.newId(), term, atMs: clock.wallClock(), history: after.history, ...fact };
    this.#end = { sequence: after.sequence + 1, history: historyWith(after.history, entry) };
    const isOwn = chained || after.sequence === this.#taken;
    const before = isOwn && clock.now() - this.#takenAt < RECENT_MS ? undefined : this.#heldAt(after);
    const appended = log.append(entry, after.sequence, reign);
    appended.catch(() => {
      this.#broken = true;
    });
    this.#flights.push({ request, entry, after, before, chained, appended });
  }

  #heldAt({ sequence }: Place): LogPlace | undefined {
    const { held } = this.#components.tail;
    return held?.sequence === sequence ? held : undefined;
  }

  /** Waits for each in flight, in order, until none is. */
  async #settle(): Promise<void> {
    for (let flight = this.#flights[0]; flight !== undefined; flight = this.#flights[0]) {
      try {
        const sequence = await flight.appended;
        await this.#applied(sequence);
        this.#flights.shift();
        this.#finish(flight.request, flight.before);
        this.#send();
      } catch {
        await this.#recover();
      }
    }
    this.#settling = undefined;
    this.#send();
  }

  /** The others need not wait for this: whatever becomes of it, the log has the entry. */
  #finish({ done, failed }: Request, before: LogPlace | undefined): void {
    if (before !== undefined) this.#confirmed = this.#confirm(before);
    const finished: Promise<void> = Promise.all([this.#components.tail.durable(), this.#confirmed])
      .then(done, () => failed(reignOver()))
      .finally(() => this.#finishing.delete(finished));
    this.#finishing.add(finished);
  }

  /** Settles when the log holds what this node has read; what it has read is in doubt when it does not. */
  async #confirm(place: LogPlace): Promise<void> {
    const { log, tail, reign, refused, clock } = this.#components;
    for (;;) {
      if (reign.aborted) throw reignOver();
      const isHeld = await log.holds(place, reign).catch((error: unknown) => this.#complain(error));
      if (isHeld === true) return;
      if (isHeld === false) {
        tail.doubt();
        refused();
      } else await clock.sleep(RETRY_MS, reign);
    }
  }

  /** Sequence of the newest entry that the log has taken. */
  get taken(): number {
    return this.#taken;
  }

  async #applied(sequence: number): Promise<void> {
    const { tail, reign, clock } = this.#components;
    this.#taken = sequence;
    this.#takenAt = clock.now();
    this.#complained = false;
    await tail.applied(sequence, reign).catch(() => {
      throw reignOver();
    });
  }

  /** Brings each in flight to its end, one after another; nothing joins them meanwhile. */
  async #recover(): Promise<void> {
    this.#broken = true;
    await Promise.allSettled(this.#flights.map((flight) => flight.appended));
    let after = this.#flights[0]?.after ?? this.#end;
    for (const [place, flight] of this.#flights.entries()) {
      const before = flight.before ?? this.#heldAt(after);
      try {
        const sequence = await this.#outcome(flight, after);
        after = { sequence, history: historyWith(after.history, flight.entry) };
        await this.#applied(sequence);
        this.#finish(flight.request, before);
      } catch (error) {
        if (error === PLACE_TAKEN) {
          this.#waiting.unshift(...this.#flights.slice(place).map(({ request }) => request));
          break;
        }
        flight.request.failed(error);
      }
    }
    this.#flights.length = 0;
    this.#broken = false;
  }

  /** Says once that the log does not answer, until it has taken something. */
  #complain(error: unknown): undefined {
    const { reign, report } = this.#components;
    if (!this.#complained && !reign.aborted) report("the mesh log is not to be had, trying on", { error });
    this.#complained = true;
  }

  /**
   * Tries until the entry's fate is known, always at the same place: behind the one before it, or behind what that one
   * was to follow when it is not to be. PLACE_TAKEN when something else stands there, and the term goes on.
   */
  async #outcome({ entry: first, chained, appended }: Flight, after: Place): Promise<number> {
    const { log, reign, clock } = this.#components;
    const entry = { ...first, history: after.history };
    let attempt = appended;
    for (let early = chained; !reign.aborted; early = false) {
      try {
        const sequence = await attempt;
        if (sequence === after.sequence + 1) return sequence;
        // It stands behind what somebody else has written where one before it should have been, and changes nothing.
        await this.#refuse(after);
      } catch (error) {
        if (reign.aborted) break;
        if (!(error instanceof ReelmeshError)) throw error;
        if (error.code === "CONFLICT" && !early) await this.#refuse(after);
        else if (error.code === "UNAVAILABLE") this.#complain(error);
        else if (error.code !== "CONFLICT") throw error;
        if (!early) await clock.sleep(RETRY_MS, reign);
        if (!reign.aborted) attempt = log.append(entry, after.sequence, reign);
      }
    }
    throw reignOver();
  }

  /** PLACE_TAKEN when the log has gone on past a place, and nobody else has the term; the reign is over when not. */
  async #refuse(place: Place): Promise<void> {
    const { log, tail, term, reign, refused, clock } = this.#components;
    for (; !reign.aborted; await clock.sleep(RETRY_MS, reign)) {
      const state = await log.state(reign).catch(() => null);
      if (state === null) continue;
      if (state === undefined || state.last <= place.sequence) return refused();
      await tail.applied(state.last, reign).catch(() => undefined);
      if (reign.aborted) return;
      if (tail.state.sequence < state.last || tail.state.term !== term) return refused();
      throw PLACE_TAKEN;
    }
  }
}

const PLACE_TAKEN = Symbol("place taken");

function reignOver(): ReelmeshError {
  return new ReelmeshError("NOT_COORDINATOR", "this node does not coordinate any more: ask again");
}
