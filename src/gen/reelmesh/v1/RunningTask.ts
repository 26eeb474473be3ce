// Original file: proto/reelmesh/v1/node.proto

import type { Long } from '@grpc/proto-loader';

export interface RunningTask {
  'job'?: (string);
  'task'?: (string);
  /**
   * Source frames encoded so far; milliseconds of audio for an audio task.
   */
  'progress'?: (number | string | Long);
  /**
   * Frames a second.
   */
  'speed'?: (number | string);
  'seconds'?: (number | string);
}

export interface RunningTask__Output {
  'job': (string);
  'task': (string);
  /**
   * Source frames encoded so far; milliseconds of audio for an audio task.
   */
  'progress': (number);
  /**
   * Frames a second.
   */
  'speed': (number);
  'seconds': (number);
}
