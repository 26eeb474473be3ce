// Original file: proto/reelmesh/v1/node.proto

import type { Long } from '@grpc/proto-loader';

export interface JoinResponse {
  /**
   * For example "nats://10.0.0.1:7422".
   */
  'nats'?: (string)[];
  /**
   * Name of the node that answers.
   */
  'name'?: (string);
  /**
   * True when the servers are run by somebody else.
   */
  'external'?: (boolean);
  /**
   * Generation of the mesh's own servers; 0 when the log names none yet.
   */
  'generation'?: (number | string | Long);
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
  /**
   * True when the servers are run by somebody else.
   */
  'external': (boolean);
  /**
   * Generation of the mesh's own servers; 0 when the log names none yet.
   */
  'generation': (number);
}
