// Original file: proto/reelmesh/v1/coordinator.proto

import type { Task as _reelmesh_v1_Task, Task__Output as _reelmesh_v1_Task__Output } from '../../reelmesh/v1/Task.js';
import type { Long } from '@grpc/proto-loader';

/**
 * The right to run one task until it expires.
 */
export interface Lease {
  'id'?: (string);
  /**
   * Term in which it was granted.
   */
  'term'?: (number | string | Long);
  /**
   * 1 for the first attempt at the task.
   */
  'attempt'?: (number);
  /**
   * Renew after this many milliseconds.
   */
  'renewAfterMs'?: (number);
  'task'?: (_reelmesh_v1_Task | null);
}

/**
 * The right to run one task until it expires.
 */
export interface Lease__Output {
  'id': (string);
  /**
   * Term in which it was granted.
   */
  'term': (number);
  /**
   * 1 for the first attempt at the task.
   */
  'attempt': (number);
  /**
   * Renew after this many milliseconds.
   */
  'renewAfterMs': (number);
  'task': (_reelmesh_v1_Task__Output | null);
}
