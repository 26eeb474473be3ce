// Original file: proto/reelmesh/v1/media.proto

import type { EncodeResult as _reelmesh_v1_EncodeResult, EncodeResult__Output as _reelmesh_v1_EncodeResult__Output } from '../../reelmesh/v1/EncodeResult.js';

/**
 * A finished encode task.
 */
export interface EncodedTask {
  /**
   * Name of the task.
   */
  'task'?: (string);
  'result'?: (_reelmesh_v1_EncodeResult | null);
}

/**
 * A finished encode task.
 */
export interface EncodedTask__Output {
  /**
   * Name of the task.
   */
  'task': (string);
  'result': (_reelmesh_v1_EncodeResult__Output | null);
}
