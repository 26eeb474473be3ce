// Original file: proto/reelmesh/v1/coordinator.proto

import type { TaskResult as _reelmesh_v1_TaskResult, TaskResult__Output as _reelmesh_v1_TaskResult__Output } from '../../reelmesh/v1/TaskResult.js';

export interface CompleteRequest {
  'lease'?: (string);
  'nodeId'?: (string);
  'job'?: (string);
  'task'?: (string);
  'result'?: (_reelmesh_v1_TaskResult | null);
}

export interface CompleteRequest__Output {
  'lease': (string);
  'nodeId': (string);
  'job': (string);
  'task': (string);
  'result': (_reelmesh_v1_TaskResult__Output | null);
}
