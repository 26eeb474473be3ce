// Original file: proto/reelmesh/v1/jobs.proto

import type { Asset as _reelmesh_v1_Asset, Asset__Output as _reelmesh_v1_Asset__Output } from '../../reelmesh/v1/Asset.js';

export interface ListAssetsResponse {
  'assets'?: (_reelmesh_v1_Asset)[];
}

export interface ListAssetsResponse__Output {
  'assets': (_reelmesh_v1_Asset__Output)[];
}
