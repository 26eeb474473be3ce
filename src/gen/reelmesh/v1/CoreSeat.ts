// Original file: proto/reelmesh/v1/node.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A NATS server of the mesh's own that a node runs.
 */
export interface CoreSeat {
  'generation'?: (number | string | Long);
  'slot'?: (number);
  /**
   * host:port for clients and, in a cluster, for the other servers.
   */
  'client'?: (string);
  'route'?: (string);
  /**
   * Slots of the servers that this one, which leads their cluster or has no leader, does not hear though they are linked.
   */
  'unheard'?: (number)[];
}

/**
 * A NATS server of the mesh's own that a node runs.
 */
export interface CoreSeat__Output {
  'generation': (number);
  'slot': (number);
  /**
   * host:port for clients and, in a cluster, for the other servers.
   */
  'client': (string);
  'route': (string);
  /**
   * Slots of the servers that this one, which leads their cluster or has no leader, does not hear though they are linked.
   */
  'unheard': (number)[];
}
