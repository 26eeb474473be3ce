/** Where a node listens and what it tells others. */
import { once } from "node:events";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { ReelmeshError } from "../core/errors.js";

const LOOPBACK = "127.0.0.1";
const PROBE_MS = 5_000;
const DEFAULT_GRPC_PORT = 7400;

/** "host" or "host:port" or "[v6]:port" in its parts. */
export function splitAddress(address: string, defaultPort = DEFAULT_GRPC_PORT): { host: string; port: number } {
  const match = /^\[(.+)\](?::(\d+))?$/.exec(address) ?? /^([^:]+)(?::(\d+))?$/.exec(address);
  const port = match?.[2] === undefined ? defaultPort : Number(match[2]);
  if (match?.[1] === undefined || port < 1 || port > 65_535) {
    throw new ReelmeshError("INVALID_INPUT", `"${address}" is no host:port; write it like 10.0.0.1:${defaultPort}`);
  }
  return { host: match[1], port };
}

/** host and port as one word; IPv6 in brackets. */
export function joinAddress(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The address of this machine that faces another one. UNAVAILABLE when the other does not answer. */
export async function localAddressTowards(address: string): Promise<string> {
  const { host, port } = splitAddress(address);
  const socket = connect({ host, port });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(PROBE_MS) });
    return socket.localAddress?.replace(/^::ffff:/, "") ?? LOOPBACK;
  } catch (cause) {
    const message = `no node answers at ${address}: start it with "reelmesh up", or name another with --join`;
    throw new ReelmeshError("UNAVAILABLE", message, { cause });
  } finally {
    socket.destroy();
  }
}

/** What peers are told when a node listens on this host: the first outside address where that is a wildcard. */
export function advertisedHost(listen: string): string {
  if (listen !== "0.0.0.0" && listen !== "::") return listen;
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === "IPv4");
  return outside?.address ?? LOOPBACK;
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
