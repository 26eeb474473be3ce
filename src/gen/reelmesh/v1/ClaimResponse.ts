// Original file: proto/reelmesh/v1/coordinator.proto

import type { Lease as _reelmesh_v1_Lease, Lease__Output as _reelmesh_v1_Lease__Output } from '../../reelmesh/v1/Lease.js';

export interface ClaimResponse {
  /**
   * Absent when there was no work within the wait.
   */
  'lease'?: (_reelmesh_v1_Lease | null);
}

export interface ClaimResponse__Output {
  /**
   * Absent when there was no work within the wait.
   */
  'lease': (_reelmesh_v1_Lease__Output | null);
}
