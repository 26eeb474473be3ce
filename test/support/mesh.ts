/** Meshes of real nodes as real processes, and the real command line to talk to them. */
import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { environment, type NodeOptions, PROGRAM, TestNode } from "./node.js";
import { sendSignal } from "./processes.js";

const SETTLE_MS = 90_000;

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

/** A mesh of nodes named n1, n2, ...; the first runs the NATS server. `options` is what one of them is given. */
export async function startMesh(
  size: number,
  options: (index: number) => Partial<NodeOptions> | Promise<Partial<NodeOptions>> = () => ({}),
): Promise<TestNode[]> {
  const nodes: TestNode[] = [];
  const start = async (index: number, join: string[]) => {
    const { words = [], ...given } = await options(index);
    // Nodes on NATS servers of somebody else's find each other there.
    const joined = words.includes("--nats") ? words : [...join, ...words];
    const node = await TestNode.prepare({ name: `n${index + 1}`, ...given, words: joined });
    nodes[index] = node;
    await node.up();
    return node;
  };
  try {
    const first = await start(0, []);
    await Promise.all(Array.from({ length: size - 1 }, (_, at) => start(at + 1, ["--join", first.grpc])));
    return nodes;
  } catch (error) {
    await stopMesh(nodes.filter((node) => node !== undefined));
    throw error;
  }
}

/** Resolves when the mesh has moved to its three NATS servers and each has the whole log. */
export async function coreSettles(node: TestNode): Promise<void> {
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    const { stdout } = await reelmesh("status", "--json", "--node", node.grpc);
    const replicas: { current: boolean }[] = (stdout === "" ? undefined : JSON.parse(stdout).core?.replicas) ?? [];
    if (replicas.length === 3 && replicas.every(({ current }) => current)) return;
    if (performance.now() > until) throw new Error(`the core of three does not settle: ${stdout}`);
    await delay(500); // a status has no event for it
  }
}

/** Stops nodes in reverse order, and the nats-server that a killed one has left. */
export async function stopMesh(nodes: TestNode[]): Promise<void> {
  const problems: unknown[] = [];
  for (const node of [...nodes].reverse()) await node.stop().catch((error: unknown) => problems.push(error));
  for (const node of nodes) sendSignal(await node.natsPid(), "SIGKILL");
  if (problems.length > 0) throw problems[0];
}
