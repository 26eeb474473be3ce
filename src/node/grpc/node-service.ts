/** The Node and Assets services: what a node says of itself, how others join it, and second copies. */

import type { Asset } from "../../gen/reelmesh/v1/Asset.js";
import type { AssetsHandlers } from "../../gen/reelmesh/v1/Assets.js";
import type { HoldRequest__Output } from "../../gen/reelmesh/v1/HoldRequest.js";
import type { JoinResponse } from "../../gen/reelmesh/v1/JoinResponse.js";
import type { NodeHandlers } from "../../gen/reelmesh/v1/Node.js";
import type { NodeStatus } from "../../gen/reelmesh/v1/NodeStatus.js";
import type { NodeSummary } from "../members.js";
import { services } from "../proto.js";
import { type GrpcService, unary } from "./server.js";

interface Components {
  status(signal: AbortSignal): Promise<NodeStatus>;
  nodes(): NodeSummary[];
  join(name: string): JoinResponse;
  hold(request: HoldRequest__Output, signal: AbortSignal): Promise<void>;
  assets(): Asset[];
}

export function nodeServices({ status, nodes, join, hold, assets }: Components): GrpcService[] {
  const node: NodeHandlers = {
    GetStatus: unary((_request, { signal }) => status(signal)),
    ListNodes: unary(async () => ({ nodes: nodes() })),
    Join: unary(async ({ name }) => join(name)),
    Hold: unary(async (request, { signal }) => {
      await hold(request, signal);
      return {};
    }),
  };
  const list: AssetsHandlers = { List: unary(async () => ({ assets: assets() })) };
  return [
    { definition: services.Node, implementation: node },
    { definition: services.Assets, implementation: list },
  ];
}
