// Original file: proto/reelmesh/v1/jobs.proto

import type { Fetching as _reelmesh_v1_Fetching, Fetching__Output as _reelmesh_v1_Fetching__Output } from '../../reelmesh/v1/Fetching.js';
import type { Job as _reelmesh_v1_Job, Job__Output as _reelmesh_v1_Job__Output } from '../../reelmesh/v1/Job.js';

export interface FetchProgress {
  'fetching'?: (_reelmesh_v1_Fetching | null);
  /**
   * The last message.
   */
  'submitted'?: (_reelmesh_v1_Job | null);
  'progress'?: "fetching"|"submitted";
}

export interface FetchProgress__Output {
  'fetching'?: (_reelmesh_v1_Fetching__Output | null);
  /**
   * The last message.
   */
  'submitted'?: (_reelmesh_v1_Job__Output | null);
  'progress'?: "fetching"|"submitted";
}
