// Original file: proto/reelmesh/v1/node.proto

import type { CoreSeat as _reelmesh_v1_CoreSeat, CoreSeat__Output as _reelmesh_v1_CoreSeat__Output } from '../../reelmesh/v1/CoreSeat.js';
import type { Fetching as _reelmesh_v1_Fetching, Fetching__Output as _reelmesh_v1_Fetching__Output } from '../../reelmesh/v1/Fetching.js';
import type { Long } from '@grpc/proto-loader';

/**
 * A node's heartbeat, sent once a second over NATS, and a row of ListNodes.
 */
export interface NodeSummary {
  'id'?: (string);
  'name'?: (string);
  /**
   * "ready", "paused", "draining", "drained", "full" (no room on its disk: it claims nothing and serves on), "stopped"
   * (its last heartbeat), "lost" (not heard for 5 s; set by the reader) or "unknown" (the reader is cut off from NATS and
   * hears nobody).
   */
  'state'?: (string);
  'version'?: (string);
  /**
   * Addresses as host:port.
   */
  'grpc'?: (string);
  'http'?: (string);
  'peer'?: (string);
  /**
   * Encodes at once, at present.
   */
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
  /**
   * Why the mesh grants it nothing; empty unless it was set aside.
   */
  'setAside'?: (string);
  /**
   * The NATS server that the node runs; absent: none.
   */
  'seat'?: (_reelmesh_v1_CoreSeat | null);
  /**
   * True when the node could run one: it has a nats-server that is new enough, and was not told to use another's.
   */
  'canServe'?: (boolean);
  /**
   * True when the node was told to use NATS servers of somebody else's.
   */
  'externalNats'?: (boolean);
  /**
   * Seconds since the node started.
   */
  'uptimeSeconds'?: (number | string);
  /**
   * Encoders that the node has and others may not have, by ffmpeg's names.
   */
  'encoders'?: (string)[];
  /**
   * Copies of each blob that the node was told to ask for; 0: it does not say.
   */
  'replicas'?: (number);
  /**
   * True when viewers use HTTPS at `http`.
   */
  'https'?: (boolean);
  /**
   * Sources that the node fetches.
   */
  'fetching'?: (_reelmesh_v1_Fetching)[];
}

/**
 * A node's heartbeat, sent once a second over NATS, and a row of ListNodes.
 */
export interface NodeSummary__Output {
  'id': (string);
  'name': (string);
  /**
   * "ready", "paused", "draining", "drained", "full" (no room on its disk: it claims nothing and serves on), "stopped"
   * (its last heartbeat), "lost" (not heard for 5 s; set by the reader) or "unknown" (the reader is cut off from NATS and
   * hears nobody).
   */
  'state': (string);
  'version': (string);
  /**
   * Addresses as host:port.
   */
  'grpc': (string);
  'http': (string);
  'peer': (string);
  /**
   * Encodes at once, at present.
   */
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
  /**
   * Why the mesh grants it nothing; empty unless it was set aside.
   */
  'setAside': (string);
  /**
   * The NATS server that the node runs; absent: none.
   */
  'seat': (_reelmesh_v1_CoreSeat__Output | null);
  /**
   * True when the node could run one: it has a nats-server that is new enough, and was not told to use another's.
   */
  'canServe': (boolean);
  /**
   * True when the node was told to use NATS servers of somebody else's.
   */
  'externalNats': (boolean);
  /**
   * Seconds since the node started.
   */
  'uptimeSeconds': (number);
  /**
   * Encoders that the node has and others may not have, by ffmpeg's names.
   */
  'encoders': (string)[];
  /**
   * Copies of each blob that the node was told to ask for; 0: it does not say.
   */
  'replicas': (number);
  /**
   * True when viewers use HTTPS at `http`.
   */
  'https': (boolean);
  /**
   * Sources that the node fetches.
   */
  'fetching': (_reelmesh_v1_Fetching__Output)[];
}
