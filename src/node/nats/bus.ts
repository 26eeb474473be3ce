/** The connection to NATS: one a node, for the mesh log and the heartbeats. */
import { connect, Events, type NatsConnection } from "nats";
import { ReelmeshError } from "../../core/errors.js";

/** Older servers let two writers win the same sequence: see docs/adr/0001-mesh-log-and-election.md. */
const OLDEST_SERVER = [2, 10] as const;
const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_WAIT_MS = 250;
const PING_MS = 2_000;

export interface Bus {
  readonly connection: NatsConnection;
  /** Version of the server that the node talks to. */
  version(): string;
  connected(): boolean;
  /** Told of every change of `connected`. */
  onChange(listener: (connected: boolean) => void): void;
  /** Settles when the connection is gone. */
  close(): Promise<void>;
}

/** UNAVAILABLE when none of the servers answers; ENVIRONMENT when the one that does is too old. */
export async function connectBus(servers: string[], name: string): Promise<Bus> {
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers,
      name: `reelmesh ${name}`,
      timeout: CONNECT_TIMEOUT_MS,
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
  if (refusal !== undefined) {
    await connection.close();
    throw new ReelmeshError("ENVIRONMENT", refusal);
  }
  return wrap(connection);
}

function refuseServer(connection: NatsConnection): string | undefined {
  const version = connection.info?.version ?? "0";
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < OLDEST_SERVER[0] || (major === OLDEST_SERVER[0] && minor < OLDEST_SERVER[1])) {
    return (
      `the NATS server at ${connection.getServer()} is version ${version}: its compare-and-set lets two coordinators ` +
      "win at once. Use nats-server 2.10 or newer (scripts/setup.sh fetches one, REELMESH_NATS_SERVER names one)"
    );
  }
  if (connection.info?.jetstream !== true) {
    return `the NATS server at ${connection.getServer()} has no JetStream: start it with -js, or name another with --nats`;
  }
  return undefined;
}

function wrap(connection: NatsConnection): Bus {
  let connected = true;
  const listeners: ((connected: boolean) => void)[] = [];
  const set = (now: boolean) => {
    if (now === connected) return;
    connected = now;
    for (const listener of listeners) listener(now);
  };
  (async () => {
    for await (const status of connection.status()) {
      if (status.type === Events.Disconnect) set(false);
      if (status.type === Events.Reconnect) set(true);
    }
    set(false);
  })().catch(() => set(false));
  return {
    connection,
    version: () => connection.info?.version ?? "",
    connected: () => connected,
    onChange: (listener) => listeners.push(listener),
    close: async () => {
      if (!connection.isClosed()) await connection.close();
    },
  };
}
