// Original file: proto/reelmesh/v1/media.proto

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from '../../reelmesh/v1/BlobReference.js';
import type { EncodedTask as _reelmesh_v1_EncodedTask, EncodedTask__Output as _reelmesh_v1_EncodedTask__Output } from '../../reelmesh/v1/EncodedTask.js';

/**
 * Verify that the chunks join, and write the manifests.
 */
export interface PackageTask {
  'plan'?: (_reelmesh_v1_BlobReference | null);
  /**
   * Asset to be written.
   */
  'asset'?: (string);
  /**
   * Ids of the nodes that hold the plan.
   */
  'holders'?: (string)[];
  /**
   * Every encode task's result.
   */
  'encoded'?: (_reelmesh_v1_EncodedTask)[];
}

/**
 * Verify that the chunks join, and write the manifests.
 */
export interface PackageTask__Output {
  'plan': (_reelmesh_v1_BlobReference__Output | null);
  /**
   * Asset to be written.
   */
  'asset': (string);
  /**
   * Ids of the nodes that hold the plan.
   */
  'holders': (string)[];
  /**
   * Every encode task's result.
   */
  'encoded': (_reelmesh_v1_EncodedTask__Output)[];
}
