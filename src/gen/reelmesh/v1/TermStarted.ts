// Original file: proto/reelmesh/v1/log.proto


/**
 * The writer coordinates from here on, until a higher term starts.
 */
export interface TermStarted {
  'nodeId'?: (string);
  'nodeName'?: (string);
}

/**
 * The writer coordinates from here on, until a higher term starts.
 */
export interface TermStarted__Output {
  'nodeId': (string);
  'nodeName': (string);
}
