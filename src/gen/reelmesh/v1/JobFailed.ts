// Original file: proto/reelmesh/v1/log.proto


export interface JobFailed {
  'job'?: (string);
  /**
   * A sentence for the person who submitted the job.
   */
  'reason'?: (string);
  /**
   * True: told again of a job that failed long ago, whose source is not kept for a retry any more.
   */
  'letGo'?: (boolean);
}

export interface JobFailed__Output {
  'job': (string);
  /**
   * A sentence for the person who submitted the job.
   */
  'reason': (string);
  /**
   * True: told again of a job that failed long ago, whose source is not kept for a retry any more.
   */
  'letGo': (boolean);
}
