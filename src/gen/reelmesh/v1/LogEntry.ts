// Original file: proto/reelmesh/v1/log.proto

import type { TermStarted as _reelmesh_v1_TermStarted, TermStarted__Output as _reelmesh_v1_TermStarted__Output } from '../../reelmesh/v1/TermStarted.js';
import type { JobSubmitted as _reelmesh_v1_JobSubmitted, JobSubmitted__Output as _reelmesh_v1_JobSubmitted__Output } from '../../reelmesh/v1/JobSubmitted.js';
import type { JobPlanned as _reelmesh_v1_JobPlanned, JobPlanned__Output as _reelmesh_v1_JobPlanned__Output } from '../../reelmesh/v1/JobPlanned.js';
import type { TaskDone as _reelmesh_v1_TaskDone, TaskDone__Output as _reelmesh_v1_TaskDone__Output } from '../../reelmesh/v1/TaskDone.js';
import type { JobFinished as _reelmesh_v1_JobFinished, JobFinished__Output as _reelmesh_v1_JobFinished__Output } from '../../reelmesh/v1/JobFinished.js';
import type { JobFailed as _reelmesh_v1_JobFailed, JobFailed__Output as _reelmesh_v1_JobFailed__Output } from '../../reelmesh/v1/JobFailed.js';
import type { JobCancelled as _reelmesh_v1_JobCancelled, JobCancelled__Output as _reelmesh_v1_JobCancelled__Output } from '../../reelmesh/v1/JobCancelled.js';
import type { JobAdjusted as _reelmesh_v1_JobAdjusted, JobAdjusted__Output as _reelmesh_v1_JobAdjusted__Output } from '../../reelmesh/v1/JobAdjusted.js';
import type { JobRetried as _reelmesh_v1_JobRetried, JobRetried__Output as _reelmesh_v1_JobRetried__Output } from '../../reelmesh/v1/JobRetried.js';
import type { JobRemoved as _reelmesh_v1_JobRemoved, JobRemoved__Output as _reelmesh_v1_JobRemoved__Output } from '../../reelmesh/v1/JobRemoved.js';
import type { NodeSetAside as _reelmesh_v1_NodeSetAside, NodeSetAside__Output as _reelmesh_v1_NodeSetAside__Output } from '../../reelmesh/v1/NodeSetAside.js';
import type { NodeReadmitted as _reelmesh_v1_NodeReadmitted, NodeReadmitted__Output as _reelmesh_v1_NodeReadmitted__Output } from '../../reelmesh/v1/NodeReadmitted.js';
import type { CoreChanged as _reelmesh_v1_CoreChanged, CoreChanged__Output as _reelmesh_v1_CoreChanged__Output } from '../../reelmesh/v1/CoreChanged.js';
import type { Snapshot as _reelmesh_v1_Snapshot, Snapshot__Output as _reelmesh_v1_Snapshot__Output } from '../../reelmesh/v1/Snapshot.js';
import type { TaskReopened as _reelmesh_v1_TaskReopened, TaskReopened__Output as _reelmesh_v1_TaskReopened__Output } from '../../reelmesh/v1/TaskReopened.js';
import type { JobReplanned as _reelmesh_v1_JobReplanned, JobReplanned__Output as _reelmesh_v1_JobReplanned__Output } from '../../reelmesh/v1/JobReplanned.js';
import type { TaskGrown as _reelmesh_v1_TaskGrown, TaskGrown__Output as _reelmesh_v1_TaskGrown__Output } from '../../reelmesh/v1/TaskGrown.js';
import type { PlacementChanged as _reelmesh_v1_PlacementChanged, PlacementChanged__Output as _reelmesh_v1_PlacementChanged__Output } from '../../reelmesh/v1/PlacementChanged.js';
import type { Long } from '@grpc/proto-loader';

/**
 * One fact of the mesh log. The state of the mesh is the fold of these, in order.
 */
export interface LogEntry {
  /**
   * Unique, chosen by the writer: tells a repeat of its own from another's entry.
   */
  'id'?: (string);
  /**
   * Term of the writer.
   */
  'term'?: (number | string | Long);
  /**
   * Milliseconds since 1970 by the writer's clock. For people; no decision rests on it.
   */
  'atMs'?: (number | string | Long);
  'termStarted'?: (_reelmesh_v1_TermStarted | null);
  'jobSubmitted'?: (_reelmesh_v1_JobSubmitted | null);
  'jobPlanned'?: (_reelmesh_v1_JobPlanned | null);
  'taskDone'?: (_reelmesh_v1_TaskDone | null);
  'jobFinished'?: (_reelmesh_v1_JobFinished | null);
  'jobFailed'?: (_reelmesh_v1_JobFailed | null);
  'jobCancelled'?: (_reelmesh_v1_JobCancelled | null);
  'jobAdjusted'?: (_reelmesh_v1_JobAdjusted | null);
  'jobRetried'?: (_reelmesh_v1_JobRetried | null);
  'jobRemoved'?: (_reelmesh_v1_JobRemoved | null);
  'nodeSetAside'?: (_reelmesh_v1_NodeSetAside | null);
  'nodeReadmitted'?: (_reelmesh_v1_NodeReadmitted | null);
  'coreChanged'?: (_reelmesh_v1_CoreChanged | null);
  'snapshot'?: (_reelmesh_v1_Snapshot | null);
  'taskReopened'?: (_reelmesh_v1_TaskReopened | null);
  'jobReplanned'?: (_reelmesh_v1_JobReplanned | null);
  'taskGrown'?: (_reelmesh_v1_TaskGrown | null);
  /**
   * Digest of the entries before this one (src/core/history.ts), as its writer has read them: whoever has another has
   * read what the log has lost. Empty where its writer cannot know it, and from older versions.
   */
  'history'?: (string);
  'placementChanged'?: (_reelmesh_v1_PlacementChanged | null);
  'kind'?: "termStarted"|"jobSubmitted"|"jobPlanned"|"taskDone"|"jobFinished"|"jobFailed"|"jobCancelled"|"jobAdjusted"|"jobRetried"|"jobRemoved"|"nodeSetAside"|"nodeReadmitted"|"coreChanged"|"snapshot"|"taskReopened"|"jobReplanned"|"taskGrown"|"placementChanged";
}

/**
 * One fact of the mesh log. The state of the mesh is the fold of these, in order.
 */
export interface LogEntry__Output {
  /**
   * Unique, chosen by the writer: tells a repeat of its own from another's entry.
   */
  'id': (string);
  /**
   * Term of the writer.
   */
  'term': (number);
  /**
   * Milliseconds since 1970 by the writer's clock. For people; no decision rests on it.
   */
  'atMs': (number);
  'termStarted'?: (_reelmesh_v1_TermStarted__Output | null);
  'jobSubmitted'?: (_reelmesh_v1_JobSubmitted__Output | null);
  'jobPlanned'?: (_reelmesh_v1_JobPlanned__Output | null);
  'taskDone'?: (_reelmesh_v1_TaskDone__Output | null);
  'jobFinished'?: (_reelmesh_v1_JobFinished__Output | null);
  'jobFailed'?: (_reelmesh_v1_JobFailed__Output | null);
  'jobCancelled'?: (_reelmesh_v1_JobCancelled__Output | null);
  'jobAdjusted'?: (_reelmesh_v1_JobAdjusted__Output | null);
  'jobRetried'?: (_reelmesh_v1_JobRetried__Output | null);
  'jobRemoved'?: (_reelmesh_v1_JobRemoved__Output | null);
  'nodeSetAside'?: (_reelmesh_v1_NodeSetAside__Output | null);
  'nodeReadmitted'?: (_reelmesh_v1_NodeReadmitted__Output | null);
  'coreChanged'?: (_reelmesh_v1_CoreChanged__Output | null);
  'snapshot'?: (_reelmesh_v1_Snapshot__Output | null);
  'taskReopened'?: (_reelmesh_v1_TaskReopened__Output | null);
  'jobReplanned'?: (_reelmesh_v1_JobReplanned__Output | null);
  'taskGrown'?: (_reelmesh_v1_TaskGrown__Output | null);
  /**
   * Digest of the entries before this one (src/core/history.ts), as its writer has read them: whoever has another has
   * read what the log has lost. Empty where its writer cannot know it, and from older versions.
   */
  'history': (string);
  'placementChanged'?: (_reelmesh_v1_PlacementChanged__Output | null);
  'kind'?: "termStarted"|"jobSubmitted"|"jobPlanned"|"taskDone"|"jobFinished"|"jobFailed"|"jobCancelled"|"jobAdjusted"|"jobRetried"|"jobRemoved"|"nodeSetAside"|"nodeReadmitted"|"coreChanged"|"snapshot"|"taskReopened"|"jobReplanned"|"taskGrown"|"placementChanged";
}
