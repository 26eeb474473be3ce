/** A node that only answers: real gRPC and HTTP listeners over jobs that the test writes. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { ReelmeshError } from "../../src/core/errors.js";
import type { AssetsHandlers } from "../../src/gen/reelmesh/v1/Assets.js";
import type { Job } from "../../src/gen/reelmesh/v1/Job.js";
import type { JobsHandlers } from "../../src/gen/reelmesh/v1/Jobs.js";
import type { NodeHandlers } from "../../src/gen/reelmesh/v1/Node.js";
import type { NodeSummary } from "../../src/gen/reelmesh/v1/NodeSummary.js";
import type { SubmitRequest__Output } from "../../src/gen/reelmesh/v1/SubmitRequest.js";
import { meshCredentials } from "../../src/node/credentials.js";
import { serverStream, startGrpcServer, unary } from "../../src/node/grpc/server.js";
import { services } from "../../src/node/proto.js";

export interface StandInNode {
  grpc: string;
  peer: string;
  summary: NodeSummary;
  jobs: Map<string, Job>;
  /** Other nodes that it has heard of. */
  others: NodeSummary[];
  submitted: SubmitRequest__Output[];
  /** What it says to a watcher, given the job as it is; ends the stream at the end. */
  watch: (job: Job, signal: AbortSignal) => AsyncIterable<Job>;
  /** What it throws at the next submission. */
  refuseSubmit: ReelmeshError | undefined;
  /** What it answers to the next upload, instead of taking it. */
  refuseUpload: { status: number; code: string; message: string } | undefined;
  stop(): Promise<void>;
}

export async function startStandInNode(name: string): Promise<StandInNode> {
  const uploads = createServer((request, response) => void receive(node, request, response));
  uploads.listen(0, "127.0.0.1");
  await once(uploads, "listening");
  const peer = `127.0.0.1:${(uploads.address() as AddressInfo).port}`;
  const node: StandInNode = {
    grpc: "",
    peer,
    summary: { id: `id-${name}`, name, state: "ready", version: "0.1.0", http: "127.0.0.1:7480", peer, slots: 2 },
    jobs: new Map(),
    others: [],
    submitted: [],
    watch: async function* (job) {
      yield job;
    },
    refuseSubmit: undefined,
    refuseUpload: undefined,
    async stop() {
      uploads.closeAllConnections();
      if (uploads.listening) await new Promise((resolve) => uploads.close(resolve));
      await server.stop();
    },
  };
  const server = await startGrpcServer({
    host: "127.0.0.1",
    port: 0,
    credentials: meshCredentials().grpcServer,
    services: [
      { definition: services.Node, implementation: nodeHandlers(node) },
      { definition: services.Jobs, implementation: jobsHandlers(node) },
      { definition: services.Assets, implementation: assetsHandlers },
    ],
  });
  node.grpc = server.address;
  node.summary.grpc = server.address;
  return node;
}

function nodeHandlers(node: StandInNode): NodeHandlers {
  return {
    GetStatus: unary(async () => ({
      node: node.summary,
      uptimeSeconds: 3725,
      term: 4,
      coordinatorId: "id-beta",
      coordinatorName: "beta",
      cores: 4,
      load: 1.25,
      memoryBytes: 8 * 2 ** 30,
      memoryFreeBytes: 2 ** 30,
      diskBytes: 100 * 2 ** 30,
      diskFreeBytes: 50 * 2 ** 30,
      encoders: [{ name: "libx264", version: "5.1.9" }],
      confinement: "limits",
      confinementReason: "bwrap is not installed",
      peers: node.others,
      natsConnected: true,
      natsVersion: "2.10.27",
      logSequence: 44,
      core: {
        generation: 2,
        slots: [
          { slot: 1, nodeId: "id-alpha", nodeName: "alpha", client: "10.0.0.1:7422", state: "up" },
          { slot: 2, nodeId: "id-beta", nodeName: "beta", client: "10.0.0.2:7422", state: "up" },
          { slot: 3, nodeId: "id-gamma", nodeName: "gamma", client: "10.0.0.3:7422", state: "away" },
        ],
        streamLeader: "core-2",
        replicas: [
          { server: "core-2", current: true, lag: 0 },
          { server: "core-3", current: false, lag: 12 },
        ],
      },
    })),
    ListNodes: unary(async () => ({ nodes: [node.summary, ...node.others] })),
    Join: unary(async () => ({})),
    Hold: unary(async () => ({})),
    Holds: unary(async () => ({})),
    ListUnsettled: unary(async () => ({})),
    Drain: unary(async () => setState(node, "drained")),
    Pause: unary(async () => setState(node, "paused")),
    Resume: unary(async () => setState(node, "ready")),
    OfferCore: unary(async () => ({})),
    ServeCore: unary(async () => ({})),
  };
}

function setState({ summary }: StandInNode, state: string): NodeSummary {
  summary.state = state;
  return summary;
}

function jobsHandlers(node: StandInNode): JobsHandlers {
  const find = ({ job }: { job: string }) => {
    const found = node.jobs.get(job);
    if (found === undefined) throw new ReelmeshError("NOT_FOUND", `there is no job ${job}; list them: reelmesh jobs`);
    return found;
  };
  return {
    Submit: unary(async (request) => {
      const refusal = node.refuseSubmit;
      node.refuseSubmit = undefined;
      if (refusal !== undefined) throw refusal;
      node.submitted.push(request);
      const job: Job = { id: request.job, name: "film", asset: "film-1", state: "submitted" };
      node.jobs.set(request.job, job);
      return job;
    }),
    Get: unary(async (request) => find(request)),
    List: unary(async () => ({ jobs: [...node.jobs.values()] })),
    Cancel: unary(async (request) => ({ ...find(request), state: "cancelled" })),
    Adjust: unary(async (request) => {
      const { priority = 0, paused = false } = request;
      return { ...find(request), priority, paused };
    }),
    Retry: unary(async (request) => ({ ...find(request), state: "running" })),
    Remove: unary(async (request) => find(request)),
    Watch: serverStream((request, { signal }) => node.watch(find(request), signal)),
  };
}

const assetsHandlers: AssetsHandlers = {
  List: unary(async () => ({
    assets: [
      {
        asset: "film-1",
        name: "film",
        seconds: 83,
        bytes: 5 * 2 ** 20,
        renditions: ["720p"],
        held: true,
        available: true,
        copies: 3,
        copiesWanted: 3,
      },
    ],
  })),
};

async function receive(node: StandInNode, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refusal = node.refuseUpload;
  node.refuseUpload = undefined;
  if (refusal !== undefined) {
    const { status, ...answer } = refusal;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    return;
  }
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of request) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  response.writeHead(201, { "content-type": "application/json" });
  response.end(JSON.stringify({ sha256: hash.digest("hex"), bytes }));
}
