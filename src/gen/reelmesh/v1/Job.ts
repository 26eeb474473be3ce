// Original file: proto/reelmesh/v1/jobs.proto

import type { FinishedTask as _reelmesh_v1_FinishedTask, FinishedTask__Output as _reelmesh_v1_FinishedTask__Output } from '../../reelmesh/v1/FinishedTask.js';
import type { Long } from '@grpc/proto-loader';

export interface Job {
  'id'?: (string);
  'name'?: (string);
  /**
   * Name of the finished asset in URLs: /assets/<asset>/master.m3u8.
   */
  'asset'?: (string);
  /**
   * "fetching" (a node fetches the source, and nothing is in the log yet), "submitted", "running", "packaging", "done", "failed" or "cancelled".
   */
  'state'?: (string);
  /**
   * Why it failed or was cancelled.
   */
  'reason'?: (string);
  /**
   * Milliseconds since 1970, by the clock of the coordinator of that moment.
   */
  'submittedMs'?: (number | string | Long);
  'endedMs'?: (number | string | Long);
  /**
   * Duration of the source in seconds; 0 until planned.
   */
  'seconds'?: (number | string);
  /**
   * Frames to encode and encoded so far, each once a codec, running chunks included.
   */
  'frames'?: (number | string | Long);
  'framesDone'?: (number | string | Long);
  /**
   * Encode tasks to do and done.
   */
  'tasks'?: (number);
  'tasksDone'?: (number);
  /**
   * Source frames a second at present, all nodes together.
   */
  'speed'?: (number | string);
  /**
   * Names of the nodes at work on it now.
   */
  'nodes'?: (string)[];
  'renditions'?: (string)[];
  /**
   * Who did what: one row a finished task.
   */
  'finished'?: (_reelmesh_v1_FinishedTask)[];
  /**
   * Bytes of the finished asset.
   */
  'bytes'?: (number | string | Long);
  /**
   * Term of the coordinator that answers.
   */
  'term'?: (number | string | Long);
  'priority'?: (number);
  'paused'?: (boolean);
  /**
   * Sentences about how it is made: what was chosen for it, and what could not be done as usual.
   */
  'notes'?: (string)[];
  /**
   * Seconds from the beginning that can be played at /assets/<asset>/ already; all of it when the job is done.
   */
  'playableSeconds'?: (number | string);
}

export interface Job__Output {
  'id': (string);
  'name': (string);
  /**
   * Name of the finished asset in URLs: /assets/<asset>/master.m3u8.
   */
  'asset': (string);
  /**
   * "fetching" (a node fetches the source, and nothing is in the log yet), "submitted", "running", "packaging", "done", "failed" or "cancelled".
   */
  'state': (string);
  /**
   * Why it failed or was cancelled.
   */
  'reason': (string);
  /**
   * Milliseconds since 1970, by the clock of the coordinator of that moment.
   */
  'submittedMs': (number);
  'endedMs': (number);
  /**
   * Duration of the source in seconds; 0 until planned.
   */
  'seconds': (number);
  /**
   * Frames to encode and encoded so far, each once a codec, running chunks included.
   */
  'frames': (number);
  'framesDone': (number);
  /**
   * Encode tasks to do and done.
   */
  'tasks': (number);
  'tasksDone': (number);
  /**
   * Source frames a second at present, all nodes together.
   */
  'speed': (number);
  /**
   * Names of the nodes at work on it now.
   */
  'nodes': (string)[];
  'renditions': (string)[];
  /**
   * Who did what: one row a finished task.
   */
  'finished': (_reelmesh_v1_FinishedTask__Output)[];
  /**
   * Bytes of the finished asset.
   */
  'bytes': (number);
  /**
   * Term of the coordinator that answers.
   */
  'term': (number);
  'priority': (number);
  'paused': (boolean);
  /**
   * Sentences about how it is made: what was chosen for it, and what could not be done as usual.
   */
  'notes': (string)[];
  /**
   * Seconds from the beginning that can be played at /assets/<asset>/ already; all of it when the job is done.
   */
  'playableSeconds': (number);
}
