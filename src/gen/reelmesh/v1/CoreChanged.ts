// Original file: proto/reelmesh/v1/log.proto

import type { CoreServer as _reelmesh_v1_CoreServer, CoreServer__Output as _reelmesh_v1_CoreServer__Output } from '../../reelmesh/v1/CoreServer.js';
import type { Long } from '@grpc/proto-loader';

/**
 * The nodes that run the mesh's own NATS servers from here on.
 */
export interface CoreChanged {
  /**
   * Grows by one whenever the servers begin with empty stores, as a new cluster.
   */
  'generation'?: (number | string | Long);
  'servers'?: (_reelmesh_v1_CoreServer)[];
}

/**
 * The nodes that run the mesh's own NATS servers from here on.
 */
export interface CoreChanged__Output {
  /**
   * Grows by one whenever the servers begin with empty stores, as a new cluster.
   */
  'generation': (number);
  'servers': (_reelmesh_v1_CoreServer__Output)[];
}
