import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AdjustJobRequest as _reelmesh_v1_AdjustJobRequest, AdjustJobRequest__Output as _reelmesh_v1_AdjustJobRequest__Output } from './reelmesh/v1/AdjustJobRequest.js';
import type { Asset as _reelmesh_v1_Asset, Asset__Output as _reelmesh_v1_Asset__Output } from './reelmesh/v1/Asset.js';
import type { AssetsClient as _reelmesh_v1_AssetsClient, AssetsDefinition as _reelmesh_v1_AssetsDefinition } from './reelmesh/v1/Assets.js';
import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from './reelmesh/v1/BlobReference.js';
import type { CancelJobRequest as _reelmesh_v1_CancelJobRequest, CancelJobRequest__Output as _reelmesh_v1_CancelJobRequest__Output } from './reelmesh/v1/CancelJobRequest.js';
import type { Copies as _reelmesh_v1_Copies, Copies__Output as _reelmesh_v1_Copies__Output } from './reelmesh/v1/Copies.js';
import type { CoreChanged as _reelmesh_v1_CoreChanged, CoreChanged__Output as _reelmesh_v1_CoreChanged__Output } from './reelmesh/v1/CoreChanged.js';
import type { CoreSeat as _reelmesh_v1_CoreSeat, CoreSeat__Output as _reelmesh_v1_CoreSeat__Output } from './reelmesh/v1/CoreSeat.js';
import type { CoreServer as _reelmesh_v1_CoreServer, CoreServer__Output as _reelmesh_v1_CoreServer__Output } from './reelmesh/v1/CoreServer.js';
import type { CoreSlot as _reelmesh_v1_CoreSlot, CoreSlot__Output as _reelmesh_v1_CoreSlot__Output } from './reelmesh/v1/CoreSlot.js';
import type { CoreStatus as _reelmesh_v1_CoreStatus, CoreStatus__Output as _reelmesh_v1_CoreStatus__Output } from './reelmesh/v1/CoreStatus.js';
import type { DrainRequest as _reelmesh_v1_DrainRequest, DrainRequest__Output as _reelmesh_v1_DrainRequest__Output } from './reelmesh/v1/DrainRequest.js';
import type { EncodeResult as _reelmesh_v1_EncodeResult, EncodeResult__Output as _reelmesh_v1_EncodeResult__Output } from './reelmesh/v1/EncodeResult.js';
import type { EncodeTask as _reelmesh_v1_EncodeTask, EncodeTask__Output as _reelmesh_v1_EncodeTask__Output } from './reelmesh/v1/EncodeTask.js';
import type { EncodedTask as _reelmesh_v1_EncodedTask, EncodedTask__Output as _reelmesh_v1_EncodedTask__Output } from './reelmesh/v1/EncodedTask.js';
import type { Encoder as _reelmesh_v1_Encoder, Encoder__Output as _reelmesh_v1_Encoder__Output } from './reelmesh/v1/Encoder.js';
import type { FetchProgress as _reelmesh_v1_FetchProgress, FetchProgress__Output as _reelmesh_v1_FetchProgress__Output } from './reelmesh/v1/FetchProgress.js';
import type { FetchRequest as _reelmesh_v1_FetchRequest, FetchRequest__Output as _reelmesh_v1_FetchRequest__Output } from './reelmesh/v1/FetchRequest.js';
import type { Fetching as _reelmesh_v1_Fetching, Fetching__Output as _reelmesh_v1_Fetching__Output } from './reelmesh/v1/Fetching.js';
import type { FinishedTask as _reelmesh_v1_FinishedTask, FinishedTask__Output as _reelmesh_v1_FinishedTask__Output } from './reelmesh/v1/FinishedTask.js';
import type { FrameProof as _reelmesh_v1_FrameProof, FrameProof__Output as _reelmesh_v1_FrameProof__Output } from './reelmesh/v1/FrameProof.js';
import type { GetJobRequest as _reelmesh_v1_GetJobRequest, GetJobRequest__Output as _reelmesh_v1_GetJobRequest__Output } from './reelmesh/v1/GetJobRequest.js';
import type { GetStatusRequest as _reelmesh_v1_GetStatusRequest, GetStatusRequest__Output as _reelmesh_v1_GetStatusRequest__Output } from './reelmesh/v1/GetStatusRequest.js';
import type { HoldRequest as _reelmesh_v1_HoldRequest, HoldRequest__Output as _reelmesh_v1_HoldRequest__Output } from './reelmesh/v1/HoldRequest.js';
import type { HoldResponse as _reelmesh_v1_HoldResponse, HoldResponse__Output as _reelmesh_v1_HoldResponse__Output } from './reelmesh/v1/HoldResponse.js';
import type { HoldsRequest as _reelmesh_v1_HoldsRequest, HoldsRequest__Output as _reelmesh_v1_HoldsRequest__Output } from './reelmesh/v1/HoldsRequest.js';
import type { HoldsResponse as _reelmesh_v1_HoldsResponse, HoldsResponse__Output as _reelmesh_v1_HoldsResponse__Output } from './reelmesh/v1/HoldsResponse.js';
import type { InitSegment as _reelmesh_v1_InitSegment, InitSegment__Output as _reelmesh_v1_InitSegment__Output } from './reelmesh/v1/InitSegment.js';
import type { Job as _reelmesh_v1_Job, Job__Output as _reelmesh_v1_Job__Output } from './reelmesh/v1/Job.js';
import type { JobAdjusted as _reelmesh_v1_JobAdjusted, JobAdjusted__Output as _reelmesh_v1_JobAdjusted__Output } from './reelmesh/v1/JobAdjusted.js';
import type { JobCancelled as _reelmesh_v1_JobCancelled, JobCancelled__Output as _reelmesh_v1_JobCancelled__Output } from './reelmesh/v1/JobCancelled.js';
import type { JobFailed as _reelmesh_v1_JobFailed, JobFailed__Output as _reelmesh_v1_JobFailed__Output } from './reelmesh/v1/JobFailed.js';
import type { JobFinished as _reelmesh_v1_JobFinished, JobFinished__Output as _reelmesh_v1_JobFinished__Output } from './reelmesh/v1/JobFinished.js';
import type { JobOptions as _reelmesh_v1_JobOptions, JobOptions__Output as _reelmesh_v1_JobOptions__Output } from './reelmesh/v1/JobOptions.js';
import type { JobPlanned as _reelmesh_v1_JobPlanned, JobPlanned__Output as _reelmesh_v1_JobPlanned__Output } from './reelmesh/v1/JobPlanned.js';
import type { JobRemoved as _reelmesh_v1_JobRemoved, JobRemoved__Output as _reelmesh_v1_JobRemoved__Output } from './reelmesh/v1/JobRemoved.js';
import type { JobReplanned as _reelmesh_v1_JobReplanned, JobReplanned__Output as _reelmesh_v1_JobReplanned__Output } from './reelmesh/v1/JobReplanned.js';
import type { JobRetried as _reelmesh_v1_JobRetried, JobRetried__Output as _reelmesh_v1_JobRetried__Output } from './reelmesh/v1/JobRetried.js';
import type { JobSubmitted as _reelmesh_v1_JobSubmitted, JobSubmitted__Output as _reelmesh_v1_JobSubmitted__Output } from './reelmesh/v1/JobSubmitted.js';
import type { JobsClient as _reelmesh_v1_JobsClient, JobsDefinition as _reelmesh_v1_JobsDefinition } from './reelmesh/v1/Jobs.js';
import type { JoinRequest as _reelmesh_v1_JoinRequest, JoinRequest__Output as _reelmesh_v1_JoinRequest__Output } from './reelmesh/v1/JoinRequest.js';
import type { JoinResponse as _reelmesh_v1_JoinResponse, JoinResponse__Output as _reelmesh_v1_JoinResponse__Output } from './reelmesh/v1/JoinResponse.js';
import type { ListAssetsRequest as _reelmesh_v1_ListAssetsRequest, ListAssetsRequest__Output as _reelmesh_v1_ListAssetsRequest__Output } from './reelmesh/v1/ListAssetsRequest.js';
import type { ListAssetsResponse as _reelmesh_v1_ListAssetsResponse, ListAssetsResponse__Output as _reelmesh_v1_ListAssetsResponse__Output } from './reelmesh/v1/ListAssetsResponse.js';
import type { ListJobsRequest as _reelmesh_v1_ListJobsRequest, ListJobsRequest__Output as _reelmesh_v1_ListJobsRequest__Output } from './reelmesh/v1/ListJobsRequest.js';
import type { ListJobsResponse as _reelmesh_v1_ListJobsResponse, ListJobsResponse__Output as _reelmesh_v1_ListJobsResponse__Output } from './reelmesh/v1/ListJobsResponse.js';
import type { ListNodesRequest as _reelmesh_v1_ListNodesRequest, ListNodesRequest__Output as _reelmesh_v1_ListNodesRequest__Output } from './reelmesh/v1/ListNodesRequest.js';
import type { ListNodesResponse as _reelmesh_v1_ListNodesResponse, ListNodesResponse__Output as _reelmesh_v1_ListNodesResponse__Output } from './reelmesh/v1/ListNodesResponse.js';
import type { ListUnsettledRequest as _reelmesh_v1_ListUnsettledRequest, ListUnsettledRequest__Output as _reelmesh_v1_ListUnsettledRequest__Output } from './reelmesh/v1/ListUnsettledRequest.js';
import type { ListUnsettledResponse as _reelmesh_v1_ListUnsettledResponse, ListUnsettledResponse__Output as _reelmesh_v1_ListUnsettledResponse__Output } from './reelmesh/v1/ListUnsettledResponse.js';
import type { LogEntry as _reelmesh_v1_LogEntry, LogEntry__Output as _reelmesh_v1_LogEntry__Output } from './reelmesh/v1/LogEntry.js';
import type { NodeClient as _reelmesh_v1_NodeClient, NodeDefinition as _reelmesh_v1_NodeDefinition } from './reelmesh/v1/Node.js';
import type { NodeReadmitted as _reelmesh_v1_NodeReadmitted, NodeReadmitted__Output as _reelmesh_v1_NodeReadmitted__Output } from './reelmesh/v1/NodeReadmitted.js';
import type { NodeSetAside as _reelmesh_v1_NodeSetAside, NodeSetAside__Output as _reelmesh_v1_NodeSetAside__Output } from './reelmesh/v1/NodeSetAside.js';
import type { NodeStatus as _reelmesh_v1_NodeStatus, NodeStatus__Output as _reelmesh_v1_NodeStatus__Output } from './reelmesh/v1/NodeStatus.js';
import type { NodeSummary as _reelmesh_v1_NodeSummary, NodeSummary__Output as _reelmesh_v1_NodeSummary__Output } from './reelmesh/v1/NodeSummary.js';
import type { OfferCoreRequest as _reelmesh_v1_OfferCoreRequest, OfferCoreRequest__Output as _reelmesh_v1_OfferCoreRequest__Output } from './reelmesh/v1/OfferCoreRequest.js';
import type { OfferCoreResponse as _reelmesh_v1_OfferCoreResponse, OfferCoreResponse__Output as _reelmesh_v1_OfferCoreResponse__Output } from './reelmesh/v1/OfferCoreResponse.js';
import type { PackageResult as _reelmesh_v1_PackageResult, PackageResult__Output as _reelmesh_v1_PackageResult__Output } from './reelmesh/v1/PackageResult.js';
import type { PackageTask as _reelmesh_v1_PackageTask, PackageTask__Output as _reelmesh_v1_PackageTask__Output } from './reelmesh/v1/PackageTask.js';
import type { PauseNodeRequest as _reelmesh_v1_PauseNodeRequest, PauseNodeRequest__Output as _reelmesh_v1_PauseNodeRequest__Output } from './reelmesh/v1/PauseNodeRequest.js';
import type { PlacementChanged as _reelmesh_v1_PlacementChanged, PlacementChanged__Output as _reelmesh_v1_PlacementChanged__Output } from './reelmesh/v1/PlacementChanged.js';
import type { PlanResult as _reelmesh_v1_PlanResult, PlanResult__Output as _reelmesh_v1_PlanResult__Output } from './reelmesh/v1/PlanResult.js';
import type { PlanTask as _reelmesh_v1_PlanTask, PlanTask__Output as _reelmesh_v1_PlanTask__Output } from './reelmesh/v1/PlanTask.js';
import type { PlannedTask as _reelmesh_v1_PlannedTask, PlannedTask__Output as _reelmesh_v1_PlannedTask__Output } from './reelmesh/v1/PlannedTask.js';
import type { RemoveJobRequest as _reelmesh_v1_RemoveJobRequest, RemoveJobRequest__Output as _reelmesh_v1_RemoveJobRequest__Output } from './reelmesh/v1/RemoveJobRequest.js';
import type { ResumeNodeRequest as _reelmesh_v1_ResumeNodeRequest, ResumeNodeRequest__Output as _reelmesh_v1_ResumeNodeRequest__Output } from './reelmesh/v1/ResumeNodeRequest.js';
import type { RetryJobRequest as _reelmesh_v1_RetryJobRequest, RetryJobRequest__Output as _reelmesh_v1_RetryJobRequest__Output } from './reelmesh/v1/RetryJobRequest.js';
import type { RunningTask as _reelmesh_v1_RunningTask, RunningTask__Output as _reelmesh_v1_RunningTask__Output } from './reelmesh/v1/RunningTask.js';
import type { ServeCoreRequest as _reelmesh_v1_ServeCoreRequest, ServeCoreRequest__Output as _reelmesh_v1_ServeCoreRequest__Output } from './reelmesh/v1/ServeCoreRequest.js';
import type { ServeCoreResponse as _reelmesh_v1_ServeCoreResponse, ServeCoreResponse__Output as _reelmesh_v1_ServeCoreResponse__Output } from './reelmesh/v1/ServeCoreResponse.js';
import type { Snapshot as _reelmesh_v1_Snapshot, Snapshot__Output as _reelmesh_v1_Snapshot__Output } from './reelmesh/v1/Snapshot.js';
import type { StoreStatus as _reelmesh_v1_StoreStatus, StoreStatus__Output as _reelmesh_v1_StoreStatus__Output } from './reelmesh/v1/StoreStatus.js';
import type { StreamReplica as _reelmesh_v1_StreamReplica, StreamReplica__Output as _reelmesh_v1_StreamReplica__Output } from './reelmesh/v1/StreamReplica.js';
import type { SubmitRequest as _reelmesh_v1_SubmitRequest, SubmitRequest__Output as _reelmesh_v1_SubmitRequest__Output } from './reelmesh/v1/SubmitRequest.js';
import type { SubtitleFile as _reelmesh_v1_SubtitleFile, SubtitleFile__Output as _reelmesh_v1_SubtitleFile__Output } from './reelmesh/v1/SubtitleFile.js';
import type { Task as _reelmesh_v1_Task, Task__Output as _reelmesh_v1_Task__Output } from './reelmesh/v1/Task.js';
import type { TaskDone as _reelmesh_v1_TaskDone, TaskDone__Output as _reelmesh_v1_TaskDone__Output } from './reelmesh/v1/TaskDone.js';
import type { TaskGrown as _reelmesh_v1_TaskGrown, TaskGrown__Output as _reelmesh_v1_TaskGrown__Output } from './reelmesh/v1/TaskGrown.js';
import type { TaskReopened as _reelmesh_v1_TaskReopened, TaskReopened__Output as _reelmesh_v1_TaskReopened__Output } from './reelmesh/v1/TaskReopened.js';
import type { TaskResult as _reelmesh_v1_TaskResult, TaskResult__Output as _reelmesh_v1_TaskResult__Output } from './reelmesh/v1/TaskResult.js';
import type { TermStarted as _reelmesh_v1_TermStarted, TermStarted__Output as _reelmesh_v1_TermStarted__Output } from './reelmesh/v1/TermStarted.js';
import type { Transfers as _reelmesh_v1_Transfers, Transfers__Output as _reelmesh_v1_Transfers__Output } from './reelmesh/v1/Transfers.js';
import type { UnsettledAsset as _reelmesh_v1_UnsettledAsset, UnsettledAsset__Output as _reelmesh_v1_UnsettledAsset__Output } from './reelmesh/v1/UnsettledAsset.js';
import type { WatchJobRequest as _reelmesh_v1_WatchJobRequest, WatchJobRequest__Output as _reelmesh_v1_WatchJobRequest__Output } from './reelmesh/v1/WatchJobRequest.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  reelmesh: {
    v1: {
      AdjustJobRequest: MessageTypeDefinition<_reelmesh_v1_AdjustJobRequest, _reelmesh_v1_AdjustJobRequest__Output>
      Asset: MessageTypeDefinition<_reelmesh_v1_Asset, _reelmesh_v1_Asset__Output>
      /**
       * Finished assets, as this node knows them.
       */
      Assets: SubtypeConstructor<typeof grpc.Client, _reelmesh_v1_AssetsClient> & { service: _reelmesh_v1_AssetsDefinition }
      BlobReference: MessageTypeDefinition<_reelmesh_v1_BlobReference, _reelmesh_v1_BlobReference__Output>
      CancelJobRequest: MessageTypeDefinition<_reelmesh_v1_CancelJobRequest, _reelmesh_v1_CancelJobRequest__Output>
      Copies: MessageTypeDefinition<_reelmesh_v1_Copies, _reelmesh_v1_Copies__Output>
      CoreChanged: MessageTypeDefinition<_reelmesh_v1_CoreChanged, _reelmesh_v1_CoreChanged__Output>
      CoreSeat: MessageTypeDefinition<_reelmesh_v1_CoreSeat, _reelmesh_v1_CoreSeat__Output>
      CoreServer: MessageTypeDefinition<_reelmesh_v1_CoreServer, _reelmesh_v1_CoreServer__Output>
      CoreSlot: MessageTypeDefinition<_reelmesh_v1_CoreSlot, _reelmesh_v1_CoreSlot__Output>
      CoreStatus: MessageTypeDefinition<_reelmesh_v1_CoreStatus, _reelmesh_v1_CoreStatus__Output>
      DrainRequest: MessageTypeDefinition<_reelmesh_v1_DrainRequest, _reelmesh_v1_DrainRequest__Output>
      EncodeResult: MessageTypeDefinition<_reelmesh_v1_EncodeResult, _reelmesh_v1_EncodeResult__Output>
      EncodeTask: MessageTypeDefinition<_reelmesh_v1_EncodeTask, _reelmesh_v1_EncodeTask__Output>
      EncodedTask: MessageTypeDefinition<_reelmesh_v1_EncodedTask, _reelmesh_v1_EncodedTask__Output>
      Encoder: MessageTypeDefinition<_reelmesh_v1_Encoder, _reelmesh_v1_Encoder__Output>
      FetchProgress: MessageTypeDefinition<_reelmesh_v1_FetchProgress, _reelmesh_v1_FetchProgress__Output>
      FetchRequest: MessageTypeDefinition<_reelmesh_v1_FetchRequest, _reelmesh_v1_FetchRequest__Output>
      Fetching: MessageTypeDefinition<_reelmesh_v1_Fetching, _reelmesh_v1_Fetching__Output>
      FinishedTask: MessageTypeDefinition<_reelmesh_v1_FinishedTask, _reelmesh_v1_FinishedTask__Output>
      FrameProof: MessageTypeDefinition<_reelmesh_v1_FrameProof, _reelmesh_v1_FrameProof__Output>
      GetJobRequest: MessageTypeDefinition<_reelmesh_v1_GetJobRequest, _reelmesh_v1_GetJobRequest__Output>
      GetStatusRequest: MessageTypeDefinition<_reelmesh_v1_GetStatusRequest, _reelmesh_v1_GetStatusRequest__Output>
      HoldRequest: MessageTypeDefinition<_reelmesh_v1_HoldRequest, _reelmesh_v1_HoldRequest__Output>
      HoldResponse: MessageTypeDefinition<_reelmesh_v1_HoldResponse, _reelmesh_v1_HoldResponse__Output>
      HoldsRequest: MessageTypeDefinition<_reelmesh_v1_HoldsRequest, _reelmesh_v1_HoldsRequest__Output>
      HoldsResponse: MessageTypeDefinition<_reelmesh_v1_HoldsResponse, _reelmesh_v1_HoldsResponse__Output>
      InitSegment: MessageTypeDefinition<_reelmesh_v1_InitSegment, _reelmesh_v1_InitSegment__Output>
      Job: MessageTypeDefinition<_reelmesh_v1_Job, _reelmesh_v1_Job__Output>
      JobAdjusted: MessageTypeDefinition<_reelmesh_v1_JobAdjusted, _reelmesh_v1_JobAdjusted__Output>
      JobCancelled: MessageTypeDefinition<_reelmesh_v1_JobCancelled, _reelmesh_v1_JobCancelled__Output>
      JobFailed: MessageTypeDefinition<_reelmesh_v1_JobFailed, _reelmesh_v1_JobFailed__Output>
      JobFinished: MessageTypeDefinition<_reelmesh_v1_JobFinished, _reelmesh_v1_JobFinished__Output>
      JobOptions: MessageTypeDefinition<_reelmesh_v1_JobOptions, _reelmesh_v1_JobOptions__Output>
      JobPlanned: MessageTypeDefinition<_reelmesh_v1_JobPlanned, _reelmesh_v1_JobPlanned__Output>
      JobRemoved: MessageTypeDefinition<_reelmesh_v1_JobRemoved, _reelmesh_v1_JobRemoved__Output>
      JobReplanned: MessageTypeDefinition<_reelmesh_v1_JobReplanned, _reelmesh_v1_JobReplanned__Output>
      JobRetried: MessageTypeDefinition<_reelmesh_v1_JobRetried, _reelmesh_v1_JobRetried__Output>
      JobSubmitted: MessageTypeDefinition<_reelmesh_v1_JobSubmitted, _reelmesh_v1_JobSubmitted__Output>
      /**
       * Jobs, from submission to the finished asset. Any node answers; it asks the coordinator.
       */
      Jobs: SubtypeConstructor<typeof grpc.Client, _reelmesh_v1_JobsClient> & { service: _reelmesh_v1_JobsDefinition }
      JoinRequest: MessageTypeDefinition<_reelmesh_v1_JoinRequest, _reelmesh_v1_JoinRequest__Output>
      JoinResponse: MessageTypeDefinition<_reelmesh_v1_JoinResponse, _reelmesh_v1_JoinResponse__Output>
      ListAssetsRequest: MessageTypeDefinition<_reelmesh_v1_ListAssetsRequest, _reelmesh_v1_ListAssetsRequest__Output>
      ListAssetsResponse: MessageTypeDefinition<_reelmesh_v1_ListAssetsResponse, _reelmesh_v1_ListAssetsResponse__Output>
      ListJobsRequest: MessageTypeDefinition<_reelmesh_v1_ListJobsRequest, _reelmesh_v1_ListJobsRequest__Output>
      ListJobsResponse: MessageTypeDefinition<_reelmesh_v1_ListJobsResponse, _reelmesh_v1_ListJobsResponse__Output>
      ListNodesRequest: MessageTypeDefinition<_reelmesh_v1_ListNodesRequest, _reelmesh_v1_ListNodesRequest__Output>
      ListNodesResponse: MessageTypeDefinition<_reelmesh_v1_ListNodesResponse, _reelmesh_v1_ListNodesResponse__Output>
      ListUnsettledRequest: MessageTypeDefinition<_reelmesh_v1_ListUnsettledRequest, _reelmesh_v1_ListUnsettledRequest__Output>
      ListUnsettledResponse: MessageTypeDefinition<_reelmesh_v1_ListUnsettledResponse, _reelmesh_v1_ListUnsettledResponse__Output>
      LogEntry: MessageTypeDefinition<_reelmesh_v1_LogEntry, _reelmesh_v1_LogEntry__Output>
      /**
       * What a node says of itself and of its peers.
       */
      Node: SubtypeConstructor<typeof grpc.Client, _reelmesh_v1_NodeClient> & { service: _reelmesh_v1_NodeDefinition }
      NodeReadmitted: MessageTypeDefinition<_reelmesh_v1_NodeReadmitted, _reelmesh_v1_NodeReadmitted__Output>
      NodeSetAside: MessageTypeDefinition<_reelmesh_v1_NodeSetAside, _reelmesh_v1_NodeSetAside__Output>
      NodeStatus: MessageTypeDefinition<_reelmesh_v1_NodeStatus, _reelmesh_v1_NodeStatus__Output>
      NodeSummary: MessageTypeDefinition<_reelmesh_v1_NodeSummary, _reelmesh_v1_NodeSummary__Output>
      OfferCoreRequest: MessageTypeDefinition<_reelmesh_v1_OfferCoreRequest, _reelmesh_v1_OfferCoreRequest__Output>
      OfferCoreResponse: MessageTypeDefinition<_reelmesh_v1_OfferCoreResponse, _reelmesh_v1_OfferCoreResponse__Output>
      PackageResult: MessageTypeDefinition<_reelmesh_v1_PackageResult, _reelmesh_v1_PackageResult__Output>
      PackageTask: MessageTypeDefinition<_reelmesh_v1_PackageTask, _reelmesh_v1_PackageTask__Output>
      PauseNodeRequest: MessageTypeDefinition<_reelmesh_v1_PauseNodeRequest, _reelmesh_v1_PauseNodeRequest__Output>
      PlacementChanged: MessageTypeDefinition<_reelmesh_v1_PlacementChanged, _reelmesh_v1_PlacementChanged__Output>
      PlanResult: MessageTypeDefinition<_reelmesh_v1_PlanResult, _reelmesh_v1_PlanResult__Output>
      PlanTask: MessageTypeDefinition<_reelmesh_v1_PlanTask, _reelmesh_v1_PlanTask__Output>
      PlannedTask: MessageTypeDefinition<_reelmesh_v1_PlannedTask, _reelmesh_v1_PlannedTask__Output>
      RemoveJobRequest: MessageTypeDefinition<_reelmesh_v1_RemoveJobRequest, _reelmesh_v1_RemoveJobRequest__Output>
      ResumeNodeRequest: MessageTypeDefinition<_reelmesh_v1_ResumeNodeRequest, _reelmesh_v1_ResumeNodeRequest__Output>
      RetryJobRequest: MessageTypeDefinition<_reelmesh_v1_RetryJobRequest, _reelmesh_v1_RetryJobRequest__Output>
      RunningTask: MessageTypeDefinition<_reelmesh_v1_RunningTask, _reelmesh_v1_RunningTask__Output>
      ServeCoreRequest: MessageTypeDefinition<_reelmesh_v1_ServeCoreRequest, _reelmesh_v1_ServeCoreRequest__Output>
      ServeCoreResponse: MessageTypeDefinition<_reelmesh_v1_ServeCoreResponse, _reelmesh_v1_ServeCoreResponse__Output>
      Snapshot: MessageTypeDefinition<_reelmesh_v1_Snapshot, _reelmesh_v1_Snapshot__Output>
      StoreStatus: MessageTypeDefinition<_reelmesh_v1_StoreStatus, _reelmesh_v1_StoreStatus__Output>
      StreamReplica: MessageTypeDefinition<_reelmesh_v1_StreamReplica, _reelmesh_v1_StreamReplica__Output>
      SubmitRequest: MessageTypeDefinition<_reelmesh_v1_SubmitRequest, _reelmesh_v1_SubmitRequest__Output>
      SubtitleFile: MessageTypeDefinition<_reelmesh_v1_SubtitleFile, _reelmesh_v1_SubtitleFile__Output>
      Task: MessageTypeDefinition<_reelmesh_v1_Task, _reelmesh_v1_Task__Output>
      TaskDone: MessageTypeDefinition<_reelmesh_v1_TaskDone, _reelmesh_v1_TaskDone__Output>
      TaskGrown: MessageTypeDefinition<_reelmesh_v1_TaskGrown, _reelmesh_v1_TaskGrown__Output>
      TaskReopened: MessageTypeDefinition<_reelmesh_v1_TaskReopened, _reelmesh_v1_TaskReopened__Output>
      TaskResult: MessageTypeDefinition<_reelmesh_v1_TaskResult, _reelmesh_v1_TaskResult__Output>
      TermStarted: MessageTypeDefinition<_reelmesh_v1_TermStarted, _reelmesh_v1_TermStarted__Output>
      Transfers: MessageTypeDefinition<_reelmesh_v1_Transfers, _reelmesh_v1_Transfers__Output>
      UnsettledAsset: MessageTypeDefinition<_reelmesh_v1_UnsettledAsset, _reelmesh_v1_UnsettledAsset__Output>
      WatchJobRequest: MessageTypeDefinition<_reelmesh_v1_WatchJobRequest, _reelmesh_v1_WatchJobRequest__Output>
    }
  }
}

