// Original file: proto/reelmesh/v1/coordinator.proto

import type * as grpc from '@grpc/grpc-js'
import type { MethodDefinition } from '@grpc/proto-loader'
import type { ClaimRequest as _reelmesh_v1_ClaimRequest, ClaimRequest__Output as _reelmesh_v1_ClaimRequest__Output } from '../../reelmesh/v1/ClaimRequest.js';
import type { ClaimResponse as _reelmesh_v1_ClaimResponse, ClaimResponse__Output as _reelmesh_v1_ClaimResponse__Output } from '../../reelmesh/v1/ClaimResponse.js';
import type { CompleteRequest as _reelmesh_v1_CompleteRequest, CompleteRequest__Output as _reelmesh_v1_CompleteRequest__Output } from '../../reelmesh/v1/CompleteRequest.js';
import type { CompleteResponse as _reelmesh_v1_CompleteResponse, CompleteResponse__Output as _reelmesh_v1_CompleteResponse__Output } from '../../reelmesh/v1/CompleteResponse.js';
import type { FailRequest as _reelmesh_v1_FailRequest, FailRequest__Output as _reelmesh_v1_FailRequest__Output } from '../../reelmesh/v1/FailRequest.js';
import type { FailResponse as _reelmesh_v1_FailResponse, FailResponse__Output as _reelmesh_v1_FailResponse__Output } from '../../reelmesh/v1/FailResponse.js';
import type { GrowRequest as _reelmesh_v1_GrowRequest, GrowRequest__Output as _reelmesh_v1_GrowRequest__Output } from '../../reelmesh/v1/GrowRequest.js';
import type { GrowResponse as _reelmesh_v1_GrowResponse, GrowResponse__Output as _reelmesh_v1_GrowResponse__Output } from '../../reelmesh/v1/GrowResponse.js';
import type { ReadmitRequest as _reelmesh_v1_ReadmitRequest, ReadmitRequest__Output as _reelmesh_v1_ReadmitRequest__Output } from '../../reelmesh/v1/ReadmitRequest.js';
import type { ReadmitResponse as _reelmesh_v1_ReadmitResponse, ReadmitResponse__Output as _reelmesh_v1_ReadmitResponse__Output } from '../../reelmesh/v1/ReadmitResponse.js';
import type { RememberRequest as _reelmesh_v1_RememberRequest, RememberRequest__Output as _reelmesh_v1_RememberRequest__Output } from '../../reelmesh/v1/RememberRequest.js';
import type { RememberResponse as _reelmesh_v1_RememberResponse, RememberResponse__Output as _reelmesh_v1_RememberResponse__Output } from '../../reelmesh/v1/RememberResponse.js';
import type { RenewLeasesRequest as _reelmesh_v1_RenewLeasesRequest, RenewLeasesRequest__Output as _reelmesh_v1_RenewLeasesRequest__Output } from '../../reelmesh/v1/RenewLeasesRequest.js';
import type { RenewLeasesResponse as _reelmesh_v1_RenewLeasesResponse, RenewLeasesResponse__Output as _reelmesh_v1_RenewLeasesResponse__Output } from '../../reelmesh/v1/RenewLeasesResponse.js';

/**
 * What workers ask of the node that holds the term. Any other node answers FAILED_PRECONDITION.
 */
export interface CoordinatorClient extends grpc.Client {
  /**
   * Waits up to 25 s for work; an answer without a lease means "ask again".
   */
  Claim(argument: _reelmesh_v1_ClaimRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ClaimResponse__Output>): grpc.ClientUnaryCall;
  Claim(argument: _reelmesh_v1_ClaimRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ClaimResponse__Output>): grpc.ClientUnaryCall;
  Claim(argument: _reelmesh_v1_ClaimRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ClaimResponse__Output>): grpc.ClientUnaryCall;
  Claim(argument: _reelmesh_v1_ClaimRequest, callback: grpc.requestCallback<_reelmesh_v1_ClaimResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Waits up to 25 s for work; an answer without a lease means "ask again".
   */
  claim(argument: _reelmesh_v1_ClaimRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ClaimResponse__Output>): grpc.ClientUnaryCall;
  claim(argument: _reelmesh_v1_ClaimRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ClaimResponse__Output>): grpc.ClientUnaryCall;
  claim(argument: _reelmesh_v1_ClaimRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ClaimResponse__Output>): grpc.ClientUnaryCall;
  claim(argument: _reelmesh_v1_ClaimRequest, callback: grpc.requestCallback<_reelmesh_v1_ClaimResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Reports a result. The first result of a task wins; a repeat is answered with the winner. The answer comes
   * only when the fact is in the mesh log.
   */
  Complete(argument: _reelmesh_v1_CompleteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_CompleteResponse__Output>): grpc.ClientUnaryCall;
  Complete(argument: _reelmesh_v1_CompleteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_CompleteResponse__Output>): grpc.ClientUnaryCall;
  Complete(argument: _reelmesh_v1_CompleteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_CompleteResponse__Output>): grpc.ClientUnaryCall;
  Complete(argument: _reelmesh_v1_CompleteRequest, callback: grpc.requestCallback<_reelmesh_v1_CompleteResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Reports a result. The first result of a task wins; a repeat is answered with the winner. The answer comes
   * only when the fact is in the mesh log.
   */
  complete(argument: _reelmesh_v1_CompleteRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_CompleteResponse__Output>): grpc.ClientUnaryCall;
  complete(argument: _reelmesh_v1_CompleteRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_CompleteResponse__Output>): grpc.ClientUnaryCall;
  complete(argument: _reelmesh_v1_CompleteRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_CompleteResponse__Output>): grpc.ClientUnaryCall;
  complete(argument: _reelmesh_v1_CompleteRequest, callback: grpc.requestCallback<_reelmesh_v1_CompleteResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Reports that a task could not be done, and why.
   */
  Fail(argument: _reelmesh_v1_FailRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_FailResponse__Output>): grpc.ClientUnaryCall;
  Fail(argument: _reelmesh_v1_FailRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_FailResponse__Output>): grpc.ClientUnaryCall;
  Fail(argument: _reelmesh_v1_FailRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_FailResponse__Output>): grpc.ClientUnaryCall;
  Fail(argument: _reelmesh_v1_FailRequest, callback: grpc.requestCallback<_reelmesh_v1_FailResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Reports that a task could not be done, and why.
   */
  fail(argument: _reelmesh_v1_FailRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_FailResponse__Output>): grpc.ClientUnaryCall;
  fail(argument: _reelmesh_v1_FailRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_FailResponse__Output>): grpc.ClientUnaryCall;
  fail(argument: _reelmesh_v1_FailRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_FailResponse__Output>): grpc.ClientUnaryCall;
  fail(argument: _reelmesh_v1_FailRequest, callback: grpc.requestCallback<_reelmesh_v1_FailResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Reports the beginning of a result while the rest of it is being made. The answer comes only when the fact is in the
   * mesh log, or tells nothing new.
   */
  Grow(argument: _reelmesh_v1_GrowRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_GrowResponse__Output>): grpc.ClientUnaryCall;
  Grow(argument: _reelmesh_v1_GrowRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_GrowResponse__Output>): grpc.ClientUnaryCall;
  Grow(argument: _reelmesh_v1_GrowRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_GrowResponse__Output>): grpc.ClientUnaryCall;
  Grow(argument: _reelmesh_v1_GrowRequest, callback: grpc.requestCallback<_reelmesh_v1_GrowResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Reports the beginning of a result while the rest of it is being made. The answer comes only when the fact is in the
   * mesh log, or tells nothing new.
   */
  grow(argument: _reelmesh_v1_GrowRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_GrowResponse__Output>): grpc.ClientUnaryCall;
  grow(argument: _reelmesh_v1_GrowRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_GrowResponse__Output>): grpc.ClientUnaryCall;
  grow(argument: _reelmesh_v1_GrowRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_GrowResponse__Output>): grpc.ClientUnaryCall;
  grow(argument: _reelmesh_v1_GrowRequest, callback: grpc.requestCallback<_reelmesh_v1_GrowResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Grants work again to a node that was set aside; changes nothing for one that was not.
   */
  Readmit(argument: _reelmesh_v1_ReadmitRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ReadmitResponse__Output>): grpc.ClientUnaryCall;
  Readmit(argument: _reelmesh_v1_ReadmitRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ReadmitResponse__Output>): grpc.ClientUnaryCall;
  Readmit(argument: _reelmesh_v1_ReadmitRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ReadmitResponse__Output>): grpc.ClientUnaryCall;
  Readmit(argument: _reelmesh_v1_ReadmitRequest, callback: grpc.requestCallback<_reelmesh_v1_ReadmitResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Grants work again to a node that was set aside; changes nothing for one that was not.
   */
  readmit(argument: _reelmesh_v1_ReadmitRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ReadmitResponse__Output>): grpc.ClientUnaryCall;
  readmit(argument: _reelmesh_v1_ReadmitRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_ReadmitResponse__Output>): grpc.ClientUnaryCall;
  readmit(argument: _reelmesh_v1_ReadmitRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_ReadmitResponse__Output>): grpc.ClientUnaryCall;
  readmit(argument: _reelmesh_v1_ReadmitRequest, callback: grpc.requestCallback<_reelmesh_v1_ReadmitResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Brings facts that this node knows and the mesh log has lost. The coordinator appends those that still fit.
   */
  Remember(argument: _reelmesh_v1_RememberRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_RememberResponse__Output>): grpc.ClientUnaryCall;
  Remember(argument: _reelmesh_v1_RememberRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_RememberResponse__Output>): grpc.ClientUnaryCall;
  Remember(argument: _reelmesh_v1_RememberRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_RememberResponse__Output>): grpc.ClientUnaryCall;
  Remember(argument: _reelmesh_v1_RememberRequest, callback: grpc.requestCallback<_reelmesh_v1_RememberResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Brings facts that this node knows and the mesh log has lost. The coordinator appends those that still fit.
   */
  remember(argument: _reelmesh_v1_RememberRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_RememberResponse__Output>): grpc.ClientUnaryCall;
  remember(argument: _reelmesh_v1_RememberRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_RememberResponse__Output>): grpc.ClientUnaryCall;
  remember(argument: _reelmesh_v1_RememberRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_RememberResponse__Output>): grpc.ClientUnaryCall;
  remember(argument: _reelmesh_v1_RememberRequest, callback: grpc.requestCallback<_reelmesh_v1_RememberResponse__Output>): grpc.ClientUnaryCall;
  
  /**
   * Keeps all leases of a node, reports progress, and hears which work is not wanted any more.
   */
  RenewLeases(argument: _reelmesh_v1_RenewLeasesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_RenewLeasesResponse__Output>): grpc.ClientUnaryCall;
  RenewLeases(argument: _reelmesh_v1_RenewLeasesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_RenewLeasesResponse__Output>): grpc.ClientUnaryCall;
  RenewLeases(argument: _reelmesh_v1_RenewLeasesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_RenewLeasesResponse__Output>): grpc.ClientUnaryCall;
  RenewLeases(argument: _reelmesh_v1_RenewLeasesRequest, callback: grpc.requestCallback<_reelmesh_v1_RenewLeasesResponse__Output>): grpc.ClientUnaryCall;
  /**
   * Keeps all leases of a node, reports progress, and hears which work is not wanted any more.
   */
  renewLeases(argument: _reelmesh_v1_RenewLeasesRequest, metadata: grpc.Metadata, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_RenewLeasesResponse__Output>): grpc.ClientUnaryCall;
  renewLeases(argument: _reelmesh_v1_RenewLeasesRequest, metadata: grpc.Metadata, callback: grpc.requestCallback<_reelmesh_v1_RenewLeasesResponse__Output>): grpc.ClientUnaryCall;
  renewLeases(argument: _reelmesh_v1_RenewLeasesRequest, options: grpc.CallOptions, callback: grpc.requestCallback<_reelmesh_v1_RenewLeasesResponse__Output>): grpc.ClientUnaryCall;
  renewLeases(argument: _reelmesh_v1_RenewLeasesRequest, callback: grpc.requestCallback<_reelmesh_v1_RenewLeasesResponse__Output>): grpc.ClientUnaryCall;
  
}

/**
 * What workers ask of the node that holds the term. Any other node answers FAILED_PRECONDITION.
 */
export interface CoordinatorHandlers extends grpc.UntypedServiceImplementation {
  /**
   * Waits up to 25 s for work; an answer without a lease means "ask again".
   */
  Claim: grpc.handleUnaryCall<_reelmesh_v1_ClaimRequest__Output, _reelmesh_v1_ClaimResponse>;
  
  /**
   * Reports a result. The first result of a task wins; a repeat is answered with the winner. The answer comes
   * only when the fact is in the mesh log.
   */
  Complete: grpc.handleUnaryCall<_reelmesh_v1_CompleteRequest__Output, _reelmesh_v1_CompleteResponse>;
  
  /**
   * Reports that a task could not be done, and why.
   */
  Fail: grpc.handleUnaryCall<_reelmesh_v1_FailRequest__Output, _reelmesh_v1_FailResponse>;
  
  /**
   * Reports the beginning of a result while the rest of it is being made. The answer comes only when the fact is in the
   * mesh log, or tells nothing new.
   */
  Grow: grpc.handleUnaryCall<_reelmesh_v1_GrowRequest__Output, _reelmesh_v1_GrowResponse>;
  
  /**
   * Grants work again to a node that was set aside; changes nothing for one that was not.
   */
  Readmit: grpc.handleUnaryCall<_reelmesh_v1_ReadmitRequest__Output, _reelmesh_v1_ReadmitResponse>;
  
  /**
   * Brings facts that this node knows and the mesh log has lost. The coordinator appends those that still fit.
   */
  Remember: grpc.handleUnaryCall<_reelmesh_v1_RememberRequest__Output, _reelmesh_v1_RememberResponse>;
  
  /**
   * Keeps all leases of a node, reports progress, and hears which work is not wanted any more.
   */
  RenewLeases: grpc.handleUnaryCall<_reelmesh_v1_RenewLeasesRequest__Output, _reelmesh_v1_RenewLeasesResponse>;
  
}

export interface CoordinatorDefinition extends grpc.ServiceDefinition {
  Claim: MethodDefinition<_reelmesh_v1_ClaimRequest, _reelmesh_v1_ClaimResponse, _reelmesh_v1_ClaimRequest__Output, _reelmesh_v1_ClaimResponse__Output>
  Complete: MethodDefinition<_reelmesh_v1_CompleteRequest, _reelmesh_v1_CompleteResponse, _reelmesh_v1_CompleteRequest__Output, _reelmesh_v1_CompleteResponse__Output>
  Fail: MethodDefinition<_reelmesh_v1_FailRequest, _reelmesh_v1_FailResponse, _reelmesh_v1_FailRequest__Output, _reelmesh_v1_FailResponse__Output>
  Grow: MethodDefinition<_reelmesh_v1_GrowRequest, _reelmesh_v1_GrowResponse, _reelmesh_v1_GrowRequest__Output, _reelmesh_v1_GrowResponse__Output>
  Readmit: MethodDefinition<_reelmesh_v1_ReadmitRequest, _reelmesh_v1_ReadmitResponse, _reelmesh_v1_ReadmitRequest__Output, _reelmesh_v1_ReadmitResponse__Output>
  Remember: MethodDefinition<_reelmesh_v1_RememberRequest, _reelmesh_v1_RememberResponse, _reelmesh_v1_RememberRequest__Output, _reelmesh_v1_RememberResponse__Output>
  RenewLeases: MethodDefinition<_reelmesh_v1_RenewLeasesRequest, _reelmesh_v1_RenewLeasesResponse, _reelmesh_v1_RenewLeasesRequest__Output, _reelmesh_v1_RenewLeasesResponse__Output>
}
