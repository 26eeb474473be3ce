// Original file: proto/reelmesh/v1/node.proto

import type { Long } from '@grpc/proto-loader';

export interface ListUnsettledRequest {
  /**
   * Sequence of the mesh log that the asker has read: the node answers when it has read as far, since an asset that it
   * has not heard of would seem to be settled.
   */
  'logSequence'?: (number | string | Long);
}

export interface ListUnsettledRequest__Output {
  /**
   * Sequence of the mesh log that the asker has read: the node answers when it has read as far, since an asset that it
   * has not heard of would seem to be settled.
   */
  'logSequence': (number);
}
