/** Meshes of real nodes as real processes, and the real command line to talk to them. */
import { execFile } from "node:child_process";
import type { CoreStatus__Output as CoreStatus } from "../../src/gen/reelmesh/v1/CoreStatus.js";
import { meshCredentials } from "../../src/node/credentials.js";
import { createPeerClients } from "../../src/node/grpc/client.js";
import { services } from "../../src/node/proto.js";
import { environment, type NodeOptions, PROGRAM, TestNode } from "./node.js";
import { until } from "./until.js";

const SETTLE_MS = 300_000;
const STATUS_MS = 30_000;
/** Servers of a mesh of three nodes or more. */
export const CORE_SIZE = 3;

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
    const others = Array.from({ length: size - 1 }, (_, at) => start(at + 1, ["--join", first.grpc]));
    // One that fails does not stop the others from starting: they are stopped when they are up.
    const failed = (await Promise.allSettled(others)).find((result) => result.status === "rejected");
    if (failed !== undefined) throw failed.reason;
    return nodes;
  } catch (error) {
    await stopMesh(nodes.filter((node) => node !== undefined));
    throw error;
  }
}

/** Resolves when the mesh has moved to its three NATS servers and each has the whole log; asks whom `at` names. */
export async function coreSettles(at: () => TestNode): Promise<CoreStatus> {
  const clients = createPeerClients(meshCredentials().grpcChannel);
  const ask = () => clients.call(at().grpc, services.Node.GetStatus, {}, { deadlineMs: STATUS_MS });
  const settled = async () => {
    const { core } = await ask().catch(() => ({ core: null }));
    const whole = core?.replicas.length === CORE_SIZE && core.replicas.every(({ current }) => current);
    return core !== null && (core.external || whole) ? core : undefined;
  };
  try {
    return await until(settled, "the core of three settles", SETTLE_MS);
  } finally {
    clients.close();
  }
}

/** Stops nodes in reverse order, and the nats-server that a killed one has left. */
export async function stopMesh(nodes: TestNode[]): Promise<void> {
  const problems: unknown[] = [];
  for (const node of [...nodes].reverse()) await node.stop().catch((error: unknown) => problems.push(error));
  for (const node of nodes) await node.killNats().catch((error: unknown) => problems.push(error));
  if (problems.length > 0) throw problems[0];
}
