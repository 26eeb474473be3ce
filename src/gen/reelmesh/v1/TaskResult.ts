// Original file: proto/reelmesh/v1/media.proto

import type { PlanResult as _reelmesh_v1_PlanResult, PlanResult__Output as _reelmesh_v1_PlanResult__Output } from '../../reelmesh/v1/PlanResult.js';
import type { EncodeResult as _reelmesh_v1_EncodeResult, EncodeResult__Output as _reelmesh_v1_EncodeResult__Output } from '../../reelmesh/v1/EncodeResult.js';
import type { PackageResult as _reelmesh_v1_PackageResult, PackageResult__Output as _reelmesh_v1_PackageResult__Output } from '../../reelmesh/v1/PackageResult.js';

/**
 * What a task gave.
 */
export interface TaskResult {
  'plan'?: (_reelmesh_v1_PlanResult | null);
  'encode'?: (_reelmesh_v1_EncodeResult | null);
  'package'?: (_reelmesh_v1_PackageResult | null);
  'kind'?: "plan"|"encode"|"package";
}

/**
 * What a task gave.
 */
export interface TaskResult__Output {
  'plan'?: (_reelmesh_v1_PlanResult__Output | null);
  'encode'?: (_reelmesh_v1_EncodeResult__Output | null);
  'package'?: (_reelmesh_v1_PackageResult__Output | null);
  'kind'?: "plan"|"encode"|"package";
}
