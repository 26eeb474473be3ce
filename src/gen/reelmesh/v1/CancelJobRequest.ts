// Original file: proto/reelmesh/v1/jobs.proto


export interface CancelJobRequest {
  'job'?: (string);
  /**
   * As in SubmitRequest.
   */
  'forwarded'?: (boolean);
}

export interface CancelJobRequest__Output {
  'job': (string);
  /**
   * As in SubmitRequest.
   */
  'forwarded': (boolean);
}
