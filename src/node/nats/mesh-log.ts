/** The mesh log on a JetStream stream: the adapter of the port MeshLog. */

import { setTimeout as delay } from "node:timers/promises";
import {
  type ConsumerMessages,
  DiscardPolicy,
  ErrorCode,
  type JetStreamManager,
  NatsError,
  RetentionPolicy,
  StorageType,
} from "nats";
import { ReelmeshError } from "../../core/errors.js";
import type { LogEntry } from "../../core/facts.js";
import type { FollowedEntry, MeshLog } from "../../core/ports.js";
import { logEntryCodec } from "../proto.js";
import type { Bus } from "./bus.js";

const STREAM = "REELMESH_LOG";
const SUBJECT = "reelmesh.log";
const TIMEOUT_MS = 3_000;
/** A follower that has lost its consumer makes a new one after this long. */
const RETRY_MS = 300;
/** JetStream's codes: the sequence was not the expected one; no such message. */
const WRONG_LAST_SEQUENCE = 10071;
const NO_MESSAGE = 10037;
const NO_STREAM = 10059;
const REPLICAS_IN_A_CLUSTER = 3;

/** Opens the mesh's one stream, making it where it is not there yet. UNAVAILABLE when JetStream does not answer. */
export async function openMeshLog(bus: Bus): Promise<MeshLog> {
  const manager = await translate("open the mesh log", () =>
    bus.connection.jetstreamManager({ timeout: TIMEOUT_MS, checkAPI: false }),
  );
  await translate("make the mesh log's stream", () => ensureStream(manager, bus));
  return new NatsMeshLog(bus, manager);
}

async function ensureStream(manager: JetStreamManager, bus: Bus): Promise<void> {
  try {
    await manager.streams.info(STREAM);
    return;
  } catch (error) {
    if (jetStreamCode(error) !== NO_STREAM) throw error;
  }
  await manager.streams.add({
    name: STREAM,
    subjects: [SUBJECT],
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    storage: StorageType.File,
    num_replicas: bus.connection.info?.cluster === undefined ? 1 : REPLICAS_IN_A_CLUSTER,
    deny_delete: true,
    deny_purge: true,
    allow_direct: false,
  });
}

class NatsMeshLog implements MeshLog {
  readonly #bus: Bus;
  readonly #manager: JetStreamManager;

  constructor(bus: Bus, manager: JetStreamManager) {
    this.#bus = bus;
    this.#manager = manager;
  }

  async append(entry: LogEntry, after: number, signal?: AbortSignal): Promise<number> {
    if (signal?.aborted) throw new ReelmeshError("ABORTED", "stopped before appending to the mesh log");
    const publish = () =>
      this.#bus.connection.jetstream().publish(SUBJECT, logEntryCodec.encode(entry), {
        expect: { streamName: STREAM, lastSequence: after },
        timeout: TIMEOUT_MS,
      });
    try {
      const acknowledged = await raceAbort(publish(), signal);
      return acknowledged.seq;
    } catch (error) {
      if (error instanceof ReelmeshError) throw error;
      if (error instanceof NatsError && error.code === ErrorCode.MaxPayloadExceeded) {
        throw new ReelmeshError("INVALID_INPUT", "the fact is larger than a NATS message may be", { cause: error });
      }
      // The entry may have been taken by a try whose answer was lost: what stands at its place tells.
      const standing = await raceAbort(this.#read(after + 1), signal).catch(() => undefined);
      if (standing?.id === entry.id) return after + 1;
      if (standing !== undefined || jetStreamCode(error) === WRONG_LAST_SEQUENCE) {
        throw new ReelmeshError("CONFLICT", `the mesh log has gone on past ${after}`, { cause: error });
      }
      throw unavailable("append to the mesh log", error);
    }
  }

  async last(signal?: AbortSignal): Promise<number> {
    const info = await translate("read the mesh log's state", () =>
      raceAbort(this.#manager.streams.info(STREAM), signal),
    );
    return info.state.last_seq;
  }

  async *follow(from: number, signal: AbortSignal): AsyncIterable<FollowedEntry> {
    let next = from;
    while (!signal.aborted) {
      let messages: ConsumerMessages | undefined;
      const stop = () => void messages?.close().catch(() => {});
      signal.addEventListener("abort", stop, { once: true });
      try {
        const consumer = await this.#bus.connection.jetstream().consumers.get(STREAM, { opt_start_seq: next });
        messages = await consumer.consume({ max_messages: 256, idle_heartbeat: 2_000, expires: 10_000 });
        if (signal.aborted) return;
        for await (const message of messages) {
          if (message.seq < next) continue;
          if (message.seq > next) break;
          next = message.seq + 1;
          yield { sequence: message.seq, bytes: message.data, ...decoded(message.data) };
        }
      } catch (error) {
        if (!(error instanceof NatsError)) throw error;
      } finally {
        signal.removeEventListener("abort", stop);
        await messages?.close().catch(() => {});
      }
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #read(sequence: number): Promise<LogEntry | undefined> {
    try {
      const stored = await this.#manager.streams.getMessage(STREAM, { seq: sequence });
      return logEntryCodec.decode(stored.data);
    } catch (error) {
      if (jetStreamCode(error) === NO_MESSAGE) return undefined;
      throw error;
    }
  }
}

/** Anybody on the bus can publish anything; what is no entry of this version's is passed over by the fold. */
function decoded(data: Uint8Array): { entry?: LogEntry } {
  try {
    return { entry: logEntryCodec.decode(data) };
  } catch {
    return {};
  }
}

function jetStreamCode(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined;
}

function unavailable(what: string, cause: unknown): ReelmeshError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ReelmeshError("UNAVAILABLE", `could not ${what}: NATS says "${why}"`, { cause });
}

async function translate<T>(what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw error instanceof ReelmeshError ? error : unavailable(what, error);
  }
}

/** The nats client takes no AbortSignal: stop waiting for it when ours fires. */
function raceAbort<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(new ReelmeshError("ABORTED", "stopped while waiting for the mesh log"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
