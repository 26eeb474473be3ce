// Original file: proto/reelmesh/v1/log.proto

import type { TermStarted as _reelmesh_v1_TermStarted, TermStarted__Output as _reelmesh_v1_TermStarted__Output } from '../../reelmesh/v1/TermStarted.js';
import type { JobSubmitted as _reelmesh_v1_JobSubmitted, JobSubmitted__Output as _reelmesh_v1_JobSubmitted__Output } from '../../reelmesh/v1/JobSubmitted.js';
import type { JobPlanned as _reelmesh_v1_JobPlanned, JobPlanned__Output as _reelmesh_v1_JobPlanned__Output } from '../../reelmesh/v1/JobPlanned.js';
import type { TaskDone as _reelmesh_v1_TaskDone, TaskDone__Output as _reelmesh_v1_TaskDone__Output } from '../../reelmesh/v1/TaskDone.js';
import type { JobFinished as _reelmesh_v1_JobFinished, JobFinished__Output as _reelmesh_v1_JobFinished__Output } from '../../reelmesh/v1/JobFinished.js';
import type { JobFailed as _reelmesh_v1_JobFailed, JobFailed__Output as _reelmesh_v1_JobFailed__Output } from '../../reelmesh/v1/JobFailed.js';
import type { JobCancelled as _reelmesh_v1_JobCancelled, JobCancelled__Output as _reelmesh_v1_JobCancelled__Output } from '../../reelmesh/v1/JobCancelled.js';
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
  'kind'?: "termStarted"|"jobSubmitted"|"jobPlanned"|"taskDone"|"jobFinished"|"jobFailed"|"jobCancelled";
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
  'kind'?: "termStarted"|"jobSubmitted"|"jobPlanned"|"taskDone"|"jobFinished"|"jobFailed"|"jobCancelled";
}
