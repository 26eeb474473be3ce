// Original file: proto/reelmesh/v1/node.proto

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from '../../reelmesh/v1/BlobReference.js';

export interface HoldRequest {
  'blobs'?: (_reelmesh_v1_BlobReference)[];
  /**
   * Job that the blobs belong to.
   */
  'job'?: (string);
  /**
   * Ids of nodes that hold them.
   */
  'holders'?: (string)[];
}

export interface HoldRequest__Output {
  'blobs': (_reelmesh_v1_BlobReference__Output)[];
  /**
   * Job that the blobs belong to.
   */
  'job': (string);
  /**
   * Ids of nodes that hold them.
   */
  'holders': (string)[];
}
