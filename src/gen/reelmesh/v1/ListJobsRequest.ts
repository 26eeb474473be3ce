// Original file: proto/reelmesh/v1/jobs.proto


export interface ListJobsRequest {
  /**
   * At most this many; 0: 100.
   */
  'limit'?: (number);
  /**
   * Only jobs in one of these states, or "paused"; none: all.
   */
  'states'?: (string)[];
  /**
   * Id of the last job of the page before; empty: from the newest on. NOT_FOUND when that one was removed meanwhile.
   */
  'after'?: (string);
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
   * Only jobs in one of these states, or "paused"; none: all.
   */
  'states': (string)[];
  /**
   * Id of the last job of the page before; empty: from the newest on. NOT_FOUND when that one was removed meanwhile.
   */
  'after': (string);
  /**
   * As in SubmitRequest.
   */
  'forwarded': (boolean);
}
