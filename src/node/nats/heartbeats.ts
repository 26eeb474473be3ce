/** Heartbeats: what each node says of itself once a second, to whoever listens. */

import type { NodeSummary } from "../members.js";
import { nodeSummaryCodec } from "../proto.js";
import type { Bus } from "./bus.js";

const SUBJECT = "reelmesh.heartbeat";

export interface Heartbeats {
  send(summary: NodeSummary): void;
  stop(): void;
}

/** A message that is no heartbeat is passed over: anyone on the bus can send one. */
export function openHeartbeats(bus: Bus, heard: (summary: NodeSummary) => void): Heartbeats {
  const subscribe = () =>
    bus.connection.subscribe(SUBJECT, {
      callback: (error, message) => {
        if (error !== null) return;
        const summary = decode(message.data);
        if (summary !== undefined) heard(summary);
      },
    });
  let subscription = bus.connection.isClosed() ? undefined : subscribe();
  bus.onConnection(() => {
    subscription = subscribe();
  });
  return {
    send: (summary) => {
      if (!bus.connection.isClosed()) bus.connection.publish(SUBJECT, nodeSummaryCodec.encode(summary));
    },
    stop: () => {
      if (!bus.connection.isClosed()) subscription?.unsubscribe();
    },
  };
}

function decode(data: Uint8Array): NodeSummary | undefined {
  try {
    const summary = nodeSummaryCodec.decode(data);
    return summary.id === "" ? undefined : summary;
  } catch {
    return undefined;
  }
}
