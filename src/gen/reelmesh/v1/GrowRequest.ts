// Original file: proto/reelmesh/v1/coordinator.proto

import type { EncodeResult as _reelmesh_v1_EncodeResult, EncodeResult__Output as _reelmesh_v1_EncodeResult__Output } from '../../reelmesh/v1/EncodeResult.js';

export interface GrowRequest {
  'nodeId'?: (string);
  'job'?: (string);
  'task'?: (string);
  /**
   * How far the beginning reaches.
   */
  'seconds'?: (number | string);
  'result'?: (_reelmesh_v1_EncodeResult | null);
}

export interface GrowRequest__Output {
  'nodeId': (string);
  'job': (string);
  'task': (string);
  /**
   * How far the beginning reaches.
   */
  'seconds': (number);
  'result': (_reelmesh_v1_EncodeResult__Output | null);
}
