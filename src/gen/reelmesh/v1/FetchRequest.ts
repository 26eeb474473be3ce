// Original file: proto/reelmesh/v1/jobs.proto

import type { SubmitRequest as _reelmesh_v1_SubmitRequest, SubmitRequest__Output as _reelmesh_v1_SubmitRequest__Output } from '../../reelmesh/v1/SubmitRequest.js';

export interface FetchRequest {
  /**
   * https://host/path or s3://bucket/key.
   */
  'url'?: (string);
  /**
   * What Submit is given, without a source.
   */
  'submission'?: (_reelmesh_v1_SubmitRequest | null);
}

export interface FetchRequest__Output {
  /**
   * https://host/path or s3://bucket/key.
   */
  'url': (string);
  /**
   * What Submit is given, without a source.
   */
  'submission': (_reelmesh_v1_SubmitRequest__Output | null);
}
