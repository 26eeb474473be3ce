import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { AdjustJobRequest as _reelmesh_v1_AdjustJobRequest, AdjustJobRequest__Output as _reelmesh_v1_AdjustJobRequest__Output } from './reelmesh/v1/AdjustJobRequest.js';
import type { Asset as _reelmesh_v1_Asset, Asset__Output as _reelmesh_v1_Asset__Output } from './reelmesh/v1/Asset.js';
import type { AssetsClient as _reelmesh_v1_AssetsClient, AssetsDefinition as _reelmesh_v1_AssetsDefinition } from './reelmesh/v1/Assets.js';
import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from './reelmesh/v1/BlobReference.js';
import type { CancelJobRequest as _reelmesh_v1_CancelJobRequest, CancelJobRequest__Output as _reelmesh_v1_CancelJobRequest__Output } from './reelmesh/v1/CancelJobRequest.js';
import type { EncodeResult as _reelmesh_v1_EncodeResult, EncodeResult__Output as _reelmesh_v1_EncodeResult__Output } from './reelmesh/v1/EncodeResult.js';
import type { EncodeTask as _reelmesh_v1_EncodeTask, EncodeTask__Output as _reelmesh_v1_EncodeTask__Output } from './reelmesh/v1/EncodeTask.js';
import type { EncodedTask as _reelmesh_v1_EncodedTask, EncodedTask__Output as _reelmesh_v1_EncodedTask__Output } from './reelmesh/v1/EncodedTask.js';
import type { FetchProgress as _reelmesh_v1_FetchProgress, FetchProgress__Output as _reelmesh_v1_FetchProgress__Output } from './reelmesh/v1/FetchProgress.js';
import type { FetchRequest as _reelmesh_v1_FetchRequest, FetchRequest__Output as _reelmesh_v1_FetchRequest__Output } from './reelmesh/v1/FetchRequest.js';
import type { Fetching as _reelmesh_v1_Fetching, Fetching__Output as _reelmesh_v1_Fetching__Output } from './reelmesh/v1/Fetching.js';
import type { FinishedTask as _reelmesh_v1_FinishedTask, FinishedTask__Output as _reelmesh_v1_FinishedTask__Output } from './reelmesh/v1/FinishedTask.js';
import type { FrameProof as _reelmesh_v1_FrameProof, FrameProof__Output as _reelmesh_v1_FrameProof__Output } from './reelmesh/v1/FrameProof.js';
import type { GetJobRequest as _reelmesh_v1_GetJobRequest, GetJobRequest__Output as _reelmesh_v1_GetJobRequest__Output } from './reelmesh/v1/GetJobRequest.js';
import type { InitSegment as _reelmesh_v1_InitSegment, InitSegment__Output as _reelmesh_v1_InitSegment__Output } from './reelmesh/v1/InitSegment.js';
import type { Job as _reelmesh_v1_Job, Job__Output as _reelmesh_v1_Job__Output } from './reelmesh/v1/Job.js';
import type { JobOptions as _reelmesh_v1_JobOptions, JobOptions__Output as _reelmesh_v1_JobOptions__Output } from './reelmesh/v1/JobOptions.js';
import type { JobsClient as _reelmesh_v1_JobsClient, JobsDefinition as _reelmesh_v1_JobsDefinition } from './reelmesh/v1/Jobs.js';
import type { ListAssetsRequest as _reelmesh_v1_ListAssetsRequest, ListAssetsRequest__Output as _reelmesh_v1_ListAssetsRequest__Output } from './reelmesh/v1/ListAssetsRequest.js';
import type { ListAssetsResponse as _reelmesh_v1_ListAssetsResponse, ListAssetsResponse__Output as _reelmesh_v1_ListAssetsResponse__Output } from './reelmesh/v1/ListAssetsResponse.js';
import type { ListJobsRequest as _reelmesh_v1_ListJobsRequest, ListJobsRequest__Output as _reelmesh_v1_ListJobsRequest__Output } from './reelmesh/v1/ListJobsRequest.js';
import type { ListJobsResponse as _reelmesh_v1_ListJobsResponse, ListJobsResponse__Output as _reelmesh_v1_ListJobsResponse__Output } from './reelmesh/v1/ListJobsResponse.js';
import type { PackageResult as _reelmesh_v1_PackageResult, PackageResult__Output as _reelmesh_v1_PackageResult__Output } from './reelmesh/v1/PackageResult.js';
import type { PackageTask as _reelmesh_v1_PackageTask, PackageTask__Output as _reelmesh_v1_PackageTask__Output } from './reelmesh/v1/PackageTask.js';
import type { PlanResult as _reelmesh_v1_PlanResult, PlanResult__Output as _reelmesh_v1_PlanResult__Output } from './reelmesh/v1/PlanResult.js';
import type { PlanTask as _reelmesh_v1_PlanTask, PlanTask__Output as _reelmesh_v1_PlanTask__Output } from './reelmesh/v1/PlanTask.js';
import type { PlannedTask as _reelmesh_v1_PlannedTask, PlannedTask__Output as _reelmesh_v1_PlannedTask__Output } from './reelmesh/v1/PlannedTask.js';
import type { RemoveJobRequest as _reelmesh_v1_RemoveJobRequest, RemoveJobRequest__Output as _reelmesh_v1_RemoveJobRequest__Output } from './reelmesh/v1/RemoveJobRequest.js';
import type { RetryJobRequest as _reelmesh_v1_RetryJobRequest, RetryJobRequest__Output as _reelmesh_v1_RetryJobRequest__Output } from './reelmesh/v1/RetryJobRequest.js';
import type { SubmitRequest as _reelmesh_v1_SubmitRequest, SubmitRequest__Output as _reelmesh_v1_SubmitRequest__Output } from './reelmesh/v1/SubmitRequest.js';
import type { SubtitleFile as _reelmesh_v1_SubtitleFile, SubtitleFile__Output as _reelmesh_v1_SubtitleFile__Output } from './reelmesh/v1/SubtitleFile.js';
import type { Task as _reelmesh_v1_Task, Task__Output as _reelmesh_v1_Task__Output } from './reelmesh/v1/Task.js';
import type { TaskResult as _reelmesh_v1_TaskResult, TaskResult__Output as _reelmesh_v1_TaskResult__Output } from './reelmesh/v1/TaskResult.js';
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
      EncodeResult: MessageTypeDefinition<_reelmesh_v1_EncodeResult, _reelmesh_v1_EncodeResult__Output>
      EncodeTask: MessageTypeDefinition<_reelmesh_v1_EncodeTask, _reelmesh_v1_EncodeTask__Output>
      EncodedTask: MessageTypeDefinition<_reelmesh_v1_EncodedTask, _reelmesh_v1_EncodedTask__Output>
      FetchProgress: MessageTypeDefinition<_reelmesh_v1_FetchProgress, _reelmesh_v1_FetchProgress__Output>
      FetchRequest: MessageTypeDefinition<_reelmesh_v1_FetchRequest, _reelmesh_v1_FetchRequest__Output>
      Fetching: MessageTypeDefinition<_reelmesh_v1_Fetching, _reelmesh_v1_Fetching__Output>
      FinishedTask: MessageTypeDefinition<_reelmesh_v1_FinishedTask, _reelmesh_v1_FinishedTask__Output>
      FrameProof: MessageTypeDefinition<_reelmesh_v1_FrameProof, _reelmesh_v1_FrameProof__Output>
      GetJobRequest: MessageTypeDefinition<_reelmesh_v1_GetJobRequest, _reelmesh_v1_GetJobRequest__Output>
      InitSegment: MessageTypeDefinition<_reelmesh_v1_InitSegment, _reelmesh_v1_InitSegment__Output>
      Job: MessageTypeDefinition<_reelmesh_v1_Job, _reelmesh_v1_Job__Output>
      JobOptions: MessageTypeDefinition<_reelmesh_v1_JobOptions, _reelmesh_v1_JobOptions__Output>
      /**
       * Jobs, from submission to the finished asset. Any node answers; it asks the coordinator.
       */
      Jobs: SubtypeConstructor<typeof grpc.Client, _reelmesh_v1_JobsClient> & { service: _reelmesh_v1_JobsDefinition }
      ListAssetsRequest: MessageTypeDefinition<_reelmesh_v1_ListAssetsRequest, _reelmesh_v1_ListAssetsRequest__Output>
      ListAssetsResponse: MessageTypeDefinition<_reelmesh_v1_ListAssetsResponse, _reelmesh_v1_ListAssetsResponse__Output>
      ListJobsRequest: MessageTypeDefinition<_reelmesh_v1_ListJobsRequest, _reelmesh_v1_ListJobsRequest__Output>
      ListJobsResponse: MessageTypeDefinition<_reelmesh_v1_ListJobsResponse, _reelmesh_v1_ListJobsResponse__Output>
      PackageResult: MessageTypeDefinition<_reelmesh_v1_PackageResult, _reelmesh_v1_PackageResult__Output>
      PackageTask: MessageTypeDefinition<_reelmesh_v1_PackageTask, _reelmesh_v1_PackageTask__Output>
      PlanResult: MessageTypeDefinition<_reelmesh_v1_PlanResult, _reelmesh_v1_PlanResult__Output>
      PlanTask: MessageTypeDefinition<_reelmesh_v1_PlanTask, _reelmesh_v1_PlanTask__Output>
      PlannedTask: MessageTypeDefinition<_reelmesh_v1_PlannedTask, _reelmesh_v1_PlannedTask__Output>
      RemoveJobRequest: MessageTypeDefinition<_reelmesh_v1_RemoveJobRequest, _reelmesh_v1_RemoveJobRequest__Output>
      RetryJobRequest: MessageTypeDefinition<_reelmesh_v1_RetryJobRequest, _reelmesh_v1_RetryJobRequest__Output>
      SubmitRequest: MessageTypeDefinition<_reelmesh_v1_SubmitRequest, _reelmesh_v1_SubmitRequest__Output>
      SubtitleFile: MessageTypeDefinition<_reelmesh_v1_SubtitleFile, _reelmesh_v1_SubtitleFile__Output>
      Task: MessageTypeDefinition<_reelmesh_v1_Task, _reelmesh_v1_Task__Output>
      TaskResult: MessageTypeDefinition<_reelmesh_v1_TaskResult, _reelmesh_v1_TaskResult__Output>
      WatchJobRequest: MessageTypeDefinition<_reelmesh_v1_WatchJobRequest, _reelmesh_v1_WatchJobRequest__Output>
    }
  }
}

