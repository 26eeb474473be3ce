// Original file: proto/reelmesh/v1/node.proto

import type { UnsettledAsset as _reelmesh_v1_UnsettledAsset, UnsettledAsset__Output as _reelmesh_v1_UnsettledAsset__Output } from '../../reelmesh/v1/UnsettledAsset.js';

export interface ListUnsettledResponse {
  /**
   * Name of the placement by which the node goes.
   */
  'placement'?: (string);
  'assets'?: (_reelmesh_v1_UnsettledAsset)[];
}

export interface ListUnsettledResponse__Output {
  /**
   * Name of the placement by which the node goes.
   */
  'placement': (string);
  'assets': (_reelmesh_v1_UnsettledAsset__Output)[];
}
