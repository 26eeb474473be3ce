// Original file: proto/reelmesh/v1/jobs.proto


export interface GetJobRequest {
  'job'?: (string);
  /**
   * As in SubmitRequest.
   */
  'forwarded'?: (boolean);
}

export interface GetJobRequest__Output {
  'job': (string);
  /**
   * As in SubmitRequest.
   */
  'forwarded': (boolean);
}
