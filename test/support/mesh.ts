/** Real nodes as real processes on free ports, and the real command line to talk to them. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { ReadyLine } from "../../src/node/main.js";
import { packageRoot } from "../../src/node/paths.js";
import { temporaryFolder } from "./temporary.js";

const PROGRAM = join(packageRoot, "dist/src/cli/main.js");

export interface TestNode extends ReadyLine {
  pid: number;
  data: string;
  /** Ctrl-C; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL to the node's process alone; its nats-server lives on. */
  kill(): Promise<void>;
}

export interface Answer {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the command line to its end. */
export function reelmesh(...words: string[]): Promise<Answer> {
  return new Promise((resolve) => {
    const options = { env: environment(), maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [PROGRAM, ...words], options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : null;
      resolve({ code, stdout, stderr });
    });
  });
}

/** Starts a node and waits until it is ready. */
async function startNode(name: string, ...words: string[]): Promise<TestNode> {
  const data = await temporaryFolder();
  return startNodeIn(data, name, ...words);
}

export async function startNodeIn(data: string, name: string, ...words: string[]): Promise<TestNode> {
  const ports = ["--grpc-port", "0", "--http-port", "0", "--nats-port", "0", "--route-port", "0"];
  const command = [PROGRAM, "up", "--data", data, "--name", name, "--log", "json", "--slots", "1", ...ports, ...words];
  const child = spawn(process.execPath, command, { env: environment(), stdio: ["ignore", "pipe", "pipe"] });
  child.stderr.pipe(createWriteStream(join(data, "node.log"), { flags: "a" }));
  const exited = once(child, "exit").then(([code]) => code as number | null);
  const ready = await Promise.race([readyLine(child), exited]);
  if (ready === null || typeof ready === "number") {
    throw new Error(`node ${name} ended before it was ready: ${await readFile(join(data, "node.log"), "utf8")}`);
  }
  child.stdout.resume();
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(name);
    return exited;
  };
  return {
    ...ready,
    pid: child.pid as number,
    data,
    stop: () => signal("SIGINT"),
    kill: async () => {
      await signal("SIGKILL");
    },
  };
}

async function readyLine(child: ChildProcess): Promise<ReadyLine> {
  if (child.stdout === null) throw new Error("the node has no standard output");
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line) as ReadyLine;
    if (said.event === "ready") return said;
  }
  return new Promise(() => {});
}

/** A mesh of nodes named n1, n2, ...; the first runs the NATS server. */
export async function startMesh(size: number, ...words: string[]): Promise<TestNode[]> {
  const first = await startNode("n1", ...words);
  const join = [...words, "--join", first.grpc];
  const others = Array.from({ length: size - 1 }, (_, index) => startNode(`n${index + 2}`, ...join));
  return [first, ...(await Promise.all(others))];
}

/** Stops nodes in reverse order, and the nats-server that a killed one has left. */
export async function stopMesh(nodes: TestNode[]): Promise<void> {
  for (const node of [...nodes].reverse()) await node.stop();
  for (const node of nodes) await endLeftServer(node.data);
}

/** SIGKILL to the node and to its nats-server, as when the machine loses its power. */
export async function killMachine(node: TestNode): Promise<void> {
  await node.kill();
  await endLeftServer(node.data);
}

async function endLeftServer(data: string): Promise<void> {
  const pid = Number(await readFile(join(data, "nats/pid"), "utf8").catch(() => "0"));
  try {
    if (pid > 0) process.kill(pid, "SIGKILL");
  } catch {
    // It has ended already.
  }
  await rm(join(data, "nats/pid"), { force: true });
}

function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => {
    return !name.startsWith("REELMESH_") || /_(NATS_SERVER|FFMPEG|TEST_RUN)$/.test(name);
  });
  return Object.fromEntries(kept);
}
