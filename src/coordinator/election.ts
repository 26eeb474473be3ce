/**
 * Who coordinates. A node is in one of three roles:
 *
 *   following   hears the coordinator of the newest term, or waits out the election timeout
 *   standing    has asked the mesh log to start the next term; entered from following by a tick when the coordinator
 *               was not heard for the timeout, said that it stops, or is this node's own earlier life
 *   leading     the log took its TermStarted; left when a higher term starts, when an append is refused, when the
 *               bus has been away for as long as a follower would wait, when this process was paused for as long, or
 *               when the log has not answered for a while, as on a machine that is cut off together with a server:
 *               somebody else may lead by now, and only a new term can tell
 *
 * The mesh log decides: it takes one entry at a sequence, so one of any number of candidates wins, and no clock is
 * compared between machines. (After Raft's leader election, Ongaro and Ousterhout 2014, section 5.2, with the log's
 * expected sequence in the place of votes.)
 */

export type Role = "following" | "standing" | "leading";

export interface Election {
  readonly nodeId: string;
  role: Role;
  term: number;
  /** Id of the node that holds the term; empty before the first. */
  coordinator: string;
  /** When the coordinator was last heard; milliseconds of this node's clock. */
  heardAt: number;
  /** After a candidacy that failed, not before that. */
  restUntil: number;
  /** From 0 to 1, by chance, anew at each candidacy: spreads the candidates. */
  spread: number;
  /** Since when the bus has been away; undefined while it is there. */
  busLostAt: number | undefined;
  /** When the last tick came: they come several times a second, unless the process is paused. */
  tickedAt: number;
  /** When the log could last be written, as far as it has answered. */
  logAt: number;
}

/** Of this node's TermStarted; unanswered: the log has no leader now, or cannot be reached. */
export type Outcome = "won" | "refused" | "unanswered";

export type ElectionEvent =
  /** `random`: from 0 to 1, spreads the candidates. `caughtUp`: the node has read the log to its end. */
  | { kind: "tick"; now: number; random: number; caughtUp: boolean }
  /** Something is about to be done in the name of the term. */
  | { kind: "acting"; now: number }
  | { kind: "heard"; now: number; nodeId: string; term: number; coordinates: boolean; stopped: boolean }
  | { kind: "bus"; now: number; connected: boolean }
  /** The log answered. At that time it could be written: a majority of its servers heard each other. */
  | { kind: "log"; at: number }
  /** An entry of the log. */
  | { kind: "termStarted"; now: number; term: number; nodeId: string }
  /** What became of this node's candidacy. */
  | { kind: "stood"; now: number; term: number; outcome: Outcome }
  /** The log refused an append: somebody else has gone on. */
  | { kind: "refused" };

export type ElectionEffect = { kind: "stand"; term: number } | { kind: "lead"; term: number } | { kind: "follow" };

/** A follower waits this long for its coordinator, and up to half as long again by chance. */
export const ELECTION_TIMEOUT_MS = 3000;
/** A candidate that nobody else stands in the way of tries again after this long, or after a part of it by chance. */
const REST_MS = 1000;
/**
 * A leader goes on for this long after the servers of the log last heard each other: less than a majority without it takes
 * to elect, and somebody to start the next term. Where a server of the log is lost, the others need 4 to 9 s to elect; one
 * that leads can wait half of that out, and is hardly later than a new one would be.
 */
export const LOG_TIMEOUT_MS = 4000;

export function newElection(nodeId: string, now: number): Election {
  return {
    nodeId,
    role: "following",
    term: 0,
    coordinator: "",
    heardAt: now,
    restUntil: now,
    spread: 0,
    busLostAt: undefined,
    tickedAt: now,
    logAt: now,
  };
}

/** One step, in place; what it returns is to be done in order. */
export function stepElection(election: Election, event: ElectionEvent): ElectionEffect[] {
  switch (event.kind) {
    case "tick":
      return tick(election, event);
    case "acting":
      if (election.role !== "leading") return [];
      return overslept(election, event.now) || isOnItsOwn(election, event.now) ? stepDown(election) : [];
    case "heard":
      heard(election, event);
      return [];
    case "bus":
      if (event.connected) {
        if (election.busLostAt !== undefined) election.heardAt = event.now;
        election.busLostAt = undefined;
      } else election.busLostAt ??= event.now;
      return [];
    case "log":
      election.logAt = Math.max(election.logAt, event.at);
      return [];
    case "termStarted":
      return termStarted(election, event);
    case "stood":
      return stood(election, event);
    case "refused":
      return stepDown(election);
  }
}

function tick(election: Election, event: ElectionEvent & { kind: "tick" }): ElectionEffect[] {
  const { now } = event;
  const paused = overslept(election, now);
  election.tickedAt = now;
  if (paused) {
    // Whoever was paused has heard nobody, whoever leads: the coordinator is waited for anew.
    election.heardAt = now;
    return election.role === "leading" ? stepDown(election) : [];
  }
  if (election.busLostAt !== undefined) {
    return now - election.busLostAt > ELECTION_TIMEOUT_MS ? stepDown(election) : [];
  }
  if (election.role === "leading") return isOnItsOwn(election, now) ? stepDown(election) : [];
  if (election.role !== "following" || !event.caughtUp) return [];
  const free = election.coordinator === "" || election.coordinator === election.nodeId;
  const timeoutMs = ELECTION_TIMEOUT_MS * (1 + election.spread / 2);
  if (now < election.restUntil || (!free && now - election.heardAt <= timeoutMs)) return [];
  election.role = "standing";
  election.spread = event.random;
  return [{ kind: "stand", term: election.term + 1 }];
}

/**
 * A log that refused has taken something else: perhaps another's term, who is given time. One that did not answer has told
 * nobody anything: it is asked again soon, so that a term begins when its servers have elected.
 */
function stood(election: Election, { now, term, outcome }: ElectionEvent & { kind: "stood" }): ElectionEffect[] {
  if (election.role !== "standing") return [];
  if (outcome !== "won" || term < election.term) {
    election.role = "following";
    const unanswered = outcome === "unanswered";
    if (!unanswered) election.heardAt = now;
    election.restUntil = now + REST_MS * (unanswered ? election.spread : 1);
    return [];
  }
  election.role = "leading";
  election.logAt = now;
  election.term = term;
  election.coordinator = election.nodeId;
  return [{ kind: "lead", term }];
}

/** Of a leader: the log has been out of reach for so long that somebody else may have started a term. */
function isOnItsOwn(election: Election, now: number): boolean {
  return now - election.logAt > LOG_TIMEOUT_MS;
}

/** The process was paused for as long as a follower waits. */
function overslept(election: Election, now: number): boolean {
  return now - election.tickedAt > ELECTION_TIMEOUT_MS;
}

function heard(election: Election, event: ElectionEvent & { kind: "heard" }): void {
  if (event.nodeId !== election.coordinator || event.nodeId === election.nodeId) return;
  if (event.stopped) {
    election.heardAt = Number.NEGATIVE_INFINITY;
    return;
  }
  if (event.coordinates && event.term >= election.term) election.heardAt = event.now;
}

function termStarted(election: Election, event: ElectionEvent & { kind: "termStarted" }): ElectionEffect[] {
  if (event.term < election.term || (event.term === election.term && election.role === "leading")) return [];
  const own = event.nodeId === election.nodeId && election.role === "standing";
  election.term = event.term;
  election.coordinator = event.nodeId;
  election.heardAt = event.now;
  // The log may show a candidate its own entry before the acknowledgement: "stood" says what came of it.
  if (own) return [];
  return stepDown(election);
}

function stepDown(election: Election): ElectionEffect[] {
  const was = election.role;
  election.role = "following";
  return was === "leading" ? [{ kind: "follow" }] : [];
}
