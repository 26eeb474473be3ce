/** The mesh log on a JetStream stream: the adapter of the port MeshLog. Following it is in log-reader.ts. */
import {
  DiscardPolicy,
  ErrorCode,
  headers,
  type JetStreamManager,
  type NatsConnection,
  NatsError,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from "nats";
import { ReelmeshError } from "../../core/errors.js";
import type { LogEntry } from "../../core/facts.js";
import type { FollowedEntry, LogPlace, LogState, MeshLog } from "../../core/ports.js";
import { logEntryCodec } from "../proto.js";
import type { Bus } from "./bus.js";
import { followStream } from "./log-reader.js";
import { Publisher } from "./publisher.js";
import { firstAnswer, jetStreamCode, managerOf, raceAbort, unavailable } from "./requests.js";

/** Its stream. */
export const STREAM = "REELMESH_LOG";
const SUBJECT = "reelmesh.log";
/**
 * Of a log that is made anew, until it holds the snapshot that it begins with: what somebody still sends who has read the
 * lost one would find its place free.
 */
const FOUNDING_SUBJECT = "reelmesh.founding";
/** An append that has no answer by then is tried again. */
const APPEND_MS = 3_000;
/** JetStream's codes. */
const WRONG_LAST_SEQUENCE = 10071;
const NO_MESSAGE = 10037;
const NO_STREAM = 10059;
const NO_PEERS = 10005;
/** A cluster whose third server does not come gets a log nevertheless: without one, nobody could replace that server. */
const LACK_MS = 20_000;
const NAME_IN_USE = 10058;
const PURGE_DENIED = 10110;
const REPLICAS_IN_A_CLUSTER = 3;
/** Servers of a cluster tell each other every second that they live. */
const SILENT_NS = 3e9;
const CONFIG = {
  name: STREAM,
  retention: RetentionPolicy.Limits,
  discard: DiscardPolicy.New,
  storage: StorageType.File,
  deny_delete: true,
  allow_direct: false,
};

/** The mesh's one stream, whether it is there yet or not. */
export function openMeshLog(bus: LogBus): MeshLog {
  return new NatsMeshLog(bus);
}

type LogBus = Pick<Bus, "connection" | "onChange">;

class NatsMeshLog implements MeshLog {
  readonly #bus: LogBus;
  readonly #reconnected = new Set<() => void>();
  readonly #publishers = new WeakMap<NatsConnection, Publisher>();
  /** Since when the cluster has had too few servers for as many copies as there should be. */
  #lacksSince: number | undefined;

  constructor(bus: LogBus) {
    this.#bus = bus;
    bus.onChange((connected) => {
      if (connected) for (const listener of this.#reconnected) listener();
    });
  }

  async state(signal?: AbortSignal): Promise<LogState | undefined> {
    try {
      const ask = ({ streams }: JetStreamManager) => firstAnswer(() => streams.info(STREAM));
      const { state, created, cluster } = await this.#ask(ask, signal);
      const silentMs = silenceOf(cluster?.replicas ?? [], cluster?.leader);
      const first = state.messages === 0 ? state.last_seq + 1 : state.first_seq;
      return { first, last: state.last_seq, created, silentMs };
    } catch (error) {
      if (error instanceof ReelmeshError) throw error;
      if (jetStreamCode(error) === NO_STREAM) return undefined;
      throw unavailable("read the mesh log's state", error);
    }
  }

  async found(first: number, signal?: AbortSignal): Promise<void> {
    const isCluster = this.#bus.connection.info?.cluster !== undefined;
    await this.#make(first, isCluster ? REPLICAS_IN_A_CLUSTER : 1, signal);
    await this.#settleFirst(signal);
  }

  /** With one copy in a cluster that has lacked a server for long; the others are added when the servers are there. */
  async #make(first: number, replicas: number, signal?: AbortSignal): Promise<void> {
    const begin = first === 1 ? { subjects: [SUBJECT] } : { subjects: [FOUNDING_SUBJECT], first_seq: first };
    try {
      await this.#ask(({ streams }) => streams.add({ ...CONFIG, num_replicas: replicas, ...begin }), signal);
    } catch (error) {
      if (jetStreamCode(error) === NAME_IN_USE) return;
      const problem = unavailable("make the mesh log's stream", error);
      if (jetStreamCode(error) !== NO_PEERS || replicas === 1) throw problem;
      this.#lacksSince ??= performance.now();
      if (performance.now() - this.#lacksSince < LACK_MS) throw problem;
      await this.#make(first, 1, signal);
    }
  }

  /**
   * Before the first entry comes. A server (2.10.27) that starts with `first_seq` in a stream's configuration deletes
   * all that the stream holds; without it the stream keeps its place.
   */
  async #settleFirst(signal?: AbortSignal): Promise<void> {
    try {
      const { config } = await this.#ask(({ streams }) => streams.info(STREAM), signal);
      if ((config.first_seq ?? 0) === 0) return;
      const withoutFirst: Partial<StreamConfig> = { ...config, first_seq: 0 };
      await this.#ask(({ streams }) => streams.update(STREAM, withoutFirst), signal);
    } catch (error) {
      throw unavailable("settle where the mesh log begins", error);
    }
  }

  async append(entry: LogEntry, after: number, signal?: AbortSignal): Promise<number> {
    if (signal?.aborted) throw new ReelmeshError("ABORTED", "stopped before appending to the mesh log");
    const founds = entry.kind === "snapshot" && entry.snapshot.founds;
    const sequence = await this.#append(entry, after, founds ? FOUNDING_SUBJECT : SUBJECT, signal);
    if (founds) await this.#open(signal);
    return sequence;
  }

  async #append(entry: LogEntry, after: number, subject: string, signal?: AbortSignal): Promise<number> {
    try {
      return await this.#publish(entry, after, subject, signal);
    } catch (error) {
      if (error instanceof ReelmeshError) throw error;
      if (error instanceof NatsError && error.code === ErrorCode.MaxPayloadExceeded) {
        throw new ReelmeshError("INVALID_INPUT", "the fact is larger than a NATS message may be", { cause: error });
      }
      // The entry may have been taken by a try whose answer was lost: what stands at its place tells.
      const standing = await this.#read(after + 1, signal).catch(() => undefined);
      if (standing !== undefined && idOf(standing) === entry.id) return after + 1;
      const isRefused = jetStreamCode(error) === WRONG_LAST_SEQUENCE && (await this.#endsElsewhere(after, signal));
      if (standing !== undefined || isRefused) {
        throw new ReelmeshError("CONFLICT", `the mesh log does not end at ${after}`, { cause: error });
      }
      // Whoever made the log anew may be gone since.
      if (hasNoTaker(error)) await this.#open(signal).catch(() => {});
      throw unavailable("append to the mesh log", error);
    }
  }

  /**
   * False where a server refuses what it should take. One (2.15) that has lost the others does so with the repeat of what
   * it could not settle with them. One by itself (2.10.27, `purge` in server/stream.go) that takes entries while it
   * truncates may take the stream's end for where it was in between, and refuse all from then on; a truncation, also of
   * nothing, has it look again.
   */
  async #endsElsewhere(after: number, signal?: AbortSignal): Promise<boolean> {
    const state = await this.state(signal);
    if (state === undefined) return false;
    if (state.last !== after) return true;
    await this.truncate(state.first, signal);
    return false;
  }

  /** From its first entry on the log takes what everybody appends. */
  async #open(signal?: AbortSignal): Promise<void> {
    try {
      const { config, state } = await this.#ask(({ streams }) => streams.info(STREAM), signal);
      if (state.messages === 0 || config.subjects.includes(SUBJECT)) return;
      const opened: Partial<StreamConfig> = { ...config, subjects: [SUBJECT] };
      await this.#ask(({ streams }) => streams.update(STREAM, opened), signal);
    } catch (error) {
      throw unavailable("open the mesh log that was made anew", error);
    }
  }

  /**
   * No other condition, and no id for JetStream to know a repeat by: each copy of a stream looks at a condition for itself
   * when it takes a message (nats-server 2.10), and only of the sequence do all of them know the same. A server that started
   * again after two quiet minutes knew no newest id: its copy refused, from then on and for good, what the others took and
   * acknowledged; when it came to lead, the log had lost its end.
   */
  async #publish(entry: LogEntry, after: number, subject: string, signal?: AbortSignal): Promise<number> {
    const expected = headers();
    expected.set("Nats-Expected-Stream", STREAM);
    expected.set("Nats-Expected-Last-Sequence", `${after}`);
    const published = this.#publisher().publish(subject, logEntryCodec.encode(entry), expected, APPEND_MS);
    return (await raceAbort(published, signal)).seq;
  }

  #publisher(): Publisher {
    const { connection } = this.#bus;
    const publisher = this.#publishers.get(connection) ?? new Publisher(connection);
    this.#publishers.set(connection, publisher);
    return publisher;
  }

  follow(held: LogPlace | undefined, signal: AbortSignal): AsyncIterable<FollowedEntry[]> {
    const source = {
      stream: STREAM,
      connection: () => this.#bus.connection,
      onReconnect: (listener: () => void) => {
        this.#reconnected.add(listener);
        return () => this.#reconnected.delete(listener);
      },
      state: () => this.state(signal),
      read: (sequence: number) => this.#read(sequence, signal),
    };
    return followStream(source, held, signal);
  }

  async holds({ sequence, bytes }: LogPlace, signal?: AbortSignal): Promise<boolean> {
    const standing = await this.#read(sequence, signal);
    if (standing !== undefined) return Buffer.compare(standing, bytes) === 0;
    const state = await this.state(signal);
    if (state !== undefined && state.first <= state.last) return sequence < state.first;
    throw new ReelmeshError("UNAVAILABLE", "there is no mesh log now, or an empty one");
  }

  async truncate(before: number, signal?: AbortSignal): Promise<void> {
    // Asked to delete what is before the first, a server (2.10.27) deletes all.
    if (before <= 1) return;
    try {
      await this.#ask(({ streams }) => streams.purge(STREAM, { seq: before }), signal);
    } catch (error) {
      if (jetStreamCode(error) !== PURGE_DENIED) throw unavailable("truncate the mesh log", error);
      throw new ReelmeshError(
        "ENVIRONMENT",
        `stream ${STREAM} was made so that it keeps every entry, and goes on growing: delete it ("nats stream rm ` +
          `${STREAM}") while nodes are up, and they make it anew from their copies`,
        { cause: error },
      );
    }
  }

  #ask<T>(request: (manager: JetStreamManager) => Promise<T>, signal?: AbortSignal): Promise<T> {
    return raceAbort(managerOf(this.#bus.connection).then(request), signal);
  }

  async #read(sequence: number, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    try {
      const ask = ({ streams }: JetStreamManager) => firstAnswer(() => streams.getMessage(STREAM, { seq: sequence }));
      return (await this.#ask(ask, signal)).data;
    } catch (error) {
      if ([NO_MESSAGE, NO_STREAM].includes(jetStreamCode(error) ?? 0)) return undefined;
      throw unavailable("read the mesh log", error);
    }
  }
}

function hasNoTaker(error: unknown): boolean {
  return error instanceof NatsError && error.code === ErrorCode.NoResponders;
}

/** Anybody on the bus can publish anything. */
function idOf(data: Uint8Array): string | undefined {
  try {
    return logEntryCodec.decode(data).id;
  } catch {
    return undefined;
  }
}

/**
 * For how long a stream's leader has not heard of a majority, in milliseconds. One that is cut off goes on answering for
 * ten seconds; what it says of the others tells. UNAVAILABLE when it is without them.
 */
function silenceOf(others: { active: number }[], leader: string | undefined): number {
  const silences = others.map(({ active }) => active).sort((one, other) => one - other);
  const needed = Math.floor((others.length + 1) / 2);
  const silent = needed === 0 ? 0 : (silences[needed - 1] ?? 0);
  if (silent < SILENT_NS) return silent / 1e6;
  const heard = silences.filter((one) => one < SILENT_NS).length;
  const problem = `NATS server ${leader}, which leads the mesh log, hears ${heard} of ${others.length} others`;
  const doubt = leader ? `${problem}: it is cut off, or they are down` : "none of its NATS servers leads the mesh log";
  throw new ReelmeshError("UNAVAILABLE", doubt);
}
