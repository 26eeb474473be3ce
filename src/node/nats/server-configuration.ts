/** What a nats-server of the mesh is told: https://docs.nats.io/running-a-nats-service/configuration. */
import { memberName } from "../../core/core-seat.js";

/** A server by itself, or a member of a cluster. */
export interface ServerRole {
  /** Which store: another generation begins with another, empty one. */
  generation: number;
  slot: number;
  /** host:port of the other members' routes; absent: a server by itself. */
  routes?: string[];
}

export interface ServerPlace {
  /** Folder for its store, configuration, log and pid. */
  folder: string;
  /** Name of a server by itself; a member's is its slot's. */
  name: string;
  host: string;
  /** Host that others reach it by; the one listened on when absent. */
  advertise?: string;
}

export interface ServerPorts {
  client: number;
  route: number;
}

/** First line of a configuration: tells a running server's role. */
export function roleLine({ generation, slot, routes }: ServerRole): string {
  return `# generation ${generation}, ${routes === undefined ? "alone" : `slot ${slot}`}`;
}

/**
 * Name of a generation's cluster. Each has its own, so that a server that missed the move is refused by the others,
 * and known to the clients.
 */
export function clusterName(generation: number): string {
  return `reelmesh-${generation}`;
}

/** Name of the folder of a generation's store. */
export function storeName(generation: number): string {
  return `jetstream-${generation}`;
}

export function serverConfiguration(place: ServerPlace, role: ServerRole, ports: ServerPorts): string {
  const { folder, host } = place;
  const file = (name: string) => quote(`${folder}/${name}`);
  return [
    roleLine(role),
    `server_name: ${quote(role.routes === undefined ? place.name : memberName(role.slot))}`,
    `host: ${quote(host)}`,
    `port: ${ports.client === 0 ? -1 : ports.client}`,
    `ports_file_dir: ${quote(folder)}`,
    `pid_file: ${file("pid")}`,
    `log_file: ${file("nats-server.log")}`,
    "logfile_size_limit: 10MB",
    "logfile_max_num: 3",
    // Tells the node how the server is, and nobody else.
    'http: "127.0.0.1:-1"',
    // A client whose machine has gone is let go in seconds, and so is one that takes nothing.
    'ping_interval: "2s"',
    "ping_max: 2",
    'write_deadline: "5s"',
    "jetstream {",
    `  store_dir: ${file(storeName(role.generation))}`,
    // What is acknowledged is on the disk of the coordinator's own copy of the log, which shares its waits for the disk
    // among many entries; a server would wait for each.
    "  sync_interval: 1s",
    "}",
    ...(role.routes === undefined ? [] : clusterLines(place, role.generation, role.routes, ports)),
    "",
  ].join("\n");
}

function clusterLines(place: ServerPlace, generation: number, routes: string[], ports: ServerPorts): string[] {
  const advertise = place.advertise ?? place.host;
  return [
    `client_advertise: ${quote(address(advertise, ports.client))}`,
    "cluster {",
    `  name: ${quote(clusterName(generation))}`,
    `  listen: ${quote(address(place.host, ports.route))}`,
    `  cluster_advertise: ${quote(address(advertise, ports.route))}`,
    '  ping_interval: "2s"',
    // Little goes between them; and with several links a pair, a member was once cut off while they were being made.
    "  pool_size: -1",
    `  routes: [${routes.map((route) => quote(`nats://${route}`)).join(", ")}]`,
    "}",
  ];
}

function quote(text: string): string {
  return JSON.stringify(text);
}

function address(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
