// Original file: proto/reelmesh/v1/coordinator.proto


export interface FailRequest {
  'lease'?: (string);
  'nodeId'?: (string);
  'job'?: (string);
  'task'?: (string);
  /**
   * A sentence for the person who submitted the job.
   */
  'reason'?: (string);
  /**
   * True when another attempt cannot help, for example a source that no decoder reads.
   */
  'permanent'?: (boolean);
  /**
   * True when the node hands the task back unharmed, for example because it stops: not counted as an attempt.
   */
  'handedBack'?: (boolean);
  /**
   * True when the source gave other frames than the plan expects of it.
   */
  'otherFrames'?: (boolean);
}

export interface FailRequest__Output {
  'lease': (string);
  'nodeId': (string);
  'job': (string);
  'task': (string);
  /**
   * A sentence for the person who submitted the job.
   */
  'reason': (string);
  /**
   * True when another attempt cannot help, for example a source that no decoder reads.
   */
  'permanent': (boolean);
  /**
   * True when the node hands the task back unharmed, for example because it stops: not counted as an attempt.
   */
  'handedBack': (boolean);
  /**
   * True when the source gave other frames than the plan expects of it.
   */
  'otherFrames': (boolean);
}
