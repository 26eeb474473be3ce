import type * as grpc from '@grpc/grpc-js';
import type { MessageTypeDefinition } from '@grpc/proto-loader';

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from './reelmesh/v1/BlobReference.js';
import type { CoreChanged as _reelmesh_v1_CoreChanged, CoreChanged__Output as _reelmesh_v1_CoreChanged__Output } from './reelmesh/v1/CoreChanged.js';
import type { CoreServer as _reelmesh_v1_CoreServer, CoreServer__Output as _reelmesh_v1_CoreServer__Output } from './reelmesh/v1/CoreServer.js';
import type { EncodeResult as _reelmesh_v1_EncodeResult, EncodeResult__Output as _reelmesh_v1_EncodeResult__Output } from './reelmesh/v1/EncodeResult.js';
import type { EncodeTask as _reelmesh_v1_EncodeTask, EncodeTask__Output as _reelmesh_v1_EncodeTask__Output } from './reelmesh/v1/EncodeTask.js';
import type { EncodedTask as _reelmesh_v1_EncodedTask, EncodedTask__Output as _reelmesh_v1_EncodedTask__Output } from './reelmesh/v1/EncodedTask.js';
import type { FrameProof as _reelmesh_v1_FrameProof, FrameProof__Output as _reelmesh_v1_FrameProof__Output } from './reelmesh/v1/FrameProof.js';
import type { InitSegment as _reelmesh_v1_InitSegment, InitSegment__Output as _reelmesh_v1_InitSegment__Output } from './reelmesh/v1/InitSegment.js';
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
import type { LogEntry as _reelmesh_v1_LogEntry, LogEntry__Output as _reelmesh_v1_LogEntry__Output } from './reelmesh/v1/LogEntry.js';
import type { NodeReadmitted as _reelmesh_v1_NodeReadmitted, NodeReadmitted__Output as _reelmesh_v1_NodeReadmitted__Output } from './reelmesh/v1/NodeReadmitted.js';
import type { NodeSetAside as _reelmesh_v1_NodeSetAside, NodeSetAside__Output as _reelmesh_v1_NodeSetAside__Output } from './reelmesh/v1/NodeSetAside.js';
import type { PackageResult as _reelmesh_v1_PackageResult, PackageResult__Output as _reelmesh_v1_PackageResult__Output } from './reelmesh/v1/PackageResult.js';
import type { PackageTask as _reelmesh_v1_PackageTask, PackageTask__Output as _reelmesh_v1_PackageTask__Output } from './reelmesh/v1/PackageTask.js';
import type { PlacementChanged as _reelmesh_v1_PlacementChanged, PlacementChanged__Output as _reelmesh_v1_PlacementChanged__Output } from './reelmesh/v1/PlacementChanged.js';
import type { PlanResult as _reelmesh_v1_PlanResult, PlanResult__Output as _reelmesh_v1_PlanResult__Output } from './reelmesh/v1/PlanResult.js';
import type { PlanTask as _reelmesh_v1_PlanTask, PlanTask__Output as _reelmesh_v1_PlanTask__Output } from './reelmesh/v1/PlanTask.js';
import type { PlannedTask as _reelmesh_v1_PlannedTask, PlannedTask__Output as _reelmesh_v1_PlannedTask__Output } from './reelmesh/v1/PlannedTask.js';
import type { Snapshot as _reelmesh_v1_Snapshot, Snapshot__Output as _reelmesh_v1_Snapshot__Output } from './reelmesh/v1/Snapshot.js';
import type { SubtitleFile as _reelmesh_v1_SubtitleFile, SubtitleFile__Output as _reelmesh_v1_SubtitleFile__Output } from './reelmesh/v1/SubtitleFile.js';
import type { Task as _reelmesh_v1_Task, Task__Output as _reelmesh_v1_Task__Output } from './reelmesh/v1/Task.js';
import type { TaskDone as _reelmesh_v1_TaskDone, TaskDone__Output as _reelmesh_v1_TaskDone__Output } from './reelmesh/v1/TaskDone.js';
import type { TaskGrown as _reelmesh_v1_TaskGrown, TaskGrown__Output as _reelmesh_v1_TaskGrown__Output } from './reelmesh/v1/TaskGrown.js';
import type { TaskReopened as _reelmesh_v1_TaskReopened, TaskReopened__Output as _reelmesh_v1_TaskReopened__Output } from './reelmesh/v1/TaskReopened.js';
import type { TaskResult as _reelmesh_v1_TaskResult, TaskResult__Output as _reelmesh_v1_TaskResult__Output } from './reelmesh/v1/TaskResult.js';
import type { TermStarted as _reelmesh_v1_TermStarted, TermStarted__Output as _reelmesh_v1_TermStarted__Output } from './reelmesh/v1/TermStarted.js';

type SubtypeConstructor<Constructor extends new (...args: any) => any, Subtype> = {
  new(...args: ConstructorParameters<Constructor>): Subtype;
};

export interface ProtoGrpcType {
  reelmesh: {
    v1: {
      BlobReference: MessageTypeDefinition<_reelmesh_v1_BlobReference, _reelmesh_v1_BlobReference__Output>
      CoreChanged: MessageTypeDefinition<_reelmesh_v1_CoreChanged, _reelmesh_v1_CoreChanged__Output>
      CoreServer: MessageTypeDefinition<_reelmesh_v1_CoreServer, _reelmesh_v1_CoreServer__Output>
      EncodeResult: MessageTypeDefinition<_reelmesh_v1_EncodeResult, _reelmesh_v1_EncodeResult__Output>
      EncodeTask: MessageTypeDefinition<_reelmesh_v1_EncodeTask, _reelmesh_v1_EncodeTask__Output>
      EncodedTask: MessageTypeDefinition<_reelmesh_v1_EncodedTask, _reelmesh_v1_EncodedTask__Output>
      FrameProof: MessageTypeDefinition<_reelmesh_v1_FrameProof, _reelmesh_v1_FrameProof__Output>
      InitSegment: MessageTypeDefinition<_reelmesh_v1_InitSegment, _reelmesh_v1_InitSegment__Output>
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
      LogEntry: MessageTypeDefinition<_reelmesh_v1_LogEntry, _reelmesh_v1_LogEntry__Output>
      NodeReadmitted: MessageTypeDefinition<_reelmesh_v1_NodeReadmitted, _reelmesh_v1_NodeReadmitted__Output>
      NodeSetAside: MessageTypeDefinition<_reelmesh_v1_NodeSetAside, _reelmesh_v1_NodeSetAside__Output>
      PackageResult: MessageTypeDefinition<_reelmesh_v1_PackageResult, _reelmesh_v1_PackageResult__Output>
      PackageTask: MessageTypeDefinition<_reelmesh_v1_PackageTask, _reelmesh_v1_PackageTask__Output>
      PlacementChanged: MessageTypeDefinition<_reelmesh_v1_PlacementChanged, _reelmesh_v1_PlacementChanged__Output>
      PlanResult: MessageTypeDefinition<_reelmesh_v1_PlanResult, _reelmesh_v1_PlanResult__Output>
      PlanTask: MessageTypeDefinition<_reelmesh_v1_PlanTask, _reelmesh_v1_PlanTask__Output>
      PlannedTask: MessageTypeDefinition<_reelmesh_v1_PlannedTask, _reelmesh_v1_PlannedTask__Output>
      Snapshot: MessageTypeDefinition<_reelmesh_v1_Snapshot, _reelmesh_v1_Snapshot__Output>
      SubtitleFile: MessageTypeDefinition<_reelmesh_v1_SubtitleFile, _reelmesh_v1_SubtitleFile__Output>
      Task: MessageTypeDefinition<_reelmesh_v1_Task, _reelmesh_v1_Task__Output>
      TaskDone: MessageTypeDefinition<_reelmesh_v1_TaskDone, _reelmesh_v1_TaskDone__Output>
      TaskGrown: MessageTypeDefinition<_reelmesh_v1_TaskGrown, _reelmesh_v1_TaskGrown__Output>
      TaskReopened: MessageTypeDefinition<_reelmesh_v1_TaskReopened, _reelmesh_v1_TaskReopened__Output>
      TaskResult: MessageTypeDefinition<_reelmesh_v1_TaskResult, _reelmesh_v1_TaskResult__Output>
      TermStarted: MessageTypeDefinition<_reelmesh_v1_TermStarted, _reelmesh_v1_TermStarted__Output>
    }
  }
}

