// Original file: proto/reelmesh/v1/jobs.proto


export interface FinishedTask {
  'task'?: (string);
  /**
   * Name of the node that did it.
   */
  'node'?: (string);
}

export interface FinishedTask__Output {
  'task': (string);
  /**
   * Name of the node that did it.
   */
  'node': (string);
}
