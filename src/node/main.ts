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

/** How a node is asked to stop. */
interface StopSignals {
  stop: AbortSignal;
  /** Milliseconds that running tasks may take to end once it is asked; 0 hands them back at once. */
  graceMs(): number;
  /** Aborted when the process is about to end, whatever runs. */
  kill: AbortSignal;
}

/**
 * Runs a node until it is asked to stop; prints one line on standard output when it is ready. Stopping has three stages:
 * drain (nothing is claimed any more, what runs may end), abort (what still runs is handed back, the parts stop) and kill
 * (asked a second time: the process ends at once).
 */
export async function runNode(config: NodeConfig, { stop, graceMs, kill }: StopSignals): Promise<void> {
  const report = reporter(createLogger(config.name, config.log));
  const lifecycle = new Lifecycle(report);
  kill.addEventListener("abort", () => report("stopping", { stage: "kill" }), { once: true });
  try {
    const { ready, drain } = await startNode(config, lifecycle, report, stop);
    process.stdout.write(
      `${config.log === "json" ? JSON.stringify(ready) : describe(ready, config.tlsCert !== undefined)}\n`,
    );
    if (!stop.aborted) await once(stop, "abort");
    report("stopping", { stage: "drain", graceMs: graceMs() });
    await drain(graceMs());
    report("stopping", { stage: "abort" });
  } finally {
    await lifecycle.stop();
    report("node stopped");
  }
}

function describe({ name, grpc, http, peer, nats }: ReadyLine, isTls: boolean): string {
  return `node ${name} is ready: gRPC ${grpc}, viewers ${isTls ? "https" : "http"}://${http}/, peers ${peer}, NATS ${nats}`;
}

async function startNode(
  config: NodeConfig,
  lifecycle: Lifecycle,
  report: Report,
  signal: AbortSignal,
): Promise<{ ready: ReadyLine; drain(graceMs: number): Promise<void> }> {
  const base = await openBase(config, lifecycle, report, signal);
  const place = await findPlace(base, signal);
  // Viewers are served from what is held, also while the mesh is away.
  const shelf = await openShelf(base, place);
  const mesh = await openMesh(base, shelf, place, signal);
  const parts = compose(base, shelf, mesh);
  const addresses = await openControl(base, shelf, mesh, parts);
  startParts(base, shelf, mesh, parts);
  const { id } = base;
  const nats = mesh.core.urls().join(",");
  report("node started", { version, id, ...addresses, nats });
  if (!isLoopback(place.listen)) {
    const { listen } = place;
    report("listening beyond this machine without credentials: use it on a network that you trust", { listen });
  }
  return {
    ready: { event: "ready", name: config.name, id, ...addresses, nats },
    // Everything else is up meanwhile: the node can report what it ends, and coordinates on if it does.
    async drain(graceMs) {
      base.admission.drain();
      await parts.worker.idle(AbortSignal.timeout(graceMs));
    },
  };
}
