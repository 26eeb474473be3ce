// Original file: proto/reelmesh/v1/coordinator.proto

import type { RunningLease as _reelmesh_v1_RunningLease, RunningLease__Output as _reelmesh_v1_RunningLease__Output } from '../../reelmesh/v1/RunningLease.js';

export interface RenewLeasesRequest {
  'nodeId'?: (string);
  'leases'?: (_reelmesh_v1_RunningLease)[];
}

export interface RenewLeasesRequest__Output {
  'nodeId': (string);
  'leases': (_reelmesh_v1_RunningLease__Output)[];
}
