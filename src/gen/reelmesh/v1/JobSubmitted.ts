// Original file: proto/reelmesh/v1/log.proto

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from '../../reelmesh/v1/BlobReference.js';
import type { JobOptions as _reelmesh_v1_JobOptions, JobOptions__Output as _reelmesh_v1_JobOptions__Output } from '../../reelmesh/v1/JobOptions.js';
import type { Long } from '@grpc/proto-loader';

export interface JobSubmitted {
  'job'?: (string);
  'fileName'?: (string);
  'name'?: (string);
  'asset'?: (string);
  'source'?: (_reelmesh_v1_BlobReference | null);
  /**
   * Id of the node that took the source.
   */
  'holder'?: (string);
  'options'?: (_reelmesh_v1_JobOptions | null);
  /**
   * Jobs of a higher priority go first; 0 unless the submitter says otherwise.
   */
  'priority'?: (number);
  /**
   * When it was submitted, milliseconds since 1970, where a node brings back what the log has lost; 0: now. A job that was
   * removed and one of the same id that was submitted after that are told apart by it.
   */
  'submittedMs'?: (number | string | Long);
}

export interface JobSubmitted__Output {
  'job': (string);
  'fileName': (string);
  'name': (string);
  'asset': (string);
  'source': (_reelmesh_v1_BlobReference__Output | null);
  /**
   * Id of the node that took the source.
   */
  'holder': (string);
  'options': (_reelmesh_v1_JobOptions__Output | null);
  /**
   * Jobs of a higher priority go first; 0 unless the submitter says otherwise.
   */
  'priority': (number);
  /**
   * When it was submitted, milliseconds since 1970, where a node brings back what the log has lost; 0: now. A job that was
   * removed and one of the same id that was submitted after that are told apart by it.
   */
  'submittedMs': (number);
}
