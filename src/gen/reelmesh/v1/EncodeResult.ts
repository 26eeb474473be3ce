// Original file: proto/reelmesh/v1/media.proto

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from '../../reelmesh/v1/BlobReference.js';
import type { InitSegment as _reelmesh_v1_InitSegment, InitSegment__Output as _reelmesh_v1_InitSegment__Output } from '../../reelmesh/v1/InitSegment.js';
import type { FrameProof as _reelmesh_v1_FrameProof, FrameProof__Output as _reelmesh_v1_FrameProof__Output } from '../../reelmesh/v1/FrameProof.js';
import type { Long } from '@grpc/proto-loader';

export interface EncodeResult {
  /**
   * A blob of JSON that lists the segments: see EncodedMedia in src/core/media.ts.
   */
  'listing'?: (_reelmesh_v1_BlobReference | null);
  /**
   * Video frames in each rendition; 0 for audio.
   */
  'frames'?: (number | string | Long);
  /**
   * Init segment of each rendition; the same for every chunk of a job.
   */
  'inits'?: (_reelmesh_v1_InitSegment)[];
  /**
   * Bytes of all segments together.
   */
  'bytes'?: (number | string | Long);
  /**
   * Ids of the nodes that hold the listing and the segments.
   */
  'holders'?: (string)[];
  /**
   * Which pictures of the source a chunk was made of; absent for audio.
   */
  'proof'?: (_reelmesh_v1_FrameProof | null);
  /**
   * Sentences for the person who submitted the job: what was done to the sound, and what could not be done as usual.
   */
  'notes'?: (string)[];
  /**
   * SHA-256 of the plan that it was made by; empty from older versions.
   */
  'plan'?: (string);
}

export interface EncodeResult__Output {
  /**
   * A blob of JSON that lists the segments: see EncodedMedia in src/core/media.ts.
   */
  'listing': (_reelmesh_v1_BlobReference__Output | null);
  /**
   * Video frames in each rendition; 0 for audio.
   */
  'frames': (number);
  /**
   * Init segment of each rendition; the same for every chunk of a job.
   */
  'inits': (_reelmesh_v1_InitSegment__Output)[];
  /**
   * Bytes of all segments together.
   */
  'bytes': (number);
  /**
   * Ids of the nodes that hold the listing and the segments.
   */
  'holders': (string)[];
  /**
   * Which pictures of the source a chunk was made of; absent for audio.
   */
  'proof': (_reelmesh_v1_FrameProof__Output | null);
  /**
   * Sentences for the person who submitted the job: what was done to the sound, and what could not be done as usual.
   */
  'notes': (string)[];
  /**
   * SHA-256 of the plan that it was made by; empty from older versions.
   */
  'plan': (string);
}
