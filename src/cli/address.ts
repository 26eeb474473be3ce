import { ReelmeshError } from "../core/errors.js";

/** Port of a node's gRPC listener unless it was started with another. */
export const GRPC_PORT = 7400;

/**
 * "host:port" from "host", "host:port", "[v6]:port" or a bare IPv6 address, with the default port filled in.
 * INVALID_INPUT when it is none of these.
 */
export function parseAddress(text: string): string {
  const bareV6 = text.split(":").length > 2 && !text.startsWith("[");
  const match = /^(\[[0-9a-fA-F:.%]+\]|[^:[\]\s/]+)(?::(\d{1,5}))?$/.exec(bareV6 ? `[${text}]` : text);
  const port = match?.[2] === undefined ? GRPC_PORT : Number(match[2]);
  if (match === null || port < 1 || port > 65535) {
    throw new ReelmeshError("INVALID_INPUT", `"${text}" is no address; write host or host:port, the port 1 to 65535`);
  }
  return `${match[1]}:${port}`;
}
