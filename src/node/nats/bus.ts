/**
 * The connection to NATS: one at a time a node, for the mesh log and the heartbeats. When the mesh moves to other
 * servers, another connection takes its place:
 *
 *   connected --the server goes--> away --one of the servers is back--> connected
 *   any --move--> away --one of the new servers answers--> connected, over a new connection
 *   any --close--> closed
 */
import { setTimeout as delay } from "node:timers/promises";
import { connect, Events, type NatsConnection } from "nats";
import { ReelmeshError } from "../../core/errors.js";
import { refuseVersion } from "./server-version.js";

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_WAIT_MS = 250;
const PING_MS = 2_000;

export interface Bus {
  /** The newest connection; closed while the bus is between two. */
  readonly connection: NatsConnection;
  /** Version of the server that the node talks to. */
  version(): string;
  connected(): boolean;
  /** Told of every change of `connected`. */
  onChange(listener: (connected: boolean) => void): void;
  /** Told of every new connection. */
  onConnection(listener: (connection: NatsConnection) => void): void;
  /**
   * Keeps to the servers of a cluster: where the node is connected to another server, it leaves at once, and connects
   * as soon as one of these answers that is of the cluster. A server that was of the mesh may run on at an address that
   * the cluster has now, or may come back there.
   */
  move(servers: string[], cluster: string): void;
  /** Settles when the connection is gone. */
  close(): Promise<void>;
}

export interface BusOptions {
  /** How long to wait for each server's first answer, in milliseconds. */
  timeoutMs?: number;
  /** Told of a server that is refused after the first. */
  report?(event: string, details: Record<string, unknown>): void;
}

/** UNAVAILABLE when none of the servers answers; ENVIRONMENT when the one that does is too old. */
export async function connectBus(servers: string[], name: string, options: BusOptions = {}): Promise<Bus> {
  const first = await open(servers, name, options.timeoutMs ?? CONNECT_TIMEOUT_MS);
  return new NatsBus(first, name, options);
}

async function open(servers: string[], name: string, timeoutMs: number, cluster = ""): Promise<NatsConnection> {
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers,
      name: `reelmesh ${name}`,
      timeout: timeoutMs,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_WAIT_MS,
      pingInterval: PING_MS,
      maxPingOut: 2,
    });
  } catch (cause) {
    throw new ReelmeshError(
      "UNAVAILABLE",
      `no NATS server answers at ${servers.join(", ")}: start it, or name another with --nats`,
      { cause },
    );
  }
  const refusal = refuseServer(connection);
  if (refusal === undefined && isOf(connection, cluster)) return connection;
  await connection.close();
  if (refusal === undefined) {
    throw new ReelmeshError("UNAVAILABLE", `the NATS server at ${connection.getServer()} is not of ${cluster}`);
  }
  throw new ReelmeshError("ENVIRONMENT", refusal);
}

function refuseServer(connection: NatsConnection): string | undefined {
  const which = `the NATS server at ${connection.getServer()}`;
  const tooOld = refuseVersion(which, connection.info?.version ?? "0");
  if (tooOld !== undefined) return tooOld;
  if (connection.info?.jetstream === true) return undefined;
  return `${which} has no JetStream: start it with -js, or name another with --nats`;
}

function isOf(connection: NatsConnection, cluster: string): boolean {
  return cluster === "" || connection.info?.cluster === cluster;
}

class NatsBus implements Bus {
  #connection: NatsConnection;
  readonly #name: string;
  readonly #options: BusOptions;
  #connected = true;
  readonly #changes: ((connected: boolean) => void)[] = [];
  readonly #connections: ((connection: NatsConnection) => void)[] = [];
  readonly #closing = new AbortController();
  /** Where to go; set while the bus is between two connections. */
  #target: string[] | undefined;
  /** Name of the cluster to keep to; empty: any server will do. */
  #cluster = "";
  #moving: Promise<void> = Promise.resolve();

  constructor(first: NatsConnection, name: string, options: BusOptions) {
    this.#connection = first;
    this.#name = name;
    this.#options = options;
    this.#watch(first);
  }

  get connection(): NatsConnection {
    return this.#connection;
  }

  version(): string {
    return this.#connection.info?.version ?? "";
  }

  connected(): boolean {
    return this.#connected;
  }

  onChange(listener: (connected: boolean) => void): void {
    this.#changes.push(listener);
  }

  onConnection(listener: (connection: NatsConnection) => void): void {
    this.#connections.push(listener);
  }

  move(servers: string[], cluster: string): void {
    const moving = this.#target !== undefined;
    this.#cluster = cluster;
    if (!moving && this.#connected && isOf(this.#connection, cluster)) return;
    this.#target = servers;
    if (!moving && !this.#closing.signal.aborted) this.#moving = this.#leave();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#moving;
    if (!this.#connection.isClosed()) await this.#connection.close();
  }

  /** Closing the old connection first: nothing that begins from here on reaches the servers that are left. */
  async #leave(): Promise<void> {
    const { signal } = this.#closing;
    const left = this.#connection.close();
    this.#set(false);
    await left;
    while (!signal.aborted && this.#target !== undefined) {
      const target = this.#target;
      try {
        const connection = await open(target, this.#name, this.#options.timeoutMs ?? CONNECT_TIMEOUT_MS, this.#cluster);
        if (signal.aborted || target !== this.#target) await connection.close();
        else this.#take(connection);
      } catch (error) {
        if (error instanceof ReelmeshError && error.code !== "UNAVAILABLE") this.#refuse(error.message);
        await delay(RECONNECT_WAIT_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  #take(connection: NatsConnection): void {
    this.#target = undefined;
    this.#connection = connection;
    this.#watch(connection);
    for (const listener of this.#connections) listener(connection);
    this.#set(true);
  }

  #watch(connection: NatsConnection): void {
    const current = () => connection === this.#connection;
    (async () => {
      for await (const status of connection.status()) {
        if (!current()) return;
        if (status.type === Events.Disconnect) this.#set(false);
        if (status.type === Events.Reconnect) await this.#back(connection);
      }
      if (current()) this.#set(false);
    })().catch(() => current() && this.#set(false));
  }

  /** Another server of the cluster may be of another version: one that will not do is left again. */
  async #back(connection: NatsConnection): Promise<void> {
    const refusal = refuseServer(connection);
    if (refusal === undefined && isOf(connection, this.#cluster)) return this.#set(true);
    if (refusal !== undefined) this.#refuse(refusal);
    await delay(RECONNECT_WAIT_MS, undefined, { signal: this.#closing.signal }).catch(() => {});
    if (!connection.isClosed()) await connection.reconnect();
  }

  #refuse(reason: string): void {
    this.#options.report?.("a NATS server is refused", { reason });
  }

  #set(now: boolean): void {
    if (now === this.#connected) return;
    this.#connected = now;
    for (const listener of this.#changes) listener(now);
  }
}
