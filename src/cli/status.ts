import type { Command } from "commander";
import { memberName } from "../core/core-seat.js";
import type { NodeStatus__Output as NodeStatus } from "../gen/reelmesh/v1/NodeStatus.js";
import type { NodeSummary__Output as NodeSummary } from "../gen/reelmesh/v1/NodeSummary.js";
import type { StreamReplica__Output as StreamReplica } from "../gen/reelmesh/v1/StreamReplica.js";
import { services } from "../node/proto.js";
import { ask } from "./ask.js";
import { formatBytes, formatFields, formatSeconds, formatTable } from "./format.js";
import { nodeTable } from "./nodes.js";
import { type AskOptions, example, jsonOption, nodeOption } from "./options.js";
import { printJson, printLines } from "./output.js";
import { describeIndex, describeQuota, describeScrub } from "./store-text.js";

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
  printLines([...describeNode(status), "", ...coreTable(status), ...nodeTable(allNodes(status))]);
}

function statusObject(status: NodeStatus): object {
  const {
    node,
    peers: _peers,
    term,
    coordinatorId,
    coordinatorName,
    core,
    transfers,
    copies,
    store,
    ...measured
  } = status;
  return {
    node: { ...node, ...measured },
    core,
    transfers,
    copies,
    store,
    coordinator: { id: coordinatorId || null, name: coordinatorName || null, term },
    nodes: allNodes(status).map(({ name, state, setAside, grpc, http, slots, busy }) => ({
      name,
      state,
      ...(setAside !== "" && { setAside }),
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

function setAsideText(reason: string, grpc: string): string {
  return reason === "" ? "" : `${reason}; readmit it with: reelmesh node resume --node ${grpc}`;
}

function describeCoordinator(status: NodeStatus): string {
  const { coordinatorId: id, coordinatorName: name, term } = status;
  if (name === "") return "none known";
  const row = allNodes(status).find((node) => node.id === id);
  const isSilent = row !== undefined && ["lost", "stopped"].includes(row.state);
  const leads = row === undefined || row.state === "unknown" || (row.coordinates && !isSilent);
  return leads ? `${name}, term ${term}` : `none at present; ${name} had term ${term}`;
}

function describeCore({ core }: NodeStatus): string {
  if (core === null) return "";
  const leader = core.streamLeader === "" ? "the stream has no leader now" : `${core.streamLeader} leads the stream`;
  if (core.external) return `NATS servers of yours, ${leader}`;
  const all = core.slots.length;
  if (all === 0) return "";
  const up = core.slots.filter(({ state }) => state === "up" || state === "orphaned").length;
  const told = `generation ${core.generation}, ${up} of ${all} up`;
  // A server that is alone goes on calling itself the leader for up to half a minute.
  if (core.lacking.length === 0) return `${told}, ${leader}`;
  return `${told}, no majority: nothing new starts until ${core.lacking.join(" or ")} is back`;
}

/** A server lives on when the process of its node has died. */
function slotText(state: string): string {
  return state === "orphaned" ? "up, node away" : state;
}

/** One line a slot, with the copy of the mesh log's stream that its server holds; empty where there is one server. */
function coreTable({ core }: NodeStatus): string[] {
  if (core === null || (core.slots.length < 2 && core.replicas.length < 2)) return [];
  const copies = new Map(core.replicas.map((replica) => [replica.server, replica]));
  const slots = core.external
    ? core.replicas.map(({ server }) => [server, "", "", ""])
    : core.slots.map((one) => [memberName(one.slot), one.nodeName, slotText(one.state), one.client]);
  const rows = slots.map(([server = "", ...rest]) => {
    const copy = copies.get(server);
    const told = copy === undefined ? ["", ""] : copyText(copy, core.lacking.length === 0);
    return [server, ...rest, server === core.streamLeader ? "leader" : "", ...told];
  });
  return [...formatTable(["SERVER", "NODE", "STATE", "CLIENTS", "STREAM", "COPY", "LAG"], rows), ""];
}

/** Without a majority nobody knows how far a copy is: a server that is alone counts all that it holds as lag. */
function copyText({ current, lag }: StreamReplica, isKnown: boolean): (string | number)[] {
  if (!isKnown) return ["unknown", ""];
  return [current ? "current" : "behind", lag];
}

/** Whether every file of every finished asset has as many copies as are asked for. */
function describeCopies({ copies }: NodeStatus): string {
  if (copies === null || copies.assets === 0) return "";
  const { wanted, nodes, assets, assetsLacking, filesLacking, silent } = copies;
  const where = `${wanted} ${wanted === 1 ? "copy" : "copies"} of each file on ${nodes} ${nodes === 1 ? "node" : "nodes"}`;
  const lacking =
    assetsLacking === 0
      ? "none lacks any"
      : `${filesLacking} files of ${assetsLacking} of ${assets} assets lack copies`;
  return [where, lacking, ...(silent.length > 0 ? [`no word from ${silent.join(", ")}`] : [])].join("; ");
}

function describeTransfers({ transfers }: NodeStatus): string {
  if (transfers === null) return "";
  const { pulledBlobs, pulledBytes, servedBlobs, servedBytes } = transfers;
  const pulled = `${pulledBlobs} blobs (${formatBytes(pulledBytes)}) from other nodes`;
  return `${pulled}; ${servedBlobs} blobs (${formatBytes(servedBytes)}) to other nodes`;
}

function describeNode(status: NodeStatus): string[] {
  const { node } = status;
  const free = (free: number, all: number) => `${formatBytes(free)} free of ${formatBytes(all)}`;
  const running = status.running.map(({ task, job, seconds }) => `${task} of ${job} for ${formatSeconds(seconds)}`);
  return formatFields([
    ["node", `${node?.name}, ${node?.state}, up ${formatSeconds(status.uptimeSeconds)}, version ${node?.version}`],
    ["set aside", setAsideText(node?.setAside ?? "", node?.grpc ?? "")],
    ["coordinator", describeCoordinator(status)],
    [
      "nats",
      status.natsConnected
        ? `connected, nats-server ${status.natsVersion}`
        : "not connected: no work is taken until it is back",
    ],
    ["core", describeCore(status)],
    ["mesh log", `read to ${status.logSequence}`],
    ["machine", `${status.cores} cores, load ${status.load.toFixed(2)}`],
    ["memory", free(status.memoryFreeBytes, status.memoryBytes)],
    ["disk", free(status.diskFreeBytes, status.diskBytes)],
    ["store", `${node?.blobs} blobs, ${formatBytes(node?.bytes ?? 0)}, ${node?.missing} to fetch`],
    ["copies", describeCopies(status)],
    ["transfers", describeTransfers(status)],
    ["quota", describeQuota(status)],
    ["scrub", describeScrub(status)],
    ["index", describeIndex(status)],
    ["encoders", describeEncoders(status)],
    ["ffmpeg", confinementText(status)],
    ["running", running.join(", ")],
  ]);
}

function describeEncoders({ encoders }: NodeStatus): string {
  const versions = [...new Set(encoders.map(({ version }) => version))];
  const named = versions.map((version) => {
    const names = encoders.filter((encoder) => encoder.version === version).map(({ name }) => name);
    return `${names.join(", ")} (ffmpeg ${version})`;
  });
  return named.join("; ");
}

/** Nothing of a node of an older version, which does not say. */
function confinementText({ confinement, confinementReason }: NodeStatus): string {
  const unconfined: Record<string, string> = {
    limits: "not in bubblewrap, only with limits on its files",
    none: "neither in bubblewrap nor with limits on its files",
  };
  if (confinement === "bubblewrap") return "in bubblewrap: no network, and nothing to write but its own folder";
  return confinement in unconfined ? `${unconfined[confinement]}: ${confinementReason}` : "";
}
