// Original file: proto/reelmesh/v1/coordinator.proto

import type { Long } from '@grpc/proto-loader';

export interface RunningLease {
  'lease'?: (string);
  'job'?: (string);
  'task'?: (string);
  'attempt'?: (number);
  /**
   * Source frames encoded so far; milliseconds of audio for an audio task.
   */
  'progress'?: (number | string | Long);
  /**
   * Frames a second at present.
   */
  'speed'?: (number | string);
}

export interface RunningLease__Output {
  'lease': (string);
  'job': (string);
  'task': (string);
  'attempt': (number);
  /**
   * Source frames encoded so far; milliseconds of audio for an audio task.
   */
  'progress': (number);
  /**
   * Frames a second at present.
   */
  'speed': (number);
}
