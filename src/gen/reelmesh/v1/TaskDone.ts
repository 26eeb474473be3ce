// Original file: proto/reelmesh/v1/log.proto

import type { EncodeResult as _reelmesh_v1_EncodeResult, EncodeResult__Output as _reelmesh_v1_EncodeResult__Output } from '../../reelmesh/v1/EncodeResult.js';

export interface TaskDone {
  'job'?: (string);
  'task'?: (string);
  'result'?: (_reelmesh_v1_EncodeResult | null);
  'nodeId'?: (string);
}

export interface TaskDone__Output {
  'job': (string);
  'task': (string);
  'result': (_reelmesh_v1_EncodeResult__Output | null);
  'nodeId': (string);
}
