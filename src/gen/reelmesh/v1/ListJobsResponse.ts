// Original file: proto/reelmesh/v1/jobs.proto

import type { Job as _reelmesh_v1_Job, Job__Output as _reelmesh_v1_Job__Output } from '../../reelmesh/v1/Job.js';

export interface ListJobsResponse {
  'jobs'?: (_reelmesh_v1_Job)[];
  /**
   * There are older ones.
   */
  'more'?: (boolean);
}

export interface ListJobsResponse__Output {
  'jobs': (_reelmesh_v1_Job__Output)[];
  /**
   * There are older ones.
   */
  'more': (boolean);
}
