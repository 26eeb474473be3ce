/** The composition root: starts a node's parts in order and stops them in reverse. src/node/compose/ knows the parts. */
import { once } from "node:events";
import { isLoopback } from "./addresses.js";
import { findPlace, openBase } from "./compose/base.js";
import { openControl } from "./compose/control.js";
import { compose, openMesh, startParts } from "./compose/parts.js";
import { openShelf } from "./compose/shelf.js";
import type { NodeConfig } from "./config.js";
import { Lifecycle } from "./lifecycle.js";
import { createLogger, type Report, reporter } from "./logger.js";
import { version } from "./paths.js";

export interface ReadyLine {
  event: "ready";
  name: string;
  id: string;
  /** host:port. */
  grpc: string;
  http: string;
  peer: string;
  /** URLs of the NATS servers, separated by commas: what another node takes as --nats. */
  nats: string;
}

/** Runs a node until the signal; prints one line on standard output when it is ready. */
export async function runNode(config: NodeConfig, signal: AbortSignal): Promise<void> {
  const report = reporter(createLogger(config.name, config.log));
  const lifecycle = new Lifecycle(report);
  try {
    const ready = await startNode(config, lifecycle, report, signal);
    process.stdout.write(`${config.log === "json" ? JSON.stringify(ready) : describe(ready)}\n`);
    if (!signal.aborted) await once(signal, "abort");
    report("stopping");
  } finally {
    await lifecycle.stop();
  }
}

function describe({ name, grpc, http, peer, nats }: ReadyLine): string {
  return `node ${name} is ready: gRPC ${grpc}, viewers http://${http}/, peers ${peer}, NATS ${nats}`;
}

async function startNode(
  config: NodeConfig,
  lifecycle: Lifecycle,
  report: Report,
  signal: AbortSignal,
): Promise<ReadyLine> {
  const base = await openBase(config, lifecycle, report, signal);
  const place = await findPlace(base, signal);
  // Viewers are served from what is held, also while the mesh is away.
  const shelf = await openShelf(base, place);
  const mesh = await openMesh(base, place, signal);
  const parts = compose(base, shelf, mesh);
  const addresses = await openControl(base, shelf, mesh, parts);
  await startParts(base, shelf, mesh, parts, signal);
  const { id } = base;
  const nats = place.nats.join(",");
  report("node started", { version, id, ...addresses, nats });
  if (!isLoopback(place.listen)) {
    const { listen } = place;
    report("listening beyond this machine without credentials: use it on a network that you trust", { listen });
  }
  return { event: "ready", name: config.name, id, ...addresses, nats };
}
