/**
 * Reads the mesh log as it grows into this node's copy and its state: the one place that writes either. Restarting,
 * it folds the copy first, so that a node knows what it knew even while the bus is away.
 *
 *   following   each entry goes into the copy and the state. A snapshot entry that says what this node's own state
 *               says truncates the copy; left when the log is not the one that was read, or has a gap: also when an
 *               entry was written behind others than this node has read, or the last of these is not what stands
 *               before the start of a term: then the log had lost its end and has grown again
 *   reloading   entered from following: the log is read anew, from its first entry or from the snapshot after the gap,
 *               beside the state that is still in use; left at the log's end, when the new takes the old one's place
 *   founding    entered when there is no log: it is made anew by whoever knows most (founding.ts)
 *
 * What a state that was replaced knew beyond the new one is remembered, also over a restart, until it is back in the
 * log (rememberer.ts). A reader that merely lags remembers nothing: what it read is in the snapshot, or was removed.
 *
 * What somebody appended who had not noticed that the log had lost its end changes nothing, on any node (`follows` in
 * src/core/mesh-state.ts).
 */
import { lacksRoom } from "../core/disk-room.js";
import { ReelmeshError } from "../core/errors.js";
import type { LogEntry } from "../core/facts.js";
import { notAsRead } from "../core/history.js";
import type { JobRecord } from "../core/job-record.js";
import { leading } from "../core/leading.js";
import { applyEntry, counts, emptyMeshState, follows, type MeshState } from "../core/mesh-state.js";
import { onAbort } from "../core/on-abort.js";
import type { Clock, FollowedEntry, LogCopy, LogPlace, MeshLog } from "../core/ports.js";
import { factsBeyond, hasDiverged } from "../core/snapshot.js";
import type { BlobReference } from "../core/work.js";
import { type LoadSnapshot, LogReload } from "./log-reload.js";
import { logEntryCodec } from "./proto.js";
import { namedSnapshot, ownerAt, type SnapshotBlobs, Snapshots } from "./snapshots.js";

/** After an error of the log that may pass. */
const RETRY_MS = 1_000;

type EntryListener = (entry: LogEntry, job: JobRecord | undefined) => void;

interface Components {
  copy: LogCopy;
  blobs: SnapshotBlobs;
  clock: Pick<Clock, "sleep">;
  report(event: string, details: Record<string, unknown>): void;
}

export interface LogSource {
  log: MeshLog;
  /** Pulls a blob from its holders or any other node. */
  fetch(blob: BlobReference, holders: string[], owner: string, signal: AbortSignal): Promise<void>;
  /** Waits until there is a log, and makes it where this node is the one to do so. */
  found(signal: AbortSignal): Promise<void>;
}

/** The log as it is followed, until it is not what was read. */
interface Session {
  readonly log: MeshLog;
  readonly load: LoadSnapshot;
  /** Sequence of its last entry when the session began. */
  readonly end: number;
  /** What is read anew, while it is. */
  reload: LogReload | undefined;
  /** Sequence up to which what has arrived together is in the node's copy. */
  copied: number;
}

export class MeshTail {
  /** Stays the same object for its whole life. */
  readonly state = emptyMeshState();
  readonly #components: Components;
  readonly #snapshots: Snapshots;
  readonly #listeners: EntryListener[] = [];
  readonly #resetListeners: (() => void)[] = [];
  readonly #waiting = new Set<(problem?: ReelmeshError) => void>();
  readonly #stopped = new AbortController();
  /** Fires with what is wrong when the log is to be read anew. */
  #doubt = new AbortController();
  #held: LogPlace | undefined;
  /** The log is to be read from its first entry, in the place of what was read before. */
  #anew = false;
  /** Histories with the entries behind them that were not written behind them, as the log has them: not ours. */
  readonly #breaks = new Set<string>();
  #remembered: MeshState[] = [];
  /** Sequence to which the log had grown when following it began; infinite while the log is not followed. */
  #end = Number.POSITIVE_INFINITY;
  #following: Promise<void> | undefined;
  #complaint = "";

  constructor(components: Components) {
    this.#components = components;
    this.#snapshots = new Snapshots(components.blobs, components.clock);
  }

  /** Folds this node's copy. One whose snapshot is gone is dropped: the log gives all of it back. */
  async restore(): Promise<void> {
    const { copy } = this.#components;
    const base = await copy.base();
    try {
      if (base !== undefined) Object.assign(this.state, await this.#snapshots.read(base.snapshot, base.sequence));
    } catch (error) {
      this.#components.report("the snapshot of the mesh log's copy cannot be read", { error });
      await copy.replace(undefined, []);
    }
    for await (const place of copy.read(1)) {
      applyEntry(this.state, place.sequence, decoded(place.bytes));
      this.#held = place;
    }
    for (const reference of await copy.remembered()) await this.#recall(reference);
  }

  /** Follows the log from where the copy ends; `failed` is told when that cannot go on. */
  follow(source: LogSource, failed: (error: unknown) => void): void {
    this.#following = this.#run(source).catch((error: unknown) => {
      if (!this.#stopped.signal.aborted) failed(error);
    });
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#following;
  }

  /** True when the log has been read to the end that it had when reading began. */
  get caughtUp(): boolean {
    return this.state.sequence >= this.#end;
  }

  /** The newest entry that was read, or what stands in its place. */
  get held(): LogPlace | undefined {
    return this.#held;
  }

  /** Somebody has seen that the log does not hold what was read. */
  doubt(): void {
    this.#doubt.abort(notAsRead(this.state.sequence));
  }

  /** States that were replaced, and may know more than the log. */
  get remembered(): readonly MeshState[] {
    return this.#remembered;
  }

  /** Does what it can of the next `keep` before, while entries may come. */
  prepare(): Promise<void> {
    return this.#snapshots.prepare(this.state);
  }

  /** Keeps a snapshot of the state in this node's store; ABORTED when another entry comes meanwhile. */
  keep(): Promise<BlobReference> {
    return this.#snapshots.keep(this.state);
  }

  /** What was remembered is in the log, or not wanted there. */
  async forget(): Promise<void> {
    this.#remembered = [];
    await this.#components.copy.forget();
    await this.#snapshots.forget();
  }

  /** Told of entries that count, when they have been applied. */
  onEntry(listener: EntryListener): void {
    this.#listeners.push(listener);
  }

  /** The state was replaced by another: entries may have come, or gone, that no listener was told of. */
  onReset(listener: () => void): void {
    this.#resetListeners.push(listener);
  }

  /** Resolves when the entry has been applied; ABORTED when the signal fires first, or the log is replaced. */
  async applied(sequence: number, signal: AbortSignal): Promise<void> {
    while (this.state.sequence < sequence) {
      const stopped = () => new ReelmeshError("ABORTED", `stopped waiting for entry ${sequence}`);
      if (signal.aborted) throw stopped();
      await new Promise<void>((resolve, reject) => {
        const settle = (problem?: ReelmeshError) => {
          this.#waiting.delete(settle);
          forget();
          if (problem === undefined) resolve();
          else reject(problem);
        };
        this.#waiting.add(settle);
        const forget = onAbort(signal, () => settle(stopped()));
      });
    }
  }

  /** Resolves when every entry that has been applied is on this node's disk. */
  durable(): Promise<void> {
    return this.#components.copy.flush();
  }

  async #run(source: LogSource): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      try {
        await this.#session(source);
      } catch (error) {
        this.#end = Number.POSITIVE_INFINITY;
        if (signal.aborted) return;
        const { aborted: inDoubt, reason } = this.#doubt.signal;
        await this.#recover(source, inDoubt ? reason : error);
      }
    }
  }

  /** What to do about a log that cannot be followed. */
  async #recover({ found }: LogSource, error: unknown): Promise<void> {
    const code = error instanceof ReelmeshError ? error.code : undefined;
    this.#complain(error);
    // A full disk has room again one day, and the log is read on from there.
    if (code === "CONFLICT") this.#anew = true;
    else if (code === "UNAVAILABLE" || code === "CORRUPT" || lacksRoom(error)) {
      await this.#components.clock.sleep(RETRY_MS, this.#stopped.signal);
    } else if (code === "NOT_FOUND") {
      await found(this.#stopped.signal).catch((problem: unknown) => this.#complain(problem));
      await this.#components.clock.sleep(RETRY_MS / 10, this.#stopped.signal);
    } else throw error;
  }

  /** Says once what is wrong, however often it is tried. */
  #complain(error: unknown): void {
    const message = String(error);
    if (message !== this.#complaint) this.#components.report("reads the mesh log anew", { error });
    this.#complaint = message;
  }

  /** Follows until the log is not what was read. */
  async #session(source: LogSource): Promise<void> {
    const { log } = source;
    const anew = this.#anew;
    if (anew) this.#doubt = new AbortController();
    const doubted = this.#doubt.signal;
    doubted.throwIfAborted();
    const signal = AbortSignal.any([this.#stopped.signal, doubted]);
    const end = (await log.state(signal))?.last ?? 0;
    if (anew && end === 0) throw new ReelmeshError("NOT_FOUND", "the mesh log is empty");
    const load = this.#loader(source);
    const session: Session = { log, load, end, reload: anew ? new LogReload(true, load) : undefined, copied: 0 };
    if (!anew) this.#end = end;
    for await (const arrived of log.follow(anew ? undefined : this.#held, signal)) {
      session.copied = 0;
      for (const [place, followed] of arrived.entries()) {
        if (signal.aborted) break;
        this.#checkChain((session.reload ?? this).state, followed);
        if (session.reload === undefined && (await this.#goOn(session, followed, arrived, place))) continue;
        await this.#reload(session, followed);
      }
    }
    doubted.throwIfAborted();
  }

  /** Takes an entry that goes on from the state; false where it does not, and the log is to be read anew from here. */
  async #goOn(session: Session, followed: FollowedEntry, arrived: FollowedEntry[], place: number): Promise<boolean> {
    const { log, load, end, copied } = session;
    if (followed.sequence > end) await this.#checkBeginning(log, followed);
    const fit = await this.#fit(followed);
    if (fit === "next") {
      if (followed.sequence > copied) session.copied = await this.#copy(arrived.slice(place));
      await this.#take(followed);
      return true;
    }
    this.#end = Number.POSITIVE_INFINITY;
    session.reload = new LogReload(fit === "differs", load);
    return false;
  }

  /** Takes an entry beside the state that is in use, and puts the new one in its place at the log's end. */
  async #reload(session: Session, followed: FollowedEntry): Promise<void> {
    const { reload, end } = session;
    if (reload === undefined) return;
    await reload.take(followed);
    if (followed.sequence < end) return;
    await this.#replace(reload);
    this.#end = end;
    session.reload = undefined;
  }

  /**
   * Copies the first entry, and with it those behind it that nothing is to be asked about before they are applied; the
   * sequence of the last. Should they turn out not to fit, all of the copy is replaced.
   */
  async #copy(arrived: FollowedEntry[]): Promise<number> {
    const { copy } = this.#components;
    const [first] = arrived as [FollowedEntry];
    const together = leading(
      arrived,
      ({ sequence, entry }, place) => place === 0 || (sequence === first.sequence + place && !isTurn(entry)),
    );
    await Promise.all(together.map(({ sequence, bytes }) => copy.append(sequence, bytes)));
    return first.sequence + together.length - 1;
  }

  /**
   * CONFLICT when the entry was written behind others than were read, unless the log has been found to stand so. Of an
   * older term's writer it says nothing: what it had under way has come behind the start of the newer term.
   */
  #checkChain(state: MeshState, { sequence, entry }: FollowedEntry): void {
    if (entry === undefined || entry.term < state.term || follows(state, sequence, entry)) return;
    const pair = `${state.history} ${entry.id}`;
    if (this.#breaks.has(pair)) return;
    this.#breaks.add(pair);
    const text = `entry ${sequence} of the mesh log was written behind other entries than this node has read`;
    throw new ReelmeshError("CONFLICT", text);
  }

  /**
   * CONFLICT when what this node has read last does not stand before the start of a term. A log that has lost its end goes
   * on with a new term; one that this node starts itself would follow what only this node has read.
   */
  async #checkBeginning(log: MeshLog, { entry }: FollowedEntry): Promise<void> {
    if (entry?.kind !== "termStarted" || this.#held === undefined) return;
    if (await log.holds(this.#held, this.#stopped.signal)) return;
    throw notAsRead(this.#held.sequence);
  }

  /** Whether an entry goes on from the state: "gap" when entries between were deleted, "differs" when the log says so. */
  async #fit({ sequence, entry }: FollowedEntry): Promise<"next" | "gap" | "differs"> {
    if (sequence !== this.state.sequence + 1) return "gap";
    if (entry?.kind !== "snapshot") return "next";
    const own = await this.keep();
    return own.sha256 === entry.snapshot.state?.sha256 ? "next" : "differs";
  }

  async #take({ sequence, bytes, entry }: FollowedEntry): Promise<void> {
    const { copy } = this.#components;
    if (entry?.kind === "snapshot") {
      this.#breaks.clear();
      const { reference } = namedSnapshot(sequence, entry.snapshot);
      await copy.truncate({ sequence: sequence - 1, snapshot: reference });
      await this.#snapshots.keepOnly(sequence - 1);
    }
    const isNews = entry !== undefined && counts(this.state, sequence, entry);
    const job = applyEntry(this.state, sequence, entry);
    this.#held = { sequence, bytes };
    this.#complaint = "";
    if (isNews) for (const listener of this.#listeners) listener(entry, job);
    for (const settle of [...this.#waiting]) settle();
  }

  /** The state changes in one step, and its copy as a whole. */
  async #replace({ replaces, state, base, entries }: LogReload): Promise<void> {
    const { copy, report } = this.#components;
    const old = { ...this.state };
    const beyond = replaces || hasDiverged(old, state) ? factsBeyond(old, state).length : 0;
    await copy.replace(base, entries, beyond === 0 ? undefined : await this.#snapshots.remember(old));
    if (beyond > 0) this.#remembered.push(old);
    Object.assign(this.state, state);
    this.#held = entries.at(-1);
    this.#anew = false;
    await this.#snapshots.keepOnly(base?.sequence ?? 0);
    report("the mesh log was read anew", { from: old.sequence, to: state.sequence, remembered: beyond });
    for (const listener of this.#resetListeners) listener();
    const problem = new ReelmeshError("ABORTED", "the mesh log was replaced");
    for (const settle of [...this.#waiting]) settle(problem);
  }

  #loader({ fetch }: LogSource): LoadSnapshot {
    return async (reference, holders, sequence) => {
      await fetch(reference, holders, ownerAt(sequence), this.#stopped.signal);
      return this.#snapshots.read(reference, sequence);
    };
  }

  /** One that cannot be read is one of the copies that other nodes have too. */
  async #recall(reference: BlobReference): Promise<void> {
    try {
      this.#remembered.push(await this.#snapshots.read(reference, 0));
    } catch (error) {
      this.#components.report("what this node remembered beyond the mesh log cannot be read", { error });
    }
  }
}

/** Whether more is to be seen to at an entry than to apply it. */
function isTurn(entry: LogEntry | undefined): boolean {
  return entry?.kind === "snapshot" || entry?.kind === "termStarted";
}

/** Undefined for what this version cannot read. */
function decoded(bytes: Uint8Array): LogEntry | undefined {
  try {
    return logEntryCodec.decode(bytes);
  } catch {
    return undefined;
  }
}
