// Original file: proto/reelmesh/v1/coordinator.proto

import type { LogEntry as _reelmesh_v1_LogEntry, LogEntry__Output as _reelmesh_v1_LogEntry__Output } from '../../reelmesh/v1/LogEntry.js';

export interface RememberRequest {
  'nodeId'?: (string);
  'facts'?: (_reelmesh_v1_LogEntry)[];
}

export interface RememberRequest__Output {
  'nodeId': (string);
  'facts': (_reelmesh_v1_LogEntry__Output)[];
}
