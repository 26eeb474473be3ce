// Original file: proto/reelmesh/v1/log.proto

import type { EncodeResult as _reelmesh_v1_EncodeResult, EncodeResult__Output as _reelmesh_v1_EncodeResult__Output } from '../../reelmesh/v1/EncodeResult.js';

/**
 * A track's beginning is there, and the rest of it is being encoded: what viewers may have of it until it is done. The
 * whole result takes its place, whoever gives it.
 */
export interface TaskGrown {
  'job'?: (string);
  'task'?: (string);
  /**
   * How far it reaches.
   */
  'seconds'?: (number | string);
  /**
   * Of the same shape as a whole result.
   */
  'result'?: (_reelmesh_v1_EncodeResult | null);
  'nodeId'?: (string);
}

/**
 * A track's beginning is there, and the rest of it is being encoded: what viewers may have of it until it is done. The
 * whole result takes its place, whoever gives it.
 */
export interface TaskGrown__Output {
  'job': (string);
  'task': (string);
  /**
   * How far it reaches.
   */
  'seconds': (number);
  /**
   * Of the same shape as a whole result.
   */
  'result': (_reelmesh_v1_EncodeResult__Output | null);
  'nodeId': (string);
}
