// Original file: proto/reelmesh/v1/jobs.proto


export interface RetryJobRequest {
  'job'?: (string);
  /**
   * As in SubmitRequest.
   */
  'forwarded'?: (boolean);
}

export interface RetryJobRequest__Output {
  'job': (string);
  /**
   * As in SubmitRequest.
   */
  'forwarded': (boolean);
}
