// Original file: proto/reelmesh/v1/log.proto

import type { PlanResult as _reelmesh_v1_PlanResult, PlanResult__Output as _reelmesh_v1_PlanResult__Output } from '../../reelmesh/v1/PlanResult.js';

export interface JobPlanned {
  'job'?: (string);
  'result'?: (_reelmesh_v1_PlanResult | null);
  'nodeId'?: (string);
}

export interface JobPlanned__Output {
  'job': (string);
  'result': (_reelmesh_v1_PlanResult__Output | null);
  'nodeId': (string);
}
