/**
 * The virtual bus: NATS with one JetStream stream, on one server or three. The stream is in total order and takes an
 * entry only at the sequence that its writer expects; it answers whoever reaches a majority of the servers. Requests
 * and acknowledgements are delayed, lost, or come when nobody waits for them any more.
 */
import { ReelmeshError } from "../../src/core/errors.js";
import type { LogEntry } from "../../src/core/facts.js";
import type { FollowedEntry, LogPlace, LogState, MeshLog } from "../../src/core/ports.js";
import { logEntryCodec } from "../../src/node/proto.js";
import type { Network } from "./network.js";
import type { Random } from "./random.js";
import type { Process, VirtualTime } from "./virtual-time.js";

/** As the real adapter and client have them. */
const TIMEOUT_MS = 3_000;
/** As `firstAnswer` in src/node/nats/requests.ts. */
const AGAIN_MS = 500;
const PING_OUT_MS = 6_000;
const RECONNECT_MS = 1_000;
const IDLE_HEARTBEAT_MS = 2_000;
const IDLE_MS = 5_000;

interface Stored {
  id: string;
  bytes: Uint8Array;
}

/** One founding of the log. */
interface Stream {
  first: number;
  created: string;
  /** Entry n stands at n - first. */
  entries: Stored[];
}

interface Server {
  place: string;
  up: boolean;
}

interface Components {
  time: VirtualTime;
  network: Network;
  random: Random;
  /** Where the servers run; one or three. */
  servers: string[];
  /** Told of a new log, and where it begins. */
  founded?(first: number): void;
  /** Told of each entry as it is taken; undefined for what is none. */
  committed(sequence: number, entry: LogEntry | undefined): void;
}

export class VirtualBus {
  readonly parts: Components;
  stream: Stream | undefined;
  #foundings = 0;
  readonly #servers: Server[];
  readonly #connections = new Set<BusConnection>();
  readonly #majority: number;

  constructor(parts: Components) {
    this.parts = parts;
    this.#servers = parts.servers.map((place) => ({ place, up: true }));
    this.#majority = Math.floor(parts.servers.length / 2) + 1;
    parts.network.onChange(() => this.#reconsider());
  }

  /** Starts or ends the servers of a place. */
  power(place: string, up: boolean): void {
    for (const server of this.#servers) if (server.place === place) server.up = up;
    this.#reconsider();
  }

  /** Whether a place reaches a server that is one of a majority. */
  serves(place: string): boolean {
    const { network } = this.parts;
    return this.#servers.some(
      (server) => server.up && network.passesBoth(place, server.place) && this.#reached(server) >= this.#majority,
    );
  }

  connect(place: string, process: Process): BusConnection {
    const connection = new BusConnection(this, place, process);
    this.#connections.add(connection);
    return connection;
  }

  found(first: number): void {
    if (this.stream !== undefined) return;
    this.stream = { first, created: `founding ${++this.#foundings}`, entries: [] };
    this.parts.founded?.(first);
  }

  /** Someone deletes the stream, or its servers come back with empty stores. */
  wipe(): void {
    this.stream = undefined;
    for (const connection of this.#connections) connection.restart();
  }

  /** Takes the newest entries away, as a server does that leads again with an old store. */
  loseEnd(count: number): void {
    const { stream } = this;
    if (stream === undefined) return;
    stream.entries.splice(Math.max(1, stream.entries.length - count));
    this.parts.founded?.(stream.first + stream.entries.length);
    for (const connection of this.#connections) connection.lookAtIdle();
  }

  truncate(before: number): void {
    const { stream } = this;
    if (stream === undefined || before <= stream.first) return;
    stream.entries.splice(0, before - stream.first);
    stream.first = before;
    for (const connection of this.#connections) connection.restart(before);
  }

  get state(): LogState | undefined {
    if (this.stream === undefined) return undefined;
    const { first, created, entries } = this.stream;
    return { first, created, last: first + entries.length - 1, silentMs: 0 };
  }

  at(sequence: number): Stored | undefined {
    return this.stream?.entries[sequence - this.stream.first];
  }

  /** Takes an entry at the sequence after `after`, or does not; undefined: there is no log. */
  take(bytes: Uint8Array, after: number): boolean | undefined {
    const { state, stream } = this;
    if (state === undefined || stream === undefined) return undefined;
    const entry = decoded(bytes);
    const founds = entry?.kind === "snapshot" && entry.snapshot.founds;
    if (stream.entries.length === 0 && stream.first > 1 && !founds) return undefined;
    if (after !== state.last) return false;
    stream.entries.push({ id: entry?.id ?? "", bytes });
    this.parts.committed(after + 1, entry);
    for (const connection of this.#connections) connection.pump();
    return true;
  }

  /** NATS core: at most once, to those who are connected now. */
  publish(from: BusConnection, message: Uint8Array): void {
    for (const connection of this.#connections) {
      if (connection !== from && connection.process.alive) connection.deliver(message);
    }
  }

  #reached(server: Server): number {
    const { network } = this.parts;
    return this.#servers.filter((other) => other.up && network.passesBoth(server.place, other.place)).length;
  }

  #reconsider(): void {
    for (const connection of this.#connections) {
      if (!connection.process.alive) this.#connections.delete(connection);
      else connection.reconsider();
    }
  }
}

interface Follower {
  /** The next to be received, and the next to be sent. */
  next: number;
  sent: number;
  /** Nothing arrives before what was sent before it. */
  notBefore: number;
  received: FollowedEntry[];
  /** The log is not the one, or begins later than, when following began. */
  over: boolean;
  wake(): void;
}

/** What one process has of the bus: its connection, and the mesh log over it. */
export class BusConnection implements MeshLog {
  connected: boolean;
  readonly process: Process;
  readonly #bus: VirtualBus;
  readonly #place: string;
  readonly #followers = new Set<Follower>();
  readonly #onChange: ((connected: boolean) => void)[] = [];
  readonly #onMessage: ((message: Uint8Array) => void)[] = [];
  #turning = () => {};
  /** When the newest request gets there. */
  #arrivesAt = 0;

  constructor(bus: VirtualBus, place: string, process: Process) {
    this.#bus = bus;
    this.#place = place;
    this.process = process;
    this.connected = bus.serves(place);
    this.#lookAgain();
  }

  onChange(listener: (connected: boolean) => void): void {
    this.#onChange.push(listener);
  }

  onMessage(listener: (message: Uint8Array) => void): void {
    this.#onMessage.push(listener);
  }

  publish(message: Uint8Array): void {
    if (this.process.alive && this.connected && this.#reaches()) this.#bus.publish(this, message);
  }

  deliver(message: Uint8Array): void {
    const { time, network } = this.#bus.parts;
    if (!this.connected || !this.#reaches() || network.loses()) return;
    const hear = () => {
      if (this.#reaches()) for (const listener of this.#onMessage) listener(message);
    };
    time.after(network.delay(), hear, this.process);
  }

  /** The client notices a loss at once, by a reset, or when its pings stay without an answer. */
  reconsider(): void {
    const { time, random } = this.#bus.parts;
    this.#turning();
    const reaches = this.#reaches();
    if (reaches === this.connected) return;
    const noticed = random.chance(0.3) ? 10 : random.between(PING_OUT_MS / 2, PING_OUT_MS);
    const soon = reaches ? random.between(10, RECONNECT_MS) : noticed;
    this.#turning = time.after(soon, () => this.#turn(reaches), this.process);
  }

  async append(entry: LogEntry, after: number, signal?: AbortSignal): Promise<number> {
    if (signal?.aborted) throw aborted();
    const bytes = logEntryCodec.encode(entry);
    const taken = await this.#ask(() => this.#bus.take(bytes, after), true, signal);
    if (taken === true) return after + 1;
    // The entry may have been taken by a try whose answer was lost: what stands at its place tells.
    const standing = await this.#ask(() => this.#bus.at(after + 1)?.id, false, signal);
    if (standing === entry.id) return after + 1;
    if (standing !== undefined || taken === false) {
      throw new ReelmeshError("CONFLICT", `the virtual log has gone on past ${after}`);
    }
    throw unavailable();
  }

  async state(signal?: AbortSignal): Promise<LogState | undefined> {
    return (await this.#reach(signal)).state;
  }

  async holds({ sequence, bytes }: LogPlace, signal?: AbortSignal): Promise<boolean> {
    const bus = await this.#reach(signal);
    const standing = bus.at(sequence);
    if (standing !== undefined) return Buffer.compare(standing.bytes, bytes) === 0;
    if (bus.state !== undefined && bus.state.first <= bus.state.last) return sequence < bus.state.first;
    throw unavailable();
  }

  async found(first: number, signal?: AbortSignal): Promise<void> {
    const found = await this.#ask(() => this.#bus.found(first) ?? true, true, signal);
    if (found === undefined) throw unavailable();
  }

  async truncate(before: number, signal?: AbortSignal): Promise<void> {
    const done = await this.#ask(() => this.#bus.truncate(before) ?? true, true, signal);
    if (done === undefined) throw unavailable();
  }

  async *follow(held: LogPlace | undefined, signal: AbortSignal): AsyncIterable<FollowedEntry[]> {
    let place = held;
    while (!signal.aborted) {
      const bus = await this.#patiently(signal);
      if (bus === undefined) return;
      const follower = this.#followFrom(nextAfter(bus, place));
      const stop = () => follower.wake();
      signal.addEventListener("abort", stop);
      try {
        while (!signal.aborted && !follower.over) {
          const items = follower.received.splice(0);
          if (items.length === 0) await new Promise<void>((resolve) => Object.assign(follower, { wake: resolve }));
          else {
            place = items.at(-1);
            yield items;
          }
        }
      } finally {
        this.#followers.delete(follower);
        signal.removeEventListener("abort", stop);
      }
    }
  }

  /**
   * A consumer goes with the log that it was made for, or with the entry that it was to give next; its reader finds out
   * at the next heartbeat.
   */
  restart(first = Number.POSITIVE_INFINITY): void {
    for (const follower of this.#followers) {
      if (follower.next >= first) continue;
      follower.next = Number.POSITIVE_INFINITY;
      this.#end(follower, IDLE_HEARTBEAT_MS);
    }
  }

  /** The log has lost its end: consumers go on when it has grown again, and readers look while nothing comes. */
  lookAtIdle(): void {
    for (const follower of this.#followers) this.#end(follower, IDLE_MS);
  }

  #end(follower: Follower, within: number): void {
    const { time, random } = this.#bus.parts;
    const { next } = follower;
    const end = () => {
      if (follower.next !== next) return;
      follower.over = true;
      follower.wake();
    };
    time.after(random.between(10, within), end, this.process);
  }

  #followFrom(next: number): Follower {
    const follower = { next, sent: next, notBefore: 0, received: [], over: false, wake: () => {} };
    this.#followers.add(follower);
    this.pump();
    return follower;
  }

  async #reach(signal?: AbortSignal): Promise<VirtualBus> {
    const bus = await this.#ask(() => this.#bus, false, signal);
    if (bus === undefined) throw unavailable();
    return bus;
  }

  /** Undefined when the signal fires first. */
  async #patiently(signal: AbortSignal): Promise<VirtualBus | undefined> {
    while (!signal.aborted) {
      const bus = await this.#reach(signal).catch(() => undefined);
      if (bus !== undefined) return bus;
    }
    return undefined;
  }

  /** Sends the followers what they have not been sent. */
  pump(): void {
    if (!this.connected || !this.process.alive || !this.#reaches()) return;
    const { time, network } = this.#bus.parts;
    for (const follower of this.#followers) {
      for (; follower.sent <= (this.#bus.state?.last ?? 0); follower.sent++) {
        const sequence = follower.sent;
        follower.notBefore = Math.max(follower.notBefore, time.now + network.delay());
        time.after(follower.notBefore - time.now, () => this.#receive(follower, sequence), this.process);
      }
    }
  }

  #reaches(): boolean {
    return this.#bus.serves(this.#place);
  }

  #receive(follower: Follower, sequence: number): void {
    const stored = this.#bus.at(sequence);
    if (follower.over || sequence !== follower.next || stored === undefined || !this.#reaches()) return;
    follower.next++;
    follower.received.push({ sequence, bytes: stored.bytes, ...readable(decoded(stored.bytes)) });
    follower.wake();
  }

  /** What was lost on its way is sent again, as a consumer's idle heartbeat sees to. */
  #lookAgain(): void {
    for (const follower of this.#followers) follower.sent = follower.next;
    this.pump();
    this.#bus.parts.time.after(IDLE_HEARTBEAT_MS, () => this.#lookAgain(), this.process);
  }

  #turn(connected: boolean): void {
    this.connected = connected;
    for (const listener of this.#onChange) listener(connected);
    for (const follower of this.#followers) follower.sent = follower.next;
    this.pump();
  }

  /**
   * Undefined when no answer came in time; `late`: a request that found no way may be done when there is one again. One
   * that only asks is made again while there is no answer.
   */
  #ask<T>(act: () => T, late: boolean, signal: AbortSignal | undefined): Promise<T | undefined> {
    const { time, network, random } = this.#bus.parts;
    return new Promise((resolve, reject) => {
      if (!this.process.alive) return;
      const settle = (end: () => void) => {
        cancel();
        signal?.removeEventListener("abort", abort);
        end();
      };
      const abort = () => settle(() => reject(aborted()));
      const cancelTimeout = time.after(TIMEOUT_MS, () => settle(() => resolve(undefined)), this.process);
      let cancelAgain = () => {};
      const cancel = () => {
        cancelTimeout();
        cancelAgain();
      };
      if (signal?.aborted) return abort();
      signal?.addEventListener("abort", abort, { once: true });
      const arrive = (again: boolean) => {
        if (!this.#reaches() || network.loses()) {
          if (again && random.chance(0.5)) time.after(random.between(500, 8_000), () => arrive(false));
          return;
        }
        const answer = act();
        if (network.loses()) return;
        const back = () => {
          if (this.#reaches()) settle(() => resolve(answer));
        };
        time.after(network.delay(), back, this.process);
      };
      const send = () => {
        // One connection carries requests in their order.
        this.#arrivesAt = Math.max(this.#arrivesAt, time.now + network.delay());
        time.after(this.#arrivesAt - time.now, () => arrive(late));
        if (!late) cancelAgain = time.after(AGAIN_MS, send, this.process);
      };
      send();
    });
  }
}

/** The first entry for a reader that holds one, or none. */
function nextAfter(bus: VirtualBus, held: LogPlace | undefined): number {
  const { state } = bus;
  if (state === undefined) throw new ReelmeshError("NOT_FOUND", "there is no virtual log");
  const { first, last } = state;
  const empty = last < first;
  if (empty && (held !== undefined || first > 1))
    throw new ReelmeshError("NOT_FOUND", `the log is empty, from ${first}`);
  const from = (held?.sequence ?? 0) + 1;
  if (held !== undefined && held.sequence > last)
    throw new ReelmeshError("CONFLICT", `the virtual log ends at ${last}`);
  const standing = held === undefined ? undefined : bus.at(held.sequence);
  if (standing !== undefined && held !== undefined && Buffer.compare(standing.bytes, held.bytes) !== 0) {
    throw new ReelmeshError("CONFLICT", `entry ${held.sequence} is another one`);
  }
  if (from >= first) return from;
  const begin = bus.at(first);
  if (begin !== undefined && decoded(begin.bytes)?.kind === "snapshot") return first;
  throw new ReelmeshError("CORRUPT", `entries ${from} to ${first - 1} are gone; entry ${first} is no snapshot`);
}

/** Anybody on the bus can publish anything. */
function decoded(bytes: Uint8Array): LogEntry | undefined {
  try {
    return logEntryCodec.decode(bytes);
  } catch {
    return undefined;
  }
}

function readable(entry: LogEntry | undefined): { entry?: LogEntry } {
  return entry === undefined ? {} : { entry };
}

function aborted(): ReelmeshError {
  return new ReelmeshError("ABORTED", "stopped while waiting for the virtual log");
}

function unavailable(): ReelmeshError {
  return new ReelmeshError("UNAVAILABLE", "the virtual log did not answer");
}
