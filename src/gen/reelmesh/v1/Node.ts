// Original file: proto/reelmesh/v1/node.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { DrainRequest as _reelmesh_v1_DrainRequest, DrainRequest__Output as _reelmesh_v1_DrainRequest__Output } from '../../reelmesh/v1/DrainRequest.js';
import type { GetStatusRequest as _reelmesh_v1_GetStatusRequest, GetStatusRequest__Output as _reelmesh_v1_GetStatusRequest__Output } from '../../reelmesh/v1/GetStatusRequest.js';
import type { HoldRequest as _reelmesh_v1_HoldRequest, HoldRequest__Output as _reelmesh_v1_HoldRequest__Output } from '../../reelmesh/v1/HoldRequest.js';
import type { HoldResponse as _reelmesh_v1_HoldResponse, HoldResponse__Output as _reelmesh_v1_HoldResponse__Output } from '../../reelmesh/v1/HoldResponse.js';
import type { HoldsRequest as _reelmesh_v1_HoldsRequest, HoldsRequest__Output as _reelmesh_v1_HoldsRequest__Output } from '../../reelmesh/v1/HoldsRequest.js';
import type { HoldsResponse as _reelmesh_v1_HoldsResponse, HoldsResponse__Output as _reelmesh_v1_HoldsResponse__Output } from '../../reelmesh/v1/HoldsResponse.js';
import type { JoinRequest as _reelmesh_v1_JoinRequest, JoinRequest__Output as _reelmesh_v1_JoinRequest__Output } from '../../reelmesh/v1/JoinRequest.js';
import type { JoinResponse as _reelmesh_v1_JoinResponse, JoinResponse__Output as _reelmesh_v1_JoinResponse__Output } from '../../reelmesh/v1/JoinResponse.js';
import type { ListNodesRequest as _reelmesh_v1_ListNodesRequest, ListNodesRequest__Output as _reelmesh_v1_ListNodesRequest__Output } from '../../reelmesh/v1/ListNodesRequest.js';
import type { ListNodesResponse as _reelmesh_v1_ListNodesResponse, ListNodesResponse__Output as _reelmesh_v1_ListNodesResponse__Output } from '../../reelmesh/v1/ListNodesResponse.js';
import type { ListUnsettledRequest as _reelmesh_v1_ListUnsettledRequest, ListUnsettledRequest__Output as _reelmesh_v1_ListUnsettledRequest__Output } from '../../reelmesh/v1/ListUnsettledRequest.js';
import type { ListUnsettledResponse as _reelmesh_v1_ListUnsettledResponse, ListUnsettledResponse__Output as _reelmesh_v1_ListUnsettledResponse__Output } from '../../reelmesh/v1/ListUnsettledResponse.js';
import type { NodeStatus as _reelmesh_v1_NodeStatus, NodeStatus__Output as _reelmesh_v1_NodeStatus__Output } from '../../reelmesh/v1/NodeStatus.js';
import type { NodeSummary as _reelmesh_v1_NodeSummary, NodeSummary__Output as _reelmesh_v1_NodeSummary__Output } from '../../reelmesh/v1/NodeSummary.js';
import type { OfferCoreRequest as _reelmesh_v1_OfferCoreRequest, OfferCoreRequest__Output as _reelmesh_v1_OfferCoreRequest__Output } from '../../reelmesh/v1/OfferCoreRequest.js';
import type { OfferCoreResponse as _reelmesh_v1_OfferCoreResponse, OfferCoreResponse__Output as _reelmesh_v1_OfferCoreResponse__Output } from '../../reelmesh/v1/OfferCoreResponse.js';
import type { PauseNodeRequest as _reelmesh_v1_PauseNodeRequest, PauseNodeRequest__Output as _reelmesh_v1_PauseNodeRequest__Output } from '../../reelmesh/v1/PauseNodeRequest.js';
import type { ResumeNodeRequest as _reelmesh_v1_ResumeNodeRequest, ResumeNodeRequest__Output as _reelmesh_v1_ResumeNodeRequest__Output } from '../../reelmesh/v1/ResumeNodeRequest.js';
import type { ServeCoreRequest as _reelmesh_v1_ServeCoreRequest, ServeCoreRequest__Output as _reelmesh_v1_ServeCoreRequest__Output } from '../../reelmesh/v1/ServeCoreRequest.js';
import type { ServeCoreResponse as _reelmesh_v1_ServeCoreResponse, ServeCoreResponse__Output as _reelmesh_v1_ServeCoreResponse__Output } from '../../reelmesh/v1/ServeCoreResponse.js';

/**
 * What a node says of itself and of its peers.
 */
export interface NodeClient extends grpc.Client {
  /**
   * The node claims no more work and ends what it runs. Answers at once; its state tells when it has: "draining", then
   * "drained". Until it is resumed or started again.
   */
  Drain(argument: _reelmesh_v1_DrainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  Drain(argument: _reelmesh_v1_DrainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  Drain(argument: _reelmesh_v1_DrainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  Drain(argument: _reelmesh_v1_DrainRequest, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  /**
   * The node claims no more work and ends what it runs. Answers at once; its state tells when it has: "draining", then
   * "drained". Until it is resumed or started again.
   */
  drain(argument: _reelmesh_v1_DrainRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  drain(argument: _reelmesh_v1_DrainRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  drain(argument: _reelmesh_v1_DrainRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  drain(argument: _reelmesh_v1_DrainRequest, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  
  GetStatus(argument: _reelmesh_v1_GetStatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeStatus__Output>): grpc.ClientUnaryCall;
  GetStatus(argument: _reelmesh_v1_GetStatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_NodeStatus__Output>): grpc.ClientUnaryCall;
  GetStatus(argument: _reelmesh_v1_GetStatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeStatus__Output>): grpc.ClientUnaryCall;
  GetStatus(argument: _reelmesh_v1_GetStatusRequest, callback: grpc.requestCallback<_reelmesh_v1_NodeStatus__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _reelmesh_v1_GetStatusRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeStatus__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _reelmesh_v1_GetStatusRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_NodeStatus__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _reelmesh_v1_GetStatusRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeStatus__Output>): grpc.ClientUnaryCall;
  getStatus(argument: _reelmesh_v1_GetStatusRequest, callback: grpc.requestCallback<_reelmesh_v1_NodeStatus__Output>): grpc.ClientUnaryCall;
  
  /**
   * Pulls blobs and answers when they are safe on this node's disk: how a result gets its second copy before it
   * is reported. UNAVAILABLE: none of the holders gave a blob.
   */
  Hold(argument: _reelmesh_v1_HoldRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_HoldResponse__Output>): grpc.ClientUnaryCall;
  Hold(argument: _reelmesh_v1_HoldRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_HoldResponse__Output>): grpc.ClientUnaryCall;
  Hold(argument: _reelmesh_v1_HoldRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_HoldResponse__Output>): grpc.ClientUnaryCall;
  Hold(argument: _reelmesh_v1_HoldRequest, callback: grpc.requestCallback<_reelmesh_v1_HoldResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Pulls blobs and answers when they are safe on this node's disk: how a result gets its second copy before it
   * is reported. UNAVAILABLE: none of the holders gave a blob.
   */
  hold(argument: _reelmesh_v1_HoldRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_HoldResponse__Output>): grpc.ClientUnaryCall;
  hold(argument: _reelmesh_v1_HoldRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_HoldResponse__Output>): grpc.ClientUnaryCall;
  hold(argument: _reelmesh_v1_HoldRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_HoldResponse__Output>): grpc.ClientUnaryCall;
  hold(argument: _reelmesh_v1_HoldRequest, callback: grpc.requestCallback<_reelmesh_v1_HoldResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Which of some blobs of an asset the node holds, and keeps as long as the placement stays: how another node learns
   * that it may let go of its copies. CONFLICT: the node knows another placement.
   */
  Holds(argument: _reelmesh_v1_HoldsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_HoldsResponse__Output>): grpc.ClientUnaryCall;
  Holds(argument: _reelmesh_v1_HoldsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_HoldsResponse__Output>): grpc.ClientUnaryCall;
  Holds(argument: _reelmesh_v1_HoldsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_HoldsResponse__Output>): grpc.ClientUnaryCall;
  Holds(argument: _reelmesh_v1_HoldsRequest, callback: grpc.requestCallback<_reelmesh_v1_HoldsResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Which of some blobs of an asset the node holds, and keeps as long as the placement stays: how another node learns
   * that it may let go of its copies. CONFLICT: the node knows another placement.
   */
  holds(argument: _reelmesh_v1_HoldsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_HoldsResponse__Output>): grpc.ClientUnaryCall;
  holds(argument: _reelmesh_v1_HoldsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_HoldsResponse__Output>): grpc.ClientUnaryCall;
  holds(argument: _reelmesh_v1_HoldsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_HoldsResponse__Output>): grpc.ClientUnaryCall;
  holds(argument: _reelmesh_v1_HoldsRequest, callback: grpc.requestCallback<_reelmesh_v1_HoldsResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * How a new machine learns where the mesh's NATS servers are.
   */
  Join(argument: _reelmesh_v1_JoinRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _reelmesh_v1_JoinRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _reelmesh_v1_JoinRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  Join(argument: _reelmesh_v1_JoinRequest, callback: grpc.requestCallback<_reelmesh_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  /**
   * How a new machine learns where the mesh's NATS servers are.
   */
  join(argument: _reelmesh_v1_JoinRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _reelmesh_v1_JoinRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _reelmesh_v1_JoinRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  join(argument: _reelmesh_v1_JoinRequest, callback: grpc.requestCallback<_reelmesh_v1_JoinResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Every node heard of since this one started, itself included.
   */
  ListNodes(argument: _reelmesh_v1_ListNodesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _reelmesh_v1_ListNodesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _reelmesh_v1_ListNodesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  ListNodes(argument: _reelmesh_v1_ListNodesRequest, callback: grpc.requestCallback<_reelmesh_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Every node heard of since this one started, itself included.
   */
  listNodes(argument: _reelmesh_v1_ListNodesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _reelmesh_v1_ListNodesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _reelmesh_v1_ListNodesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  listNodes(argument: _reelmesh_v1_ListNodesRequest, callback: grpc.requestCallback<_reelmesh_v1_ListNodesResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Of which finished assets the node holds something else than what is placed on it, and what.
   */
  ListUnsettled(argument: _reelmesh_v1_ListUnsettledRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListUnsettledResponse__Output>): grpc.ClientUnaryCall;
  ListUnsettled(argument: _reelmesh_v1_ListUnsettledRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ListUnsettledResponse__Output>): grpc.ClientUnaryCall;
  ListUnsettled(argument: _reelmesh_v1_ListUnsettledRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListUnsettledResponse__Output>): grpc.ClientUnaryCall;
  ListUnsettled(argument: _reelmesh_v1_ListUnsettledRequest, callback: grpc.requestCallback<_reelmesh_v1_ListUnsettledResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Of which finished assets the node holds something else than what is placed on it, and what.
   */
  listUnsettled(argument: _reelmesh_v1_ListUnsettledRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListUnsettledResponse__Output>): grpc.ClientUnaryCall;
  listUnsettled(argument: _reelmesh_v1_ListUnsettledRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ListUnsettledResponse__Output>): grpc.ClientUnaryCall;
  listUnsettled(argument: _reelmesh_v1_ListUnsettledRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListUnsettledResponse__Output>): grpc.ClientUnaryCall;
  listUnsettled(argument: _reelmesh_v1_ListUnsettledRequest, callback: grpc.requestCallback<_reelmesh_v1_ListUnsettledResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Where this node's NATS server would listen, for the coordinator that means to have it run one.
   */
  OfferCore(argument: _reelmesh_v1_OfferCoreRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_OfferCoreResponse__Output>): grpc.ClientUnaryCall;
  OfferCore(argument: _reelmesh_v1_OfferCoreRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_OfferCoreResponse__Output>): grpc.ClientUnaryCall;
  OfferCore(argument: _reelmesh_v1_OfferCoreRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_OfferCoreResponse__Output>): grpc.ClientUnaryCall;
  OfferCore(argument: _reelmesh_v1_OfferCoreRequest, callback: grpc.requestCallback<_reelmesh_v1_OfferCoreResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Where this node's NATS server would listen, for the coordinator that means to have it run one.
   */
  offerCore(argument: _reelmesh_v1_OfferCoreRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_OfferCoreResponse__Output>): grpc.ClientUnaryCall;
  offerCore(argument: _reelmesh_v1_OfferCoreRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_OfferCoreResponse__Output>): grpc.ClientUnaryCall;
  offerCore(argument: _reelmesh_v1_OfferCoreRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_OfferCoreResponse__Output>): grpc.ClientUnaryCall;
  offerCore(argument: _reelmesh_v1_OfferCoreRequest, callback: grpc.requestCallback<_reelmesh_v1_OfferCoreResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * As Drain, and the node stays so over restarts: "paused".
   */
  Pause(argument: _reelmesh_v1_PauseNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  Pause(argument: _reelmesh_v1_PauseNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  Pause(argument: _reelmesh_v1_PauseNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  Pause(argument: _reelmesh_v1_PauseNodeRequest, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  /**
   * As Drain, and the node stays so over restarts: "paused".
   */
  pause(argument: _reelmesh_v1_PauseNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  pause(argument: _reelmesh_v1_PauseNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  pause(argument: _reelmesh_v1_PauseNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  pause(argument: _reelmesh_v1_PauseNodeRequest, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  
  /**
   * The node claims work again; one that the mesh has set aside is readmitted.
   */
  Resume(argument: _reelmesh_v1_ResumeNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  Resume(argument: _reelmesh_v1_ResumeNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  Resume(argument: _reelmesh_v1_ResumeNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  Resume(argument: _reelmesh_v1_ResumeNodeRequest, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  /**
   * The node claims work again; one that the mesh has set aside is readmitted.
   */
  resume(argument: _reelmesh_v1_ResumeNodeRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  resume(argument: _reelmesh_v1_ResumeNodeRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  resume(argument: _reelmesh_v1_ResumeNodeRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  resume(argument: _reelmesh_v1_ResumeNodeRequest, callback: grpc.requestCallback<_reelmesh_v1_NodeSummary__Output>): grpc.ClientUnaryCall;
  
  /**
   * Starts this node's NATS server, with an empty store, as a member of a cluster, and answers when the cluster can make
   * streams. The server is stopped again unless the mesh log names it within a minute. CONFLICT: the node runs one of
   * the mesh's servers already, or uses a NATS of somebody else's. UNAVAILABLE: the members do not find each other.
   */
  ServeCore(argument: _reelmesh_v1_ServeCoreRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ServeCoreResponse__Output>): grpc.ClientUnaryCall;
  ServeCore(argument: _reelmesh_v1_ServeCoreRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ServeCoreResponse__Output>): grpc.ClientUnaryCall;
  ServeCore(argument: _reelmesh_v1_ServeCoreRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ServeCoreResponse__Output>): grpc.ClientUnaryCall;
  ServeCore(argument: _reelmesh_v1_ServeCoreRequest, callback: grpc.requestCallback<_reelmesh_v1_ServeCoreResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Starts this node's NATS server, with an empty store, as a member of a cluster, and answers when the cluster can make
   * streams. The server is stopped again unless the mesh log names it within a minute. CONFLICT: the node runs one of
   * the mesh's servers already, or uses a NATS of somebody else's. UNAVAILABLE: the members do not find each other.
   */
  serveCore(argument: _reelmesh_v1_ServeCoreRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ServeCoreResponse__Output>): grpc.ClientUnaryCall;
  serveCore(argument: _reelmesh_v1_ServeCoreRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ServeCoreResponse__Output>): grpc.ClientUnaryCall;
  serveCore(argument: _reelmesh_v1_ServeCoreRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ServeCoreResponse__Output>): grpc.ClientUnaryCall;
  serveCore(argument: _reelmesh_v1_ServeCoreRequest, callback: grpc.requestCallback<_reelmesh_v1_ServeCoreResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * What a node says of itself and of its peers.
 */
export interface NodeHandlers extends grpc.UntypedServiceImplementation {
  /**
   * The node claims no more work and ends what it runs. Answers at once; its state tells when it has: "draining", then
   * "drained". Until it is resumed or started again.
   */
  Drain: grpc.handleUnaryCall<_reelmesh_v1_DrainRequest__Output, _reelmesh_v1_NodeSummary>;
  
  GetStatus: grpc.handleUnaryCall<_reelmesh_v1_GetStatusRequest__Output, _reelmesh_v1_NodeStatus>;
  
  /**
   * Pulls blobs and answers when they are safe on this node's disk: how a result gets its second copy before it
   * is reported. UNAVAILABLE: none of the holders gave a blob.
   */
  Hold: grpc.handleUnaryCall<_reelmesh_v1_HoldRequest__Output, _reelmesh_v1_HoldResponse>;
  
  /**
   * Which of some blobs of an asset the node holds, and keeps as long as the placement stays: how another node learns
   * that it may let go of its copies. CONFLICT: the node knows another placement.
   */
  Holds: grpc.handleUnaryCall<_reelmesh_v1_HoldsRequest__Output, _reelmesh_v1_HoldsResponse>;
  
  /**
   * How a new machine learns where the mesh's NATS servers are.
   */
  Join: grpc.handleUnaryCall<_reelmesh_v1_JoinRequest__Output, _reelmesh_v1_JoinResponse>;
  
  /**
   * Every node heard of since this one started, itself included.
   */
  ListNodes: grpc.handleUnaryCall<_reelmesh_v1_ListNodesRequest__Output, _reelmesh_v1_ListNodesResponse>;
  
  /**
   * Of which finished assets the node holds something else than what is placed on it, and what.
   */
  ListUnsettled: grpc.handleUnaryCall<_reelmesh_v1_ListUnsettledRequest__Output, _reelmesh_v1_ListUnsettledResponse>;
  
  /**
   * Where this node's NATS server would listen, for the coordinator that means to have it run one.
   */
  OfferCore: grpc.handleUnaryCall<_reelmesh_v1_OfferCoreRequest__Output, _reelmesh_v1_OfferCoreResponse>;
  
  /**
   * As Drain, and the node stays so over restarts: "paused".
   */
  Pause: grpc.handleUnaryCall<_reelmesh_v1_PauseNodeRequest__Output, _reelmesh_v1_NodeSummary>;
  
  /**
   * The node claims work again; one that the mesh has set aside is readmitted.
   */
  Resume: grpc.handleUnaryCall<_reelmesh_v1_ResumeNodeRequest__Output, _reelmesh_v1_NodeSummary>;
  
  /**
   * Starts this node's NATS server, with an empty store, as a member of a cluster, and answers when the cluster can make
   * streams. The server is stopped again unless the mesh log names it within a minute. CONFLICT: the node runs one of
   * the mesh's servers already, or uses a NATS of somebody else's. UNAVAILABLE: the members do not find each other.
   */
  ServeCore: grpc.handleUnaryCall<_reelmesh_v1_ServeCoreRequest__Output, _reelmesh_v1_ServeCoreResponse>;
  
}

export interface NodeDefinition extends grpc.ServiceDefinition {
  Drain: MethodDefinition<_reelmesh_v1_DrainRequest, _reelmesh_v1_NodeSummary, _reelmesh_v1_DrainRequest__Output, _reelmesh_v1_NodeSummary__Output>
  GetStatus: MethodDefinition<_reelmesh_v1_GetStatusRequest, _reelmesh_v1_NodeStatus, _reelmesh_v1_GetStatusRequest__Output, _reelmesh_v1_NodeStatus__Output>
  Hold: MethodDefinition<_reelmesh_v1_HoldRequest, _reelmesh_v1_HoldResponse, _reelmesh_v1_HoldRequest__Output, _reelmesh_v1_HoldResponse__Output>
  Holds: MethodDefinition<_reelmesh_v1_HoldsRequest, _reelmesh_v1_HoldsResponse, _reelmesh_v1_HoldsRequest__Output, _reelmesh_v1_HoldsResponse__Output>
  Join: MethodDefinition<_reelmesh_v1_JoinRequest, _reelmesh_v1_JoinResponse, _reelmesh_v1_JoinRequest__Output, _reelmesh_v1_JoinResponse__Output>
  ListNodes: MethodDefinition<_reelmesh_v1_ListNodesRequest, _reelmesh_v1_ListNodesResponse, _reelmesh_v1_ListNodesRequest__Output, _reelmesh_v1_ListNodesResponse__Output>
  ListUnsettled: MethodDefinition<_reelmesh_v1_ListUnsettledRequest, _reelmesh_v1_ListUnsettledResponse, _reelmesh_v1_ListUnsettledRequest__Output, _reelmesh_v1_ListUnsettledResponse__Output>
  OfferCore: MethodDefinition<_reelmesh_v1_OfferCoreRequest, _reelmesh_v1_OfferCoreResponse, _reelmesh_v1_OfferCoreRequest__Output, _reelmesh_v1_OfferCoreResponse__Output>
  Pause: MethodDefinition<_reelmesh_v1_PauseNodeRequest, _reelmesh_v1_NodeSummary, _reelmesh_v1_PauseNodeRequest__Output, _reelmesh_v1_NodeSummary__Output>
  Resume: MethodDefinition<_reelmesh_v1_ResumeNodeRequest, _reelmesh_v1_NodeSummary, _reelmesh_v1_ResumeNodeRequest__Output, _reelmesh_v1_NodeSummary__Output>
  ServeCore: MethodDefinition<_reelmesh_v1_ServeCoreRequest, _reelmesh_v1_ServeCoreResponse, _reelmesh_v1_ServeCoreRequest__Output, _reelmesh_v1_ServeCoreResponse__Output>
}
