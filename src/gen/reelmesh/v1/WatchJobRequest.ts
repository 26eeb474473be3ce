// Original file: proto/reelmesh/v1/jobs.proto


export interface WatchJobRequest {
  'job'?: (string);
  /**
   * As in SubmitRequest.
   */
  'forwarded'?: (boolean);
}

export interface WatchJobRequest__Output {
  'job': (string);
  /**
   * As in SubmitRequest.
   */
  'forwarded': (boolean);
}
