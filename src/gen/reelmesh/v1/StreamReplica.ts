// Original file: proto/reelmesh/v1/node.proto

import type { Long } from '@grpc/proto-loader';

export interface StreamReplica {
  'server'?: (string);
  /**
   * True when it was heard lately and has all.
   */
  'current'?: (boolean);
  /**
   * Entries that it has yet to copy.
   */
  'lag'?: (number | string | Long);
}

export interface StreamReplica__Output {
  'server': (string);
  /**
   * True when it was heard lately and has all.
   */
  'current': (boolean);
  /**
   * Entries that it has yet to copy.
   */
  'lag': (number);
}
