// Original file: proto/reelmesh/v1/jobs.proto


export interface RemoveJobRequest {
  'job'?: (string);
  /**
   * As in SubmitRequest.
   */
  'forwarded'?: (boolean);
}

export interface RemoveJobRequest__Output {
  'job': (string);
  /**
   * As in SubmitRequest.
   */
  'forwarded': (boolean);
}
