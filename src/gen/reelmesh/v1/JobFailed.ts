// Original file: proto/reelmesh/v1/log.proto


export interface JobFailed {
  'job'?: (string);
  /**
   * A sentence for the person who submitted the job.
   */
  'reason'?: (string);
}

export interface JobFailed__Output {
  'job': (string);
  /**
   * A sentence for the person who submitted the job.
   */
  'reason': (string);
}
