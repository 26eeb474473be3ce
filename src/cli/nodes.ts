import type { Command } from "commander";
import type { NodeSummary__Output as NodeSummary } from "../gen/reelmesh/v1/NodeSummary.js";
import { services } from "../node/proto.js";
import { ask } from "./ask.js";
import { formatBytes, formatSeconds, formatTable } from "./format.js";
import { type AskOptions, example, jsonOption, nodeOption } from "./options.js";
import { printJson, printLines } from "./output.js";

export function addNodes(program: Command): void {
  program
    .command("nodes")
    .description("list the nodes that the asked one has heard of")
    .addOption(nodeOption())
    .addOption(jsonOption())
    .addHelpText("after", example("reelmesh nodes"))
    .action(listNodes);
}

async function listNodes(options: AskOptions): Promise<void> {
  const { nodes } = await ask(options.node, services.Node.ListNodes, {});
  if (options.json) return printJson({ nodes });
  printLines(nodeTable(nodes));
}

function stateText({ state, heardMsAgo, setAside }: NodeSummary): string {
  if (state === "lost") return `lost ${formatSeconds(heardMsAgo / 1000)} ago`;
  return setAside === "" ? state : `${state}, set aside`;
}

/** One line a node. */
export function nodeTable(nodes: NodeSummary[]): string[] {
  const rows = nodes.map((node) => [
    node.name,
    stateText(node),
    node.coordinates ? "coordinator" : "",
    `${node.busy}/${node.slots}`,
    formatBytes(node.bytes),
    node.missing,
    node.grpc,
    node.http,
  ]);
  return formatTable(["NODE", "STATE", "ROLE", "BUSY", "STORED", "TO FETCH", "GRPC", "HTTP"], rows);
}
