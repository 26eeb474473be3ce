// Original file: proto/reelmesh/v1/jobs.proto

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from '../../reelmesh/v1/BlobReference.js';
import type { JobOptions as _reelmesh_v1_JobOptions, JobOptions__Output as _reelmesh_v1_JobOptions__Output } from '../../reelmesh/v1/JobOptions.js';

export interface SubmitRequest {
  /**
   * Chosen by the client: 8 to 40 of a-z, 0-9 and "-". Makes a retry harmless.
   */
  'job'?: (string);
  /**
   * Name of the source file.
   */
  'fileName'?: (string);
  /**
   * Name of the asset for people; the file's name without its ending when empty.
   */
  'name'?: (string);
  'source'?: (_reelmesh_v1_BlobReference | null);
  'options'?: (_reelmesh_v1_JobOptions | null);
  /**
   * Id of the node that holds the source; set by the node that forwards.
   */
  'holder'?: (string);
  /**
   * Name of the asset in URLs; set by the node that forwards.
   */
  'asset'?: (string);
  /**
   * Jobs of a higher priority go first; -100 to 100.
   */
  'priority'?: (number);
  /**
   * Set by a node that passes the call on to the coordinator; such a call is not passed on again.
   */
  'forwarded'?: (boolean);
}

export interface SubmitRequest__Output {
  /**
   * Chosen by the client: 8 to 40 of a-z, 0-9 and "-". Makes a retry harmless.
   */
  'job': (string);
  /**
   * Name of the source file.
   */
  'fileName': (string);
  /**
   * Name of the asset for people; the file's name without its ending when empty.
   */
  'name': (string);
  'source': (_reelmesh_v1_BlobReference__Output | null);
  'options': (_reelmesh_v1_JobOptions__Output | null);
  /**
   * Id of the node that holds the source; set by the node that forwards.
   */
  'holder': (string);
  /**
   * Name of the asset in URLs; set by the node that forwards.
   */
  'asset': (string);
  /**
   * Jobs of a higher priority go first; -100 to 100.
   */
  'priority': (number);
  /**
   * Set by a node that passes the call on to the coordinator; such a call is not passed on again.
   */
  'forwarded': (boolean);
}
