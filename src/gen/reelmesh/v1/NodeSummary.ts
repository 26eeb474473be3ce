// Original file: proto/reelmesh/v1/node.proto

import type { Long } from '@grpc/proto-loader';

/**
 * A node's heartbeat, sent once a second over NATS, and a row of ListNodes.
 */
export interface NodeSummary {
  'id'?: (string);
  'name'?: (string);
  /**
   * "ready", "draining", "stopped" (its last heartbeat), "lost" (not heard for 5 s; set by the reader) or "unknown" (the
   * reader is cut off from NATS and hears nobody).
   */
  'state'?: (string);
  'version'?: (string);
  /**
   * Addresses as host:port.
   */
  'grpc'?: (string);
  'http'?: (string);
  'peer'?: (string);
  'slots'?: (number);
  'busy'?: (number);
  /**
   * Newest term that the node has seen, and whether it coordinates in it.
   */
  'term'?: (number | string | Long);
  'coordinates'?: (boolean);
  'blobs'?: (number | string | Long);
  'bytes'?: (number | string | Long);
  /**
   * Blobs of finished assets that the node should hold and does not yet.
   */
  'missing'?: (number | string | Long);
  /**
   * Milliseconds since the reader last heard of it; 0 for the node itself.
   */
  'heardMsAgo'?: (number | string | Long);
  /**
   * Newest sequence of the mesh log that the node knows.
   */
  'logSequence'?: (number | string | Long);
  /**
   * Facts that the node knows and the mesh log has lost; while there are any, the coordinator grants nothing.
   */
  'remembered'?: (number | string | Long);
}

/**
 * A node's heartbeat, sent once a second over NATS, and a row of ListNodes.
 */
export interface NodeSummary__Output {
  'id': (string);
  'name': (string);
  /**
   * "ready", "draining", "stopped" (its last heartbeat), "lost" (not heard for 5 s; set by the reader) or "unknown" (the
   * reader is cut off from NATS and hears nobody).
   */
  'state': (string);
  'version': (string);
  /**
   * Addresses as host:port.
   */
  'grpc': (string);
  'http': (string);
  'peer': (string);
  'slots': (number);
  'busy': (number);
  /**
   * Newest term that the node has seen, and whether it coordinates in it.
   */
  'term': (number);
  'coordinates': (boolean);
  'blobs': (number);
  'bytes': (number);
  /**
   * Blobs of finished assets that the node should hold and does not yet.
   */
  'missing': (number);
  /**
   * Milliseconds since the reader last heard of it; 0 for the node itself.
   */
  'heardMsAgo': (number);
  /**
   * Newest sequence of the mesh log that the node knows.
   */
  'logSequence': (number);
  /**
   * Facts that the node knows and the mesh log has lost; while there are any, the coordinator grants nothing.
   */
  'remembered': (number);
}
