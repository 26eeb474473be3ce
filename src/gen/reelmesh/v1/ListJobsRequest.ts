// Original file: proto/reelmesh/v1/jobs.proto


export interface ListJobsRequest {
  /**
   * At most this many; 0: 100.
   */
  'limit'?: (number);
  /**
   * As in SubmitRequest.
   */
  'forwarded'?: (boolean);
}

export interface ListJobsRequest__Output {
  /**
   * At most this many; 0: 100.
   */
  'limit': (number);
  /**
   * As in SubmitRequest.
   */
  'forwarded': (boolean);
}
