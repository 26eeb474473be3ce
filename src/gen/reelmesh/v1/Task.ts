// Original file: proto/reelmesh/v1/media.proto

import type { PlanTask as _reelmesh_v1_PlanTask, PlanTask__Output as _reelmesh_v1_PlanTask__Output } from '../../reelmesh/v1/PlanTask.js';
import type { EncodeTask as _reelmesh_v1_EncodeTask, EncodeTask__Output as _reelmesh_v1_EncodeTask__Output } from '../../reelmesh/v1/EncodeTask.js';
import type { PackageTask as _reelmesh_v1_PackageTask, PackageTask__Output as _reelmesh_v1_PackageTask__Output } from '../../reelmesh/v1/PackageTask.js';

/**
 * One piece of work that a node claims.
 */
export interface Task {
  /**
   * Job that the task belongs to.
   */
  'job'?: (string);
  /**
   * Name within the job: "plan", "chunk-000001", "chunk-000001-hevc", "audio-1" or "package".
   */
  'name'?: (string);
  'plan'?: (_reelmesh_v1_PlanTask | null);
  'encode'?: (_reelmesh_v1_EncodeTask | null);
  'package'?: (_reelmesh_v1_PackageTask | null);
  'kind'?: "plan"|"encode"|"package";
}

/**
 * One piece of work that a node claims.
 */
export interface Task__Output {
  /**
   * Job that the task belongs to.
   */
  'job': (string);
  /**
   * Name within the job: "plan", "chunk-000001", "chunk-000001-hevc", "audio-1" or "package".
   */
  'name': (string);
  'plan'?: (_reelmesh_v1_PlanTask__Output | null);
  'encode'?: (_reelmesh_v1_EncodeTask__Output | null);
  'package'?: (_reelmesh_v1_PackageTask__Output | null);
  'kind'?: "plan"|"encode"|"package";
}
