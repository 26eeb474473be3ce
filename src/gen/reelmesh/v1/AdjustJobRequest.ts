// Original file: proto/reelmesh/v1/jobs.proto


export interface AdjustJobRequest {
  'job'?: (string);
  /**
   * As in SubmitRequest.
   */
  'priority'?: (number);
  /**
   * A paused job is granted nothing; what runs already ends as usual and counts.
   */
  'paused'?: (boolean);
  /**
   * As in SubmitRequest.
   */
  'forwarded'?: (boolean);
  'change'?: "priority"|"paused";
}

export interface AdjustJobRequest__Output {
  'job': (string);
  /**
   * As in SubmitRequest.
   */
  'priority'?: (number);
  /**
   * A paused job is granted nothing; what runs already ends as usual and counts.
   */
  'paused'?: (boolean);
  /**
   * As in SubmitRequest.
   */
  'forwarded': (boolean);
  'change'?: "priority"|"paused";
}
