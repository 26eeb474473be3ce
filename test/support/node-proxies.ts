/** Proxies before every listener of one node: others, and it itself, know only their address. */
import type { NodeOptions } from "./node.js";
import { freePorts } from "./ports.js";
import { type Faults, TcpProxy } from "./proxy.js";

export interface NodeProxies {
  grpc: TcpProxy;
  http: TcpProxy;
  peer: TcpProxy;
  nats: TcpProxy;
  /** Between the NATS servers. */
  route: TcpProxy;
  /** What the node is given to stand behind them. */
  where: Pick<NodeOptions, "listen" | "ports">;
  words: string[];
  /** The address of its nats-server without a proxy. */
  directNats: string;
  /** Sets faults of all five. */
  set(faults: Partial<Faults>): void;
  stop(): Promise<void>;
}

/** `index`: from 0; each node of a mesh has loopback addresses of its own. */
export async function nodeProxies(index: number): Promise<NodeProxies> {
  const [listen, advertise] = [`127.0.${100 + index}.1`, `127.0.${100 + index}.2`];
  const ports = await freePorts(5);
  const all = await Promise.all(ports.map((port) => TcpProxy.start(port, advertise, listen)));
  const [grpc, http, peer, nats, route] = all as [TcpProxy, TcpProxy, TcpProxy, TcpProxy, TcpProxy];
  return {
    ...{ grpc, http, peer, nats, route },
    where: { listen, ports },
    words: ["--advertise", advertise],
    directNats: `nats://${listen}:${ports[3]}`,
    set: (faults) => {
      for (const proxy of all) Object.assign(proxy.faults, faults);
    },
    async stop() {
      for (const proxy of all) await proxy.stop();
    },
  };
}
