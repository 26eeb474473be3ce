/** Nodes of the quickstart: each a process of its own, as `reelmesh up` runs it. */
import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { reelmesh } from "./programs.js";

const READY_MS = 90_000;
const STOP_MS = 30_000;

export interface Ports {
  grpc: number;
  http: number;
  peer: number;
  nats: number;
}

/** The ports that reelmesh uses where nothing else is said; 0 picks a free one. */
const USUAL: Ports = { grpc: 7400, http: 7480, peer: 7580, nats: 7422 };
export const ANY: Ports = { grpc: 0, http: 0, peer: 0, nats: 0 };

export interface NodeOptions {
  name: string;
  /** Folder of its data, made when absent; its log is written there too. */
  data: string;
  ports: Ports;
  /** gRPC address of a node of the mesh to join. */
  join?: string;
}

export interface QuickstartNode {
  name: string;
  /** host:port. */
  grpc: string;
  http: string;
  logFile: string;
  /** Resolves when the process has ended, with how. */
  ended: Promise<string>;
  /** Ends it and waits for that; kills it when it does not end in time. Safe to call again. */
  stop(): Promise<void>;
}

/** Starts a node and waits until it is ready. Fails with the end of its log when it does not get there. */
export async function startNode(options: NodeOptions, signal: AbortSignal): Promise<QuickstartNode> {
  await mkdir(options.data, { recursive: true });
  const logFile = join(options.data, "node.log");
  const child = await launch(options, logFile);
  const ended = describeEnd(child);
  const stop = () => stopProcess(child, ended);
  try {
    const ready = await readReadyLine(child.stdout, AbortSignal.any([signal, AbortSignal.timeout(READY_MS)]));
    child.stdout.resume();
    return { name: options.name, grpc: ready.grpc, http: ready.http, logFile, ended, stop };
  } catch (cause) {
    await stop();
    signal.throwIfAborted();
    throw new Error(`node ${options.name} did not start. ${endOfLog(logFile)}`, { cause });
  }
}

/** Where a node's log is and what stands last in it, for a person. */
export function endOfLog(logFile: string): string {
  const lines = readFileSync(logFile, "utf8").trimEnd().split("\n");
  return `The end of its log, ${logFile}:\n${lines.slice(-5).join("\n")}`;
}

type NodeProcess = ChildProcessByStdio<null, Readable, null>;

const running = new Set<ChildProcess>();
// However the quickstart ends, no node outlives it.
process.once("exit", () => running.forEach(killGroup));

async function launch({ name, data, ports, join }: NodeOptions, logFile: string): Promise<NodeProcess> {
  const log = await open(logFile, "a");
  try {
    const child = spawn(
      process.execPath,
      [
        ...[reelmesh, "up", "--data", data, "--name", name, "--log", "json", "--listen", "127.0.0.1"],
        ...["--grpc-port", `${ports.grpc}`, "--http-port", `${ports.http}`],
        ...["--peer-port", `${ports.peer}`, "--nats-port", `${ports.nats}`, "--slots", `${slots()}`],
        ...(join === undefined ? [] : ["--join", join]),
      ],
      // In a process group of its own: Ctrl-C reaches the quickstart alone, which stops the nodes in order.
      { stdio: ["ignore", "pipe", log.fd], detached: true },
    ) as NodeProcess; // the types know no file descriptor in place of standard error
    running.add(child);
    return child;
  } finally {
    await log.close();
  }
}

/** An encode keeps about two cores busy, and three nodes share them. */
function slots(): number {
  return Math.max(1, Math.floor(availableParallelism() / 6));
}

async function readReadyLine(stdout: Readable, signal: AbortSignal): Promise<{ grpc: string; http: string }> {
  for await (const line of createInterface({ input: stdout, signal })) {
    const message = JSON.parse(line);
    if (message.event === "ready") return message;
  }
  throw new Error(signal.aborted ? `not ready after ${READY_MS / 1_000} s` : "ended before it was ready");
}

async function describeEnd(child: ChildProcess): Promise<string> {
  try {
    const [code, killedBy] = await once(child, "exit");
    return killedBy === null ? `exit code ${code}` : `killed by ${killedBy}`;
  } catch (error) {
    return `not started: ${error instanceof Error ? error.message : error}`;
  }
}

async function stopProcess(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.kill("SIGTERM");
  const late = setTimeout(() => {
    console.error(`quickstart: process ${child.pid} has not stopped within ${STOP_MS / 1_000} s and is killed`);
    killGroup(child);
  }, STOP_MS);
  await ended;
  clearTimeout(late);
  killGroup(child);
  running.delete(child);
}

/** Ends what a node that was killed could not: its nats-server and its encodes. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nothing is left of it.
  }
}

/** The usual ports, and 0 in place of each that is taken. */
export async function usualPorts(): Promise<Ports> {
  const [grpc, http, peer, nats] = await Promise.all([USUAL.grpc, USUAL.http, USUAL.peer, USUAL.nats].map(orAny));
  return { grpc: grpc ?? 0, http: http ?? 0, peer: peer ?? 0, nats: nats ?? 0 };
}

async function orAny(port: number): Promise<number> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
    return port;
  } catch {
    return 0;
  } finally {
    server.close();
  }
}
