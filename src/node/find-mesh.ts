/** How a starting node finds its mesh: where to listen, and which NATS servers to use. */
import { setTimeout as delay } from "node:timers/promises";
import { ReelmeshError } from "../core/errors.js";
import { advertisedHost, joinAddress, localAddressTowards } from "./addresses.js";
import type { NodeConfig } from "./config.js";
import type { Report } from "./logger.js";

const RETRY_MS = 1_000;
/** How long a starting node waits for the mesh that it was told of. */
const PATIENCE_MS = 60_000;

export interface MeshPlace {
  /** Host to listen on, host to tell others, NATS servers to use. */
  listen: string;
  advertise: string;
  nats: string[];
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
  const joined = config.join === undefined ? undefined : await join(components, config.join, signal);
  const listen = config.listen ?? joined?.facing ?? remembered?.listen ?? "127.0.0.1";
  const advertise = config.advertise ?? advertisedHost(listen);
  const nats = config.nats ?? joined?.nats ?? remembered?.nats;
  if (nats === undefined) {
    const port = await components.startServer(listen);
    return { listen, advertise, nats: [`nats://${joinAddress(advertise, port)}`] };
  }
  await settings.put("mesh", { nats, listen });
  report("found the mesh", { nats: nats.join(",") });
  return { listen, advertise, nats };
}

async function join({ askToJoin, report }: Components, address: string, signal: AbortSignal) {
  const facing = await patiently(() => localAddressTowards(address), report, signal);
  const { nats, name } = await patiently(() => askToJoin(address), report, signal);
  report("joined", { through: name });
  return { facing, nats };
}

/** Tries again while the other side is not there yet, for a minute. */
export async function patiently<T>(attempt: () => Promise<T>, report: Report, signal: AbortSignal): Promise<T> {
  const until = performance.now() + PATIENCE_MS;
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
