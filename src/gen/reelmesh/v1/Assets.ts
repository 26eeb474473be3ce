// Original file: proto/reelmesh/v1/jobs.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ListAssetsRequest as _reelmesh_v1_ListAssetsRequest, ListAssetsRequest__Output as _reelmesh_v1_ListAssetsRequest__Output } from '../../reelmesh/v1/ListAssetsRequest.js';
import type { ListAssetsResponse as _reelmesh_v1_ListAssetsResponse, ListAssetsResponse__Output as _reelmesh_v1_ListAssetsResponse__Output } from '../../reelmesh/v1/ListAssetsResponse.js';

/**
 * Finished assets, as this node knows them.
 */
export interface AssetsClient extends grpc.Client {
  List(argument: _reelmesh_v1_ListAssetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListAssetsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _reelmesh_v1_ListAssetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ListAssetsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _reelmesh_v1_ListAssetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListAssetsResponse__Output>): grpc.ClientUnaryCall;
  List(argument: _reelmesh_v1_ListAssetsRequest, callback: grpc.requestCallback<_reelmesh_v1_ListAssetsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _reelmesh_v1_ListAssetsRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListAssetsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _reelmesh_v1_ListAssetsRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ListAssetsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _reelmesh_v1_ListAssetsRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ListAssetsResponse__Output>): grpc.ClientUnaryCall;
  list(argument: _reelmesh_v1_ListAssetsRequest, callback: grpc.requestCallback<_reelmesh_v1_ListAssetsResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * Finished assets, as this node knows them.
 */
export interface AssetsHandlers extends grpc.UntypedServiceImplementation {
  List: grpc.handleUnaryCall<_reelmesh_v1_ListAssetsRequest__Output, _reelmesh_v1_ListAssetsResponse>;
  
}

export interface AssetsDefinition extends grpc.ServiceDefinition {
  List: MethodDefinition<_reelmesh_v1_ListAssetsRequest, _reelmesh_v1_ListAssetsResponse, _reelmesh_v1_ListAssetsRequest__Output, _reelmesh_v1_ListAssetsResponse__Output>
}
