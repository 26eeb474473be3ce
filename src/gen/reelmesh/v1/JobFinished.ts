// Original file: proto/reelmesh/v1/log.proto

import type { PackageResult as _reelmesh_v1_PackageResult, PackageResult__Output as _reelmesh_v1_PackageResult__Output } from '../../reelmesh/v1/PackageResult.js';

export interface JobFinished {
  'job'?: (string);
  'result'?: (_reelmesh_v1_PackageResult | null);
  'nodeId'?: (string);
}

export interface JobFinished__Output {
  'job': (string);
  'result': (_reelmesh_v1_PackageResult__Output | null);
  'nodeId': (string);
}
