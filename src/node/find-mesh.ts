/** How a starting node finds its mesh: where to listen, and which NATS servers to use. */
import { setTimeout as delay } from "node:timers/promises";
import { ReelmeshError } from "../core/errors.js";
import { advertisedHost, localAddressTowards } from "./addresses.js";
import type { NodeConfig } from "./config.js";
import type { Report } from "./logger.js";

const RETRY_MS = 1_000;
/** How long a node waits for a mesh that it has never seen. */
export const PATIENCE_MS = 60_000;

export interface MeshPlace {
  /** Host to listen on, host to tell others, NATS servers to use; no servers: this node begins a mesh with its own. */
  listen: string;
  advertise: string;
  nats: string[];
  /** Generation of these servers as the node that was joined knows it; 0 when none was. */
  generation: number;
  /** True: the servers are run by somebody else. */
  external: boolean;
  /** True: the node has been in this mesh before, and waits for it as long as it takes. */
  known: boolean;
  /** True: the NATS server is the one that this node has started. */
  own: boolean;
}

interface Components {
  settings: { get(name: string): Promise<unknown>; put(name: string, value: unknown): Promise<void> };
  /** Asks a node of the mesh, at host or host:port, where its NATS servers are. */
  askToJoin(address: string): Promise<{ nats: string[]; name: string; external: boolean; generation: number }>;
  /** URLs of the mesh's own servers, by this node's copy of the log. */
  recorded: string[];
  report: Report;
}

/** What a node remembers of its mesh between starts. */
export interface RememberedMesh {
  nats: string[];
  listen: string;
  external?: boolean;
}

/**
 * The NATS servers that were named, those that the node to join knows, those that the log or this node's memory names,
 * or its own. A node that has joined once finds its mesh again without being told.
 */
export async function findMesh(components: Components, config: NodeConfig, signal: AbortSignal): Promise<MeshPlace> {
  const { settings, report, recorded } = components;
  const remembered = (await settings.get("mesh")) as RememberedMesh | undefined;
  const known = remembered !== undefined || recorded.length > 0;
  const joined = config.join === undefined ? undefined : await join(components, config.join, known, signal);
  const listen = config.listen ?? joined?.facing ?? remembered?.listen ?? "127.0.0.1";
  const advertise = config.advertise ?? advertisedHost(listen);
  const told = config.nats !== undefined || (joined ?? remembered)?.external === true;
  const external = told && config.newCore !== true;
  const own = external || recorded.length === 0 ? remembered?.nats : recorded;
  const nats = config.newCore ? [] : (config.nats ?? joined?.nats ?? own ?? []);
  if (nats.length > 0) {
    if (recorded.length === 0 || external) await settings.put("mesh", { nats, listen, external });
    report("found the mesh", { nats: nats.join(",") });
  }
  return {
    listen,
    advertise,
    nats,
    external,
    generation: joined?.generation ?? 0,
    known: known || nats.length === 0,
    own: nats.length === 0,
  };
}

/** A node that knows its mesh need not be let in again: when nobody answers, it goes on with what it remembers. */
async function join({ askToJoin, report }: Components, address: string, known: boolean, signal: AbortSignal) {
  const ask = async () => {
    const facing = await localAddressTowards(address);
    const { name, ...told } = await askToJoin(address);
    report("joined", { through: name });
    return { facing, ...told };
  };
  if (!known) return patiently(ask, PATIENCE_MS, report, signal);
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
