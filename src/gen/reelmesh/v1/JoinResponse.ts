// Original file: proto/reelmesh/v1/node.proto


export interface JoinResponse {
  /**
   * For example "nats://10.0.0.1:7422".
   */
  'nats'?: (string)[];
  /**
   * Name of the node that answers.
   */
  'name'?: (string);
}

export interface JoinResponse__Output {
  /**
   * For example "nats://10.0.0.1:7422".
   */
  'nats': (string)[];
  /**
   * Name of the node that answers.
   */
  'name': (string);
}
