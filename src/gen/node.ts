import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from './reelmesh/v1/BlobReference.js';
import type { EncodeResult as _reelmesh_v1_EncodeResult, EncodeResult__Output as _reelmesh_v1_EncodeResult__Output } from './reelmesh/v1/EncodeResult.js';
import type { EncodeTask as _reelmesh_v1_EncodeTask, EncodeTask__Output as _reelmesh_v1_EncodeTask__Output } from './reelmesh/v1/EncodeTask.js';
import type { EncodedTask as _reelmesh_v1_EncodedTask, EncodedTask__Output as _reelmesh_v1_EncodedTask__Output } from './reelmesh/v1/EncodedTask.js';
import type { Encoder as _reelmesh_v1_Encoder, Encoder__Output as _reelmesh_v1_Encoder__Output } from './reelmesh/v1/Encoder.js';
import type { GetStatusRequest as _reelmesh_v1_GetStatusRequest, GetStatusRequest__Output as _reelmesh_v1_GetStatusRequest__Output } from './reelmesh/v1/GetStatusRequest.js';
import type { HoldRequest as _reelmesh_v1_HoldRequest, HoldRequest__Output as _reelmesh_v1_HoldRequest__Output } from './reelmesh/v1/HoldRequest.js';
import type { HoldResponse as _reelmesh_v1_HoldResponse, HoldResponse__Output as _reelmesh_v1_HoldResponse__Output } from './reelmesh/v1/HoldResponse.js';
import type { InitSegment as _reelmesh_v1_InitSegment, InitSegment__Output as _reelmesh_v1_InitSegment__Output } from './reelmesh/v1/InitSegment.js';
import type { JobOptions as _reelmesh_v1_JobOptions, JobOptions__Output as _reelmesh_v1_JobOptions__Output } from './reelmesh/v1/JobOptions.js';
import type { JoinRequest as _reelmesh_v1_JoinRequest, JoinRequest__Output as _reelmesh_v1_JoinRequest__Output } from './reelmesh/v1/JoinRequest.js';
import type { JoinResponse as _reelmesh_v1_JoinResponse, JoinResponse__Output as _reelmesh_v1_JoinResponse__Output } from './reelmesh/v1/JoinResponse.js';
import type { ListNodesRequest as _reelmesh_v1_ListNodesRequest, ListNodesRequest__Output as _reelmesh_v1_ListNodesRequest__Output } from './reelmesh/v1/ListNodesRequest.js';
import type { ListNodesResponse as _reelmesh_v1_ListNodesResponse, ListNodesResponse__Output as _reelmesh_v1_ListNodesResponse__Output } from './reelmesh/v1/ListNodesResponse.js';
import type { NodeClient as _reelmesh_v1_NodeClient, NodeDefinition as _reelmesh_v1_NodeDefinition } from './reelmesh/v1/Node.js';
import type { NodeStatus as _reelmesh_v1_NodeStatus, NodeStatus__Output as _reelmesh_v1_NodeStatus__Output } from './reelmesh/v1/NodeStatus.js';
import type { NodeSummary as _reelmesh_v1_NodeSummary, NodeSummary__Output as _reelmesh_v1_NodeSummary__Output } from './reelmesh/v1/NodeSummary.js';
import type { PackageResult as _reelmesh_v1_PackageResult, PackageResult__Output as _reelmesh_v1_PackageResult__Output } from './reelmesh/v1/PackageResult.js';
import type { PackageTask as _reelmesh_v1_PackageTask, PackageTask__Output as _reelmesh_v1_PackageTask__Output } from './reelmesh/v1/PackageTask.js';
import type { PlanResult as _reelmesh_v1_PlanResult, PlanResult__Output as _reelmesh_v1_PlanResult__Output } from './reelmesh/v1/PlanResult.js';
import type { PlanTask as _reelmesh_v1_PlanTask, PlanTask__Output as _reelmesh_v1_PlanTask__Output } from './reelmesh/v1/PlanTask.js';
import type { PlannedTask as _reelmesh_v1_PlannedTask, PlannedTask__Output as _reelmesh_v1_PlannedTask__Output } from './reelmesh/v1/PlannedTask.js';
import type { RunningTask as _reelmesh_v1_RunningTask, RunningTask__Output as _reelmesh_v1_RunningTask__Output } from './reelmesh/v1/RunningTask.js';
import type { Task as _reelmesh_v1_Task, Task__Output as _reelmesh_v1_Task__Output } from './reelmesh/v1/Task.js';
import type { TaskResult as _reelmesh_v1_TaskResult, TaskResult__Output as _reelmesh_v1_TaskResult__Output } from './reelmesh/v1/TaskResult.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  reelmesh: {
    v1: {
      BlobReference: MessageTypeDefinition<_reelmesh_v1_BlobReference, _reelmesh_v1_BlobReference__Output>
      EncodeResult: MessageTypeDefinition<_reelmesh_v1_EncodeResult, _reelmesh_v1_EncodeResult__Output>
      EncodeTask: MessageTypeDefinition<_reelmesh_v1_EncodeTask, _reelmesh_v1_EncodeTask__Output>
      EncodedTask: MessageTypeDefinition<_reelmesh_v1_EncodedTask, _reelmesh_v1_EncodedTask__Output>
      Encoder: MessageTypeDefinition<_reelmesh_v1_Encoder, _reelmesh_v1_Encoder__Output>
      GetStatusRequest: MessageTypeDefinition<_reelmesh_v1_GetStatusRequest, _reelmesh_v1_GetStatusRequest__Output>
      HoldRequest: MessageTypeDefinition<_reelmesh_v1_HoldRequest, _reelmesh_v1_HoldRequest__Output>
      HoldResponse: MessageTypeDefinition<_reelmesh_v1_HoldResponse, _reelmesh_v1_HoldResponse__Output>
      InitSegment: MessageTypeDefinition<_reelmesh_v1_InitSegment, _reelmesh_v1_InitSegment__Output>
      JobOptions: MessageTypeDefinition<_reelmesh_v1_JobOptions, _reelmesh_v1_JobOptions__Output>
      JoinRequest: MessageTypeDefinition<_reelmesh_v1_JoinRequest, _reelmesh_v1_JoinRequest__Output>
      JoinResponse: MessageTypeDefinition<_reelmesh_v1_JoinResponse, _reelmesh_v1_JoinResponse__Output>
      ListNodesRequest: MessageTypeDefinition<_reelmesh_v1_ListNodesRequest, _reelmesh_v1_ListNodesRequest__Output>
      ListNodesResponse: MessageTypeDefinition<_reelmesh_v1_ListNodesResponse, _reelmesh_v1_ListNodesResponse__Output>
      /**
       * What a node says of itself and of its peers.
       */
      Node: SubtypeConstructor<typeof grpc.Client, _reelmesh_v1_NodeClient> & { service: _reelmesh_v1_NodeDefinition }
      NodeStatus: MessageTypeDefinition<_reelmesh_v1_NodeStatus, _reelmesh_v1_NodeStatus__Output>
      NodeSummary: MessageTypeDefinition<_reelmesh_v1_NodeSummary, _reelmesh_v1_NodeSummary__Output>
      PackageResult: MessageTypeDefinition<_reelmesh_v1_PackageResult, _reelmesh_v1_PackageResult__Output>
      PackageTask: MessageTypeDefinition<_reelmesh_v1_PackageTask, _reelmesh_v1_PackageTask__Output>
      PlanResult: MessageTypeDefinition<_reelmesh_v1_PlanResult, _reelmesh_v1_PlanResult__Output>
      PlanTask: MessageTypeDefinition<_reelmesh_v1_PlanTask, _reelmesh_v1_PlanTask__Output>
      PlannedTask: MessageTypeDefinition<_reelmesh_v1_PlannedTask, _reelmesh_v1_PlannedTask__Output>
      RunningTask: MessageTypeDefinition<_reelmesh_v1_RunningTask, _reelmesh_v1_RunningTask__Output>
      Task: MessageTypeDefinition<_reelmesh_v1_Task, _reelmesh_v1_Task__Output>
      TaskResult: MessageTypeDefinition<_reelmesh_v1_TaskResult, _reelmesh_v1_TaskResult__Output>
    }
  }
}

