// Original file: proto/reelmesh/v1/media.proto

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from '../../reelmesh/v1/BlobReference.js';
import type { PlannedTask as _reelmesh_v1_PlannedTask, PlannedTask__Output as _reelmesh_v1_PlannedTask__Output } from '../../reelmesh/v1/PlannedTask.js';
import type { Long } from '@grpc/proto-loader';

export interface PlanResult {
  'plan'?: (_reelmesh_v1_BlobReference | null);
  /**
   * Ids of the nodes that hold the plan and the source that it speaks of.
   */
  'holders'?: (string)[];
  /**
   * The encode tasks in the order in which they should start.
   */
  'tasks'?: (_reelmesh_v1_PlannedTask)[];
  /**
   * Video frames in the whole source; 0 without video.
   */
  'frames'?: (number | string | Long);
  /**
   * Duration of the source in seconds.
   */
  'seconds'?: (number | string);
  /**
   * Names of the renditions, for example "720p".
   */
  'renditions'?: (string)[];
  /**
   * Sentences for the person who submitted the job: what was chosen, and what could not be done as usual.
   */
  'notes'?: (string)[];
}

export interface PlanResult__Output {
  'plan': (_reelmesh_v1_BlobReference__Output | null);
  /**
   * Ids of the nodes that hold the plan and the source that it speaks of.
   */
  'holders': (string)[];
  /**
   * The encode tasks in the order in which they should start.
   */
  'tasks': (_reelmesh_v1_PlannedTask__Output)[];
  /**
   * Video frames in the whole source; 0 without video.
   */
  'frames': (number);
  /**
   * Duration of the source in seconds.
   */
  'seconds': (number);
  /**
   * Names of the renditions, for example "720p".
   */
  'renditions': (string)[];
  /**
   * Sentences for the person who submitted the job: what was chosen, and what could not be done as usual.
   */
  'notes': (string)[];
}
