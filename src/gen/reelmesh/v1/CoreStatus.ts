// Original file: proto/reelmesh/v1/node.proto

import type { CoreSlot as _reelmesh_v1_CoreSlot, CoreSlot__Output as _reelmesh_v1_CoreSlot__Output } from '../../reelmesh/v1/CoreSlot.js';
import type { StreamReplica as _reelmesh_v1_StreamReplica, StreamReplica__Output as _reelmesh_v1_StreamReplica__Output } from '../../reelmesh/v1/StreamReplica.js';
import type { Long } from '@grpc/proto-loader';

/**
 * The NATS servers under the mesh log.
 */
export interface CoreStatus {
  /**
   * True when they are run by somebody else; then there are no slots.
   */
  'external'?: (boolean);
  'generation'?: (number | string | Long);
  'slots'?: (_reelmesh_v1_CoreSlot)[];
  /**
   * Name of the server that leads the mesh log's stream; empty: none now, or the node cannot tell.
   */
  'streamLeader'?: (string);
  /**
   * The stream's copies, the leader's included; one server without a cluster has none to tell of.
   */
  'replicas'?: (_reelmesh_v1_StreamReplica)[];
  /**
   * Names of the nodes whose servers are neither up nor orphaned, while so many are that nothing new starts.
   */
  'lacking'?: (string)[];
}

/**
 * The NATS servers under the mesh log.
 */
export interface CoreStatus__Output {
  /**
   * True when they are run by somebody else; then there are no slots.
   */
  'external': (boolean);
  'generation': (number);
  'slots': (_reelmesh_v1_CoreSlot__Output)[];
  /**
   * Name of the server that leads the mesh log's stream; empty: none now, or the node cannot tell.
   */
  'streamLeader': (string);
  /**
   * The stream's copies, the leader's included; one server without a cluster has none to tell of.
   */
  'replicas': (_reelmesh_v1_StreamReplica__Output)[];
  /**
   * Names of the nodes whose servers are neither up nor orphaned, while so many are that nothing new starts.
   */
  'lacking': (string)[];
}
