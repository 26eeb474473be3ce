// Original file: proto/reelmesh/v1/media.proto

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from '../../reelmesh/v1/BlobReference.js';
import type { JobOptions as _reelmesh_v1_JobOptions, JobOptions__Output as _reelmesh_v1_JobOptions__Output } from '../../reelmesh/v1/JobOptions.js';

/**
 * Index the source and cut its timeline into segments and chunks.
 */
export interface PlanTask {
  'source'?: (_reelmesh_v1_BlobReference | null);
  /**
   * Name of the source file, as the submitter gave it.
   */
  'fileName'?: (string);
  'options'?: (_reelmesh_v1_JobOptions | null);
  /**
   * Ids of the nodes that hold the source.
   */
  'holders'?: (string)[];
  /**
   * Why the source must be decoded in one piece, whatever it looks like; empty: it need not.
   */
  'decode'?: (string);
}

/**
 * Index the source and cut its timeline into segments and chunks.
 */
export interface PlanTask__Output {
  'source': (_reelmesh_v1_BlobReference__Output | null);
  /**
   * Name of the source file, as the submitter gave it.
   */
  'fileName': (string);
  'options': (_reelmesh_v1_JobOptions__Output | null);
  /**
   * Ids of the nodes that hold the source.
   */
  'holders': (string)[];
  /**
   * Why the source must be decoded in one piece, whatever it looks like; empty: it need not.
   */
  'decode': (string);
}
