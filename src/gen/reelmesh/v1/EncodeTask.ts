// Original file: proto/reelmesh/v1/media.proto

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from '../../reelmesh/v1/BlobReference.js';

/**
 * Encode one chunk of the video with one codec's whole ladder, or one audio track from end to end.
 */
export interface EncodeTask {
  /**
   * The plan, a blob of JSON that says everything else about the task of this name.
   */
  'plan'?: (_reelmesh_v1_BlobReference | null);
  /**
   * Ids of the nodes that hold the plan and the source, and so can cut the chunk.
   */
  'holders'?: (string)[];
  /**
   * The chunk's frames are to come from one decoding that begins at the source's first packet: a decoding that began at
   * a keyframe near the chunk gave other frames than those of a neighbour did.
   */
  'linear'?: (boolean);
}

/**
 * Encode one chunk of the video with one codec's whole ladder, or one audio track from end to end.
 */
export interface EncodeTask__Output {
  /**
   * The plan, a blob of JSON that says everything else about the task of this name.
   */
  'plan': (_reelmesh_v1_BlobReference__Output | null);
  /**
   * Ids of the nodes that hold the plan and the source, and so can cut the chunk.
   */
  'holders': (string)[];
  /**
   * The chunk's frames are to come from one decoding that begins at the source's first packet: a decoding that began at
   * a keyframe near the chunk gave other frames than those of a neighbour did.
   */
  'linear': (boolean);
}
