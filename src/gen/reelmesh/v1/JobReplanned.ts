// Original file: proto/reelmesh/v1/log.proto


/**
 * A job is planned anew, and nothing that was made by its plan counts any more: the source gives other frames than its
 * packets promise, and is to be decoded in one piece.
 */
export interface JobReplanned {
  'job'?: (string);
  /**
   * For the end of a sentence that begins "because".
   */
  'reason'?: (string);
}

/**
 * A job is planned anew, and nothing that was made by its plan counts any more: the source gives other frames than its
 * packets promise, and is to be decoded in one piece.
 */
export interface JobReplanned__Output {
  'job': (string);
  /**
   * For the end of a sentence that begins "because".
   */
  'reason': (string);
}
