// Original file: proto/reelmesh/v1/log.proto


/**
 * Sets both, whatever they were.
 */
export interface JobAdjusted {
  'job'?: (string);
  'priority'?: (number);
  /**
   * A paused job is granted nothing; what runs already ends as usual and counts.
   */
  'paused'?: (boolean);
}

/**
 * Sets both, whatever they were.
 */
export interface JobAdjusted__Output {
  'job': (string);
  'priority': (number);
  /**
   * A paused job is granted nothing; what runs already ends as usual and counts.
   */
  'paused': (boolean);
}
