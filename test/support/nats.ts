/** Real nats-servers for tests, on free ports, and what a node's own server says of itself. */
import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { connect } from "nats";
import { copyEnd } from "../../src/node/nats/server-health.js";
import { NatsServer } from "../../src/node/nats/server-process.js";
import { packageRoot } from "../../src/node/paths.js";
import { freePorts } from "./ports.js";
import { temporaryFolder } from "./temporary.js";

/** Of servers that start together one may be mute for good (src/core/mute-watch.ts): then they start again. */
const CLUSTER_START_MS = 20_000;
const ASK_MS = 5_000;
const STARTS = 8;

export interface TestNats {
  url: string;
  server: NatsServer;
  /** Kills the server; resolves when it is up again, on the same port. */
  restart(): Promise<void>;
}

/** URL of the monitoring of the server of the node with that data folder. */
export async function monitoringOf(data: string): Promise<string> {
  const pid = await readFile(join(data, "nats/pid"), "utf8");
  const ports = JSON.parse(await readFile(join(data, `nats/nats-server_${pid.trim()}.ports`), "utf8"));
  return ports.monitoring[0];
}

/** Of /jsz and /routez, what is told of them. */
interface ServerAnswer {
  meta_cluster?: object;
  account_details?: { stream_detail?: { state: { last_seq: number }; cluster?: object }[] }[];
  routes?: { remote_name: string; start: string }[];
}

/** One line: how a node's server sees its cluster, the mesh log's stream and its links; why not, when it does not say. */
export async function serverSight(data: string): Promise<string> {
  try {
    const url = await monitoringOf(data);
    const ask = async (path: string): Promise<ServerAnswer> =>
      (await fetch(url + path, { signal: AbortSignal.timeout(ASK_MS) })).json() as Promise<ServerAnswer>;
    const { meta_cluster, account_details = [] } = await ask("/jsz?accounts=true&streams=true");
    const { routes = [] } = await ask("/routez");
    const [stream] = account_details.flatMap(({ stream_detail = [] }) => stream_detail);
    const links = routes.map((route) => `${route.remote_name} since ${route.start}`);
    return JSON.stringify({ meta: meta_cluster, end: stream?.state.last_seq, stream: stream?.cluster, links });
  } catch (error) {
    return String(error);
  }
}

export async function startNats(host = "127.0.0.1", until?: "run"): Promise<TestNats> {
  const folder = await temporaryFolder(until);
  const restarted = new EventEmitter();
  const report = () => restarted.emit("gone");
  const server = new NatsServer({ folder, name: "test", host, port: 0, report });
  const url = `nats://${host}:${await server.start()}`;
  const restart = async () => {
    const gone = once(restarted, "gone");
    process.kill(Number(await readFile(join(folder, "pid"), "utf8")), "SIGKILL");
    await gone;
  };
  return { url, server, restart };
}

export interface TestCluster {
  urls: string[];
  /** Kills all servers; resolves when they are up again. */
  restart(): Promise<void>;
  /** Kills one server, "test-0" to "test-2", and starts it again. */
  restartOne(server: string): Promise<void>;
  /** Sequence of the newest message in each server's own copy of a stream. */
  copyEnds(stream: string): Promise<(number | undefined)[]>;
  /** Kills all but the server of that name, "test-0" to "test-2", whose URL it gives. */
  keepOnly(server: string): string;
  stop(): Promise<void>;
}

/** Three servers with replicated streams; resolves when they have elected who leads. */
export async function startNatsCluster(): Promise<TestCluster> {
  const ports = await freePorts(9);
  const [clients, routes, monitors] = [ports.slice(0, 3), ports.slice(3, 6), ports.slice(6)];
  const files = await Promise.all(clients.map((port, index) => configure(index, port, routes, monitors)));
  const urls = clients.map((port) => `nats://127.0.0.1:${port}`);
  const program = process.env["REELMESH_NATS_SERVER"] ?? join(packageRoot, ".tools/nats-server");
  const startOne = (file: string) => spawn(program, ["-c", file], { stdio: "ignore" });
  const start = () => files.map(startOne);
  let servers = start();
  const stop = async () => {
    for (const server of servers) server.kill("SIGKILL");
    await Promise.all(servers.map((server) => server.exitCode ?? server.signalCode ?? once(server, "exit")));
  };
  const clustered = async (tries = STARTS): Promise<void> => {
    try {
      await untilClustered(urls);
    } catch (error) {
      await stop();
      if (tries === 1) throw error;
      servers = start();
      await clustered(tries - 1);
    }
  };
  const restart = async () => {
    await stop();
    servers = start();
    await clustered();
  };
  await clustered();
  const keepOnly = (name: string) => {
    const kept = Number(name.split("-")[1]);
    for (const [index, server] of servers.entries()) if (index !== kept) server.kill("SIGKILL");
    return urls[kept] as string;
  };
  const restartOne = async (name: string) => {
    const at = Number(name.split("-")[1]);
    const gone = once(servers[at] as ChildProcess, "exit");
    servers[at]?.kill("SIGKILL");
    await gone;
    servers[at] = startOne(files[at] as string);
  };
  const copyEnds = (stream: string) => Promise.all(monitors.map((port) => copyEnd(`http://127.0.0.1:${port}`, stream)));
  return { urls, restart, restartOne, copyEnds, keepOnly, stop };
}

/** The file with which a member of the cluster starts. */
async function configure(index: number, port: number, routes: number[], monitors: number[]): Promise<string> {
  const folder = await temporaryFolder();
  const configuration = [
    `server_name: test-${index}`,
    "host: 127.0.0.1",
    `port: ${port}`,
    `http: "127.0.0.1:${monitors[index]}"`,
    `jetstream { store_dir: ${JSON.stringify(folder)} }`,
    `cluster { name: test, host: 127.0.0.1, port: ${routes[index]},`,
    `  routes: [${routes.map((route) => `"nats://127.0.0.1:${route}"`).join(", ")}] }`,
  ];
  const file = join(folder, "configuration");
  await writeFile(file, configuration.join("\n"));
  return file;
}

/** A replicated stream can be made when the servers have all found each other and one of them leads. */
async function untilClustered(urls: string[]): Promise<void> {
  const until = performance.now() + CLUSTER_START_MS;
  for (;;) {
    try {
      const connection = await connect({ servers: urls, timeout: ASK_MS });
      try {
        const { streams } = await connection.jetstreamManager({ timeout: ASK_MS });
        await streams.add({ name: "PROBE", num_replicas: 3 });
        await streams.delete("PROBE");
        return;
      } finally {
        await connection.close();
      }
    } catch (error) {
      if (performance.now() > until) throw error;
      await delay(100); // a server that is not up yet has no event for it
    }
  }
}
