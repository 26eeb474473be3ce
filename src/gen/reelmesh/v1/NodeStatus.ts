// Original file: proto/reelmesh/v1/node.proto

import type { NodeSummary as _reelmesh_v1_NodeSummary, NodeSummary__Output as _reelmesh_v1_NodeSummary__Output } from '../../reelmesh/v1/NodeSummary.js';
import type { Encoder as _reelmesh_v1_Encoder, Encoder__Output as _reelmesh_v1_Encoder__Output } from '../../reelmesh/v1/Encoder.js';
import type { RunningTask as _reelmesh_v1_RunningTask, RunningTask__Output as _reelmesh_v1_RunningTask__Output } from '../../reelmesh/v1/RunningTask.js';
import type { CoreStatus as _reelmesh_v1_CoreStatus, CoreStatus__Output as _reelmesh_v1_CoreStatus__Output } from '../../reelmesh/v1/CoreStatus.js';
import type { StoreStatus as _reelmesh_v1_StoreStatus, StoreStatus__Output as _reelmesh_v1_StoreStatus__Output } from '../../reelmesh/v1/StoreStatus.js';
import type { Transfers as _reelmesh_v1_Transfers, Transfers__Output as _reelmesh_v1_Transfers__Output } from '../../reelmesh/v1/Transfers.js';
import type { Copies as _reelmesh_v1_Copies, Copies__Output as _reelmesh_v1_Copies__Output } from '../../reelmesh/v1/Copies.js';
import type { Long } from '@grpc/proto-loader';

export interface NodeStatus {
  'node'?: (_reelmesh_v1_NodeSummary | null);
  /**
   * Seconds since the node started.
   */
  'uptimeSeconds'?: (number | string);
  /**
   * Newest term, and the coordinator in it; empty id: none known.
   */
  'term'?: (number | string | Long);
  'coordinatorId'?: (string);
  'coordinatorName'?: (string);
  'cores'?: (number);
  /**
   * One-minute load average.
   */
  'load'?: (number | string);
  /**
   * Bytes of memory in the machine and free, and of the file system that holds the data folder.
   */
  'memoryBytes'?: (number | string | Long);
  'memoryFreeBytes'?: (number | string | Long);
  'diskBytes'?: (number | string | Long);
  'diskFreeBytes'?: (number | string | Long);
  'encoders'?: (_reelmesh_v1_Encoder)[];
  'running'?: (_reelmesh_v1_RunningTask)[];
  'peers'?: (_reelmesh_v1_NodeSummary)[];
  /**
   * True when the node is connected to NATS, and so can hear and be heard.
   */
  'natsConnected'?: (boolean);
  /**
   * Version of the nats-server that it talks to.
   */
  'natsVersion'?: (string);
  /**
   * Newest sequence of the mesh log that the node has read.
   */
  'logSequence'?: (number | string | Long);
  'core'?: (_reelmesh_v1_CoreStatus | null);
  /**
   * What keeps ffmpeg, which reads what strangers made, in its place: "bubblewrap", "limits" or "none".
   */
  'confinement'?: (string);
  /**
   * Why that is not bubblewrap; empty when it is.
   */
  'confinementReason'?: (string);
  'store'?: (_reelmesh_v1_StoreStatus | null);
  'transfers'?: (_reelmesh_v1_Transfers | null);
  'copies'?: (_reelmesh_v1_Copies | null);
}

export interface NodeStatus__Output {
  'node': (_reelmesh_v1_NodeSummary__Output | null);
  /**
   * Seconds since the node started.
   */
  'uptimeSeconds': (number);
  /**
   * Newest term, and the coordinator in it; empty id: none known.
   */
  'term': (number);
  'coordinatorId': (string);
  'coordinatorName': (string);
  'cores': (number);
  /**
   * One-minute load average.
   */
  'load': (number);
  /**
   * Bytes of memory in the machine and free, and of the file system that holds the data folder.
   */
  'memoryBytes': (number);
  'memoryFreeBytes': (number);
  'diskBytes': (number);
  'diskFreeBytes': (number);
  'encoders': (_reelmesh_v1_Encoder__Output)[];
  'running': (_reelmesh_v1_RunningTask__Output)[];
  'peers': (_reelmesh_v1_NodeSummary__Output)[];
  /**
   * True when the node is connected to NATS, and so can hear and be heard.
   */
  'natsConnected': (boolean);
  /**
   * Version of the nats-server that it talks to.
   */
  'natsVersion': (string);
  /**
   * Newest sequence of the mesh log that the node has read.
   */
  'logSequence': (number);
  'core': (_reelmesh_v1_CoreStatus__Output | null);
  /**
   * What keeps ffmpeg, which reads what strangers made, in its place: "bubblewrap", "limits" or "none".
   */
  'confinement': (string);
  /**
   * Why that is not bubblewrap; empty when it is.
   */
  'confinementReason': (string);
  'store': (_reelmesh_v1_StoreStatus__Output | null);
  'transfers': (_reelmesh_v1_Transfers__Output | null);
  'copies': (_reelmesh_v1_Copies__Output | null);
}
