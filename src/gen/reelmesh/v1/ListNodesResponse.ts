// Original file: proto/reelmesh/v1/node.proto

import type { NodeSummary as _reelmesh_v1_NodeSummary, NodeSummary__Output as _reelmesh_v1_NodeSummary__Output } from '../../reelmesh/v1/NodeSummary.js';

export interface ListNodesResponse {
  'nodes'?: (_reelmesh_v1_NodeSummary)[];
}

export interface ListNodesResponse__Output {
  'nodes': (_reelmesh_v1_NodeSummary__Output)[];
}
