// Original file: proto/reelmesh/v1/node.proto

import type { CoreServer as _reelmesh_v1_CoreServer, CoreServer__Output as _reelmesh_v1_CoreServer__Output } from '../../reelmesh/v1/CoreServer.js';
import type { Long } from '@grpc/proto-loader';

export interface ServeCoreRequest {
  'generation'?: (number | string | Long);
  /**
   * All servers of the cluster; the asked node's own tells it its slot.
   */
  'servers'?: (_reelmesh_v1_CoreServer)[];
}

export interface ServeCoreRequest__Output {
  'generation': (number);
  /**
   * All servers of the cluster; the asked node's own tells it its slot.
   */
  'servers': (_reelmesh_v1_CoreServer__Output)[];
}
