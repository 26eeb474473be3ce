import type { Command } from "commander";
import type { NodeStatus__Output as NodeStatus } from "../gen/reelmesh/v1/NodeStatus.js";
import type { NodeSummary__Output as NodeSummary } from "../gen/reelmesh/v1/NodeSummary.js";
import { services } from "../node/proto.js";
import { ask } from "./ask.js";
import { formatBytes, formatFields, formatSeconds } from "./format.js";
import { nodeTable } from "./nodes.js";
import { type AskOptions, example, jsonOption, nodeOption } from "./options.js";
import { printJson, printLines } from "./output.js";

export function addStatus(program: Command): void {
  program
    .command("status")
    .description("show how a node is, who coordinates, and which nodes there are")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example("reelmesh status --node 10.0.0.7"))
    .action(showStatus);
}

async function showStatus(options: AskOptions): Promise<void> {
  const status = await ask(options.node, services.Node.GetStatus, {});
  if (options.json) return printJson(statusObject(status));
  printLines([...describeNode(status), "", ...nodeTable(allNodes(status))]);
}

function statusObject(status: NodeStatus): object {
  const { node, peers: _peers, term, coordinatorId, coordinatorName, ...measured } = status;
  return {
    node: { ...node, ...measured },
    coordinator: { id: coordinatorId || null, name: coordinatorName || null, term },
    nodes: allNodes(status).map(({ name, state, grpc, http, slots, busy }) => ({
      name,
      state,
      grpc,
      http,
      slots,
      busy,
    })),
  };
}

/** The node itself, then the others. */
function allNodes({ node, peers }: NodeStatus): NodeSummary[] {
  return node === null ? peers : [node, ...peers.filter(({ id }) => id !== node.id)];
}

function describeNode(status: NodeStatus): string[] {
  const { node } = status;
  const free = (free: number, all: number) => `${formatBytes(free)} free of ${formatBytes(all)}`;
  const running = status.running.map(({ task, job, seconds }) => `${task} of ${job} for ${formatSeconds(seconds)}`);
  return formatFields([
    ["node", `${node?.name}, ${node?.state}, up ${formatSeconds(status.uptimeSeconds)}, version ${node?.version}`],
    ["coordinator", status.coordinatorName === "" ? "none known" : `${status.coordinatorName}, term ${status.term}`],
    [
      "nats",
      status.natsConnected
        ? `connected, nats-server ${status.natsVersion}`
        : "not connected: no work is taken until it is back",
    ],
    ["mesh log", `read to ${status.logSequence}`],
    ["machine", `${status.cores} cores, load ${status.load.toFixed(2)}`],
    ["memory", free(status.memoryFreeBytes, status.memoryBytes)],
    ["disk", free(status.diskFreeBytes, status.diskBytes)],
    ["store", `${node?.blobs} blobs, ${formatBytes(node?.bytes ?? 0)}, ${node?.missing} to fetch`],
    ["encoders", status.encoders.map(({ name, version }) => `${name} (ffmpeg ${version})`).join(", ")],
    ["running", running.join(", ")],
  ]);
}
