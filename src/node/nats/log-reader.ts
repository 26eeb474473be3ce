/**
 * Follows the mesh log's stream. A reader goes through sessions, each over one consumer of its own:
 *
 *   checking --the stream holds the reader's newest entry--> reading --consumer lost, or an entry out of place--> checking
 *   checking --the stream is another, shorter, empty or gone--> ended, with the error that says so
 *   reading  --nothing has come for a while, though the stream has more--> checking
 *   reading  --nothing has come for a while and the check fails--> ended likewise
 *
 * A session that is young is looked at soon: a consumer that is made while servers come back may lie where the copy of the
 * stream is not whole yet, and was seen to give nothing for ever.
 *
 * The client library's own ordered consumers make themselves anew silently and go on in a stream that is not the one
 * that they began with; so each session has a plain one, and every beginning is checked.
 */
import { setTimeout as delay } from "node:timers/promises";
import {
  AckPolicy,
  ConsumerEvents,
  type ConsumerMessages,
  DeliverPolicy,
  type JsMsg,
  type NatsConnection,
  NatsError,
  nanos,
} from "nats";
import { ReelmeshError } from "../../core/errors.js";
import { notAsRead } from "../../core/history.js";
import { leading } from "../../core/leading.js";
import { onAbort } from "../../core/on-abort.js";
import type { FollowedEntry, LogPlace, LogState } from "../../core/ports.js";
import { logEntryCodec } from "../proto.js";
import { firstAnswer, managerOf, raceAbort } from "./requests.js";

/** A reader that has lost its consumer makes a new one after this long. */
const RETRY_MS = 300;
/** With nothing new for this long, the stream is checked; in a young session sooner, from a second on. */
const IDLE_MS = 5_000;
const SOON_MS = 1_000;
const HEARTBEAT_MS = 2_000;
const EXPIRES_MS = 10_000;
const AT_ONCE = 256;
/** So many at most are given to the reader together: whoever applies them does nothing else meanwhile. */
const TOGETHER = 32;
/** The server forgets a consumer that nobody asks any more. */
const FORGOTTEN_MS = 30_000;
/** After these the consumer gives nothing more, or may have skipped something. */
const ENDINGS: string[] = [
  ConsumerEvents.HeartbeatsMissed,
  ConsumerEvents.ConsumerNotFound,
  ConsumerEvents.StreamNotFound,
  ConsumerEvents.ConsumerDeleted,
];

interface Source {
  stream: string;
  connection(): NatsConnection;
  /** Calls back each time the connection has come back, until the function that it returns is called. */
  onReconnect(listener: () => void): () => void;
  state(): Promise<LogState | undefined>;
  /** Bytes of an entry; undefined when it is not there. */
  read(sequence: number): Promise<Uint8Array | undefined>;
}

export async function* followStream(
  source: Source,
  begin: LogPlace | undefined,
  signal: AbortSignal,
): AsyncGenerator<FollowedEntry[]> {
  let held = begin;
  // After this long a session is looked at first: longer, where one that gave nothing may only have been slow.
  let lookMs = SOON_MS;
  while (!signal.aborted) {
    try {
      const { from } = await check(source, held);
      const firstMs = lookMs;
      lookMs = longer(lookMs);
      for await (const followed of readFrom(source, from, () => held, firstMs, signal)) {
        lookMs = SOON_MS;
        held = followed.at(-1);
        yield followed;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isOutage(error)) throw error;
      lookMs = SOON_MS;
    }
    await delay(RETRY_MS, undefined, { signal }).catch(() => {});
  }
}

function longer(ms: number): number {
  return Math.min(IDLE_MS, 2 * ms);
}

function isOutage(error: unknown): boolean {
  return error instanceof NatsError || (error instanceof ReelmeshError && error.code === "UNAVAILABLE");
}

/**
 * The sequence to read from and the stream's last one, when the stream is the one that the reader has read; else an error
 * that says what it is.
 */
async function check(
  { state: ask, read }: Source,
  held: LogPlace | undefined,
): Promise<{ from: number; last: number }> {
  const state = await ask();
  if (state === undefined) throw new ReelmeshError("NOT_FOUND", "there is no mesh log");
  const { first, last } = state;
  if (last < first && (held !== undefined || first > 1)) {
    throw new ReelmeshError("NOT_FOUND", `the mesh log is empty, from ${first} on`);
  }
  if (held === undefined) return { from: first, last };
  const { sequence } = held;
  if (last < sequence) {
    throw new ReelmeshError("CONFLICT", `the mesh log ends at ${last}, and this node has read it up to ${sequence}`);
  }
  if (sequence < first) return { from: first, last };
  const standing = await read(sequence);
  // Truncated in between: the next check sees it.
  if (standing === undefined) throw new ReelmeshError("UNAVAILABLE", `entry ${sequence} was there and is not`);
  if (Buffer.compare(standing, held.bytes) === 0) return { from: sequence + 1, last };
  throw notAsRead(sequence);
}

/** One session: ends when its consumer is lost or gives something out of place. */
async function* readFrom(
  source: Source,
  from: number,
  held: () => LogPlace | undefined,
  lookMs: number,
  signal: AbortSignal,
): AsyncGenerator<FollowedEntry[]> {
  const arrived = new Arrivals();
  const messages = await consume(source, from, signal, arrived);
  const forget = onAbort(signal, () => arrived.end());
  const watch = watchSession(source, messages, held, lookMs, arrived);
  try {
    for (let next = from; ; ) {
      const given = await arrived.next();
      if (signal.aborted) return;
      const begin = next;
      const inPlace = leading(given, ({ seq }, place) => seq === begin + place);
      const followed = inPlace.map(({ seq, data }) => ({ sequence: seq, bytes: data, ...decoded(data) }));
      const [first] = followed;
      if (first === undefined) return;
      if (begin === from) refuseGap(held(), first);
      yield followed;
      if (inPlace.length < given.length) return;
      next += inPlace.length;
    }
  } finally {
    watch.stop();
    forget();
    await messages.close().catch(() => {});
  }
}

/** What a consumer has given and nobody has taken yet. The library's own queue cannot be left before its end. */
class Arrivals {
  #messages: JsMsg[] = [];
  #ended: { error?: unknown } | undefined;
  #wake = () => {};
  /** Whether something has come since this was last set to false. */
  lately = false;

  push(message: JsMsg): void {
    this.lately = true;
    this.#messages.push(message);
    this.#wake();
  }

  end(error?: unknown): void {
    this.#ended ??= error === undefined ? {} : { error };
    this.#wake();
  }

  /** In order, and no more than the reader should take at once; none at the end. Throws the error that ended it. */
  async next(): Promise<JsMsg[]> {
    while (this.#messages.length === 0) {
      if (this.#ended?.error !== undefined) throw this.#ended.error;
      if (this.#ended !== undefined) return [];
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#messages.splice(0, TOGETHER);
  }
}

async function consume(
  { stream, connection: current }: Source,
  from: number,
  signal: AbortSignal,
  arrived: Arrivals,
): Promise<ConsumerMessages> {
  const connection = current();
  const { consumers } = await raceAbort(managerOf(connection), signal);
  // One that is given to a server which is down is never made; those that are made late are forgotten.
  const asked = firstAnswer(() =>
    consumers.add(stream, {
      ack_policy: AckPolicy.None,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(FORGOTTEN_MS),
    }),
  );
  const { name } = await raceAbort(asked, signal);
  const consumer = await raceAbort(connection.jetstream().consumers.get(stream, name), signal);
  const callback = (message: JsMsg) => arrived.push(message);
  return consumer.consume({ max_messages: AT_ONCE, idle_heartbeat: HEARTBEAT_MS, expires: EXPIRES_MS, callback });
}

/**
 * Ends the session when its consumer is lost, or when nothing comes and the stream is found to be another one, or to have
 * more: looked at after `lookMs` first.
 */
function watchSession(
  source: Source,
  messages: ConsumerMessages,
  held: () => LogPlace | undefined,
  lookMs: number,
  arrived: Arrivals,
): { stop(): void } {
  const look = async () => {
    if (!arrived.lately) {
      const { from, last } = await check(source, held());
      if (last >= from && !arrived.lately) arrived.end();
    }
    arrived.lately = false;
  };
  const failed = (error: unknown) => arrived.end(error);
  let timer: NodeJS.Timeout | undefined;
  const lookAfter = (ms: number) => {
    timer = setTimeout(() => void look().then(() => timer && lookAfter(longer(ms)), failed), ms);
  };
  lookAfter(lookMs);
  // What was sent into a connection that was lost does not come again by itself: the consumer counts it as delivered,
  // and shows the gap only at the next entry, which nobody can append while all wait for this one.
  const forget = source.onReconnect(() => arrived.end());
  // The mesh moves to other servers.
  source
    .connection()
    .closed()
    .then(() => arrived.end(), failed);
  const listen = async () => {
    for await (const status of await messages.status()) if (ENDINGS.includes(status.type)) return arrived.end();
  };
  listen().catch(failed);
  const stop = () => {
    clearTimeout(timer);
    timer = undefined;
    forget();
  };
  return { stop };
}

function refuseGap(held: LogPlace | undefined, { sequence, entry }: FollowedEntry): void {
  const after = held?.sequence ?? 0;
  if (sequence === after + 1 || entry?.kind === "snapshot") return;
  const gap = sequence === after + 2 ? `entry ${after + 1}` : `entries ${after + 1} to ${sequence - 1}`;
  throw new ReelmeshError("CORRUPT", `${gap} of the mesh log are gone, and entry ${sequence} is no snapshot of them`);
}

/** Anybody on the bus can publish anything; what is no entry of this version's is passed over by the fold. */
function decoded(data: Uint8Array): Pick<FollowedEntry, "entry"> {
  try {
    return { entry: logEntryCodec.decode(data) };
  } catch {
    return {};
  }
}
