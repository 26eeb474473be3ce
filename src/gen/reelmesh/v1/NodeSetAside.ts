// Original file: proto/reelmesh/v1/log.proto


/**
 * A node that fails what others finish is granted nothing any more.
 */
export interface NodeSetAside {
  'nodeId'?: (string);
  /**
   * A sentence for the operator.
   */
  'reason'?: (string);
}

/**
 * A node that fails what others finish is granted nothing any more.
 */
export interface NodeSetAside__Output {
  'nodeId': (string);
  /**
   * A sentence for the operator.
   */
  'reason': (string);
}
