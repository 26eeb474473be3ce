/** A heartbeat of a node that does nothing but coordinate or pretend to work. */
import type { NodeSummary } from "../../src/node/members.js";

type Own = Pick<NodeSummary, "slots" | "busy" | "term" | "coordinates" | "logSequence">;

export function summaryOf(id: string, own: Own): NodeSummary {
  const addresses = { grpc: "127.0.0.1:7400", http: "127.0.0.1:7480", peer: "127.0.0.1:7482" };
  const held = { blobs: 0, bytes: 0, missing: 0 };
  return {
    id,
    name: id,
    state: "ready",
    version: "0.1.0",
    ...addresses,
    ...held,
    heardMsAgo: 0,
    remembered: 0,
    setAside: "",
    seat: null,
    canServe: false,
    externalNats: false,
    uptimeSeconds: 0,
    encoders: [],
    fetching: [],
    replicas: 3,
    https: false,
    ...own,
  };
}
