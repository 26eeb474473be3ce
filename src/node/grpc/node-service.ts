/** The Node and Assets services: what a node says of itself, how others join it, and second copies. */

import type { Asset } from "../../gen/reelmesh/v1/Asset.js";
import type { AssetsHandlers } from "../../gen/reelmesh/v1/Assets.js";
import type { HoldRequest__Output } from "../../gen/reelmesh/v1/HoldRequest.js";
import type { JoinResponse } from "../../gen/reelmesh/v1/JoinResponse.js";
import type { ListUnsettledResponse } from "../../gen/reelmesh/v1/ListUnsettledResponse.js";
import type { NodeHandlers } from "../../gen/reelmesh/v1/Node.js";
import type { NodeStatus } from "../../gen/reelmesh/v1/NodeStatus.js";
import type { OfferCoreResponse } from "../../gen/reelmesh/v1/OfferCoreResponse.js";
import type { ServeCoreRequest__Output } from "../../gen/reelmesh/v1/ServeCoreRequest.js";
import type { NodeSummary } from "../members.js";
import { services } from "../proto.js";
import { type GrpcService, unary } from "./server.js";

interface Components {
  status(signal: AbortSignal): Promise<NodeStatus>;
  nodes(): NodeSummary[];
  join(name: string): JoinResponse;
  offerCore(): Promise<OfferCoreResponse>;
  serveCore(request: ServeCoreRequest__Output, signal: AbortSignal): Promise<void>;
  hold(request: HoldRequest__Output, signal: AbortSignal): Promise<void>;
  holds(placement: string, asset: string, blobs: string[]): Promise<boolean[]>;
  unsettled(logSequence: number, signal: AbortSignal): Promise<ListUnsettledResponse>;
  assets(): Promise<Asset[]>;
  /** What the node does with work from here on; each answers when that is settled, not when the work has ended. */
  drain(): void;
  pause(): Promise<void>;
  resume(signal: AbortSignal): Promise<void>;
  summary(): NodeSummary;
}

export function nodeServices(components: Components): GrpcService[] {
  const { status, nodes, join, offerCore, serveCore, hold, holds, unsettled } = components;
  const { assets, drain, pause, resume, summary } = components;
  const node: NodeHandlers = {
    GetStatus: unary((_request, { signal }) => status(signal)),
    ListNodes: unary(async () => ({ nodes: nodes() })),
    Join: unary(async ({ name }) => join(name)),
    OfferCore: unary(async () => offerCore()),
    ServeCore: unary(async (request, { signal }) => {
      await serveCore(request, signal);
      return {};
    }),
    Hold: unary(async (request, { signal }) => {
      await hold(request, signal);
      return {};
    }),
    Holds: unary(async ({ placement, asset, blobs }) => ({ held: await holds(placement, asset, blobs) })),
    ListUnsettled: unary(({ logSequence }, { signal }) => unsettled(logSequence, signal)),
    Drain: unary(async () => {
      drain();
      return summary();
    }),
    Pause: unary(async () => {
      await pause();
      return summary();
    }),
    Resume: unary(async (_request, { signal }) => {
      await resume(signal);
      return summary();
    }),
  };
  const list: AssetsHandlers = { List: unary(async () => ({ assets: await assets() })) };
  return [
    { definition: services.Node, implementation: node },
    { definition: services.Assets, implementation: list },
  ];
}
