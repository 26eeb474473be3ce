/** How a starting node finds its mesh: where to listen, and which NATS servers to use. */
import { setTimeout as delay } from "node:timers/promises";
import { ReelmeshError } from "../core/errors.js";
import { advertisedHost, joinAddress, localAddressTowards } from "./addresses.js";
import type { NodeConfig } from "./config.js";
import type { Report } from "./logger.js";

const RETRY_MS = 1_000;
/** How long a node waits for a mesh that it has never seen. */
export const PATIENCE_MS = 60_000;

export interface MeshPlace {
  /** Host to listen on, host to tell others, NATS servers to use. */
  listen: string;
  advertise: string;
  nats: string[];
  /** True: the node has been in this mesh before, and waits for it as long as it takes. */
  known: boolean;
}

interface Components {
  settings: { get(name: string): Promise<unknown>; put(name: string, value: unknown): Promise<void> };
  /** Asks a node of the mesh, at host or host:port, where its NATS servers are. */
  askToJoin(address: string): Promise<{ nats: string[]; name: string }>;
  /** Starts this node's own server on a host; its port. */
  startServer(host: string): Promise<number>;
  report: Report;
}

/**
 * The NATS servers that were named, those of the node to join, those that this node used before, or its own. A node that
 * has joined once finds its mesh again without being told.
 */
export async function findMesh(components: Components, config: NodeConfig, signal: AbortSignal): Promise<MeshPlace> {
  const { settings, report } = components;
  const remembered = (await settings.get("mesh")) as { nats: string[]; listen: string } | undefined;
  const joined = config.join === undefined ? undefined : await join(components, config.join, remembered, signal);
  const listen = config.listen ?? joined?.facing ?? remembered?.listen ?? "127.0.0.1";
  const advertise = config.advertise ?? advertisedHost(listen);
  const nats = config.nats ?? joined?.nats ?? remembered?.nats;
  if (nats === undefined) {
    const port = await components.startServer(listen);
    return { listen, advertise, nats: [`nats://${joinAddress(advertise, port)}`], known: true };
  }
  await settings.put("mesh", { nats, listen });
  report("found the mesh", { nats: nats.join(",") });
  return { listen, advertise, nats, known: remembered !== undefined };
}

/** A node that knows its mesh need not be let in again: when nobody answers, it goes on with what it remembers. */
async function join({ askToJoin, report }: Components, address: string, remembered: unknown, signal: AbortSignal) {
  const ask = async () => {
    const facing = await localAddressTowards(address);
    const { nats, name } = await askToJoin(address);
    report("joined", { through: name });
    return { facing, nats };
  };
  if (remembered === undefined) return patiently(ask, PATIENCE_MS, report, signal);
  return ask().catch((error: unknown) => {
    if (!(error instanceof ReelmeshError) || error.code !== "UNAVAILABLE") throw error;
    report("nobody to join answers; going on with what is remembered", { error });
    return undefined;
  });
}

/** Tries again while the other side is not there yet. */
export async function patiently<T>(
  attempt: () => Promise<T>,
  patienceMs: number,
  report: Report,
  signal: AbortSignal,
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (let tries = 0; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      const transient = error instanceof ReelmeshError && error.code === "UNAVAILABLE";
      if (!transient || signal.aborted || performance.now() > until) throw error;
      if (tries === 0) report("waiting for the mesh", { error });
      await delay(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }
}
