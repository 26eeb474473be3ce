// Original file: proto/reelmesh/v1/node.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { GetStatusRequest as _reelmesh_v1_GetStatusRequest, GetStatusRequest__Output as _reelmesh_v1_GetStatusRequest__Output } from '../../reelmesh/v1/GetStatusRequest.js';
import type { HoldRequest as _reelmesh_v1_HoldRequest, HoldRequest__Output as _reelmesh_v1_HoldRequest__Output } from '../../reelmesh/v1/HoldRequest.js';
import type { HoldResponse as _reelmesh_v1_HoldResponse, HoldResponse__Output as _reelmesh_v1_HoldResponse__Output } from '../../reelmesh/v1/HoldResponse.js';
import type { JoinRequest as _reelmesh_v1_JoinRequest, JoinRequest__Output as _reelmesh_v1_JoinRequest__Output } from '../../reelmesh/v1/JoinRequest.js';
import type { JoinResponse as _reelmesh_v1_JoinResponse, JoinResponse__Output as _reelmesh_v1_JoinResponse__Output } from '../../reelmesh/v1/JoinResponse.js';
import type { ListNodesRequest as _reelmesh_v1_ListNodesRequest, ListNodesRequest__Output as _reelmesh_v1_ListNodesRequest__Output } from '../../reelmesh/v1/ListNodesRequest.js';
import type { ListNodesResponse as _reelmesh_v1_ListNodesResponse, ListNodesResponse__Output as _reelmesh_v1_ListNodesResponse__Output } from '../../reelmesh/v1/ListNodesResponse.js';
import type { NodeStatus as _reelmesh_v1_NodeStatus, NodeStatus__Output as _reelmesh_v1_NodeStatus__Output } from '../../reelmesh/v1/NodeStatus.js';

/**
 * What a node says of itself and of its peers.
 */
export interface NodeClient extends grpc.Client {
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
  
}

/**
 * What a node says of itself and of its peers.
 */
export interface NodeHandlers extends grpc.UntypedServiceImplementation {
  GetStatus: grpc.handleUnaryCall<_reelmesh_v1_GetStatusRequest__Output, _reelmesh_v1_NodeStatus>;
  
  /**
   * Pulls blobs and answers when they are safe on this node's disk: how a result gets its second copy before it
   * is reported. UNAVAILABLE: none of the holders gave a blob.
   */
  Hold: grpc.handleUnaryCall<_reelmesh_v1_HoldRequest__Output, _reelmesh_v1_HoldResponse>;
  
  /**
   * How a new machine learns where the mesh's NATS servers are.
   */
  Join: grpc.handleUnaryCall<_reelmesh_v1_JoinRequest__Output, _reelmesh_v1_JoinResponse>;
  
  /**
   * Every node heard of since this one started, itself included.
   */
  ListNodes: grpc.handleUnaryCall<_reelmesh_v1_ListNodesRequest__Output, _reelmesh_v1_ListNodesResponse>;
  
}

export interface NodeDefinition extends grpc.ServiceDefinition {
  GetStatus: MethodDefinition<_reelmesh_v1_GetStatusRequest, _reelmesh_v1_NodeStatus, _reelmesh_v1_GetStatusRequest__Output, _reelmesh_v1_NodeStatus__Output>
  Hold: MethodDefinition<_reelmesh_v1_HoldRequest, _reelmesh_v1_HoldResponse, _reelmesh_v1_HoldRequest__Output, _reelmesh_v1_HoldResponse__Output>
  Join: MethodDefinition<_reelmesh_v1_JoinRequest, _reelmesh_v1_JoinResponse, _reelmesh_v1_JoinRequest__Output, _reelmesh_v1_JoinResponse__Output>
  ListNodes: MethodDefinition<_reelmesh_v1_ListNodesRequest, _reelmesh_v1_ListNodesResponse, _reelmesh_v1_ListNodesRequest__Output, _reelmesh_v1_ListNodesResponse__Output>
}
