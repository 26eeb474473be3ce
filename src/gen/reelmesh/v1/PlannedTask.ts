// Original file: proto/reelmesh/v1/media.proto

import type { Long } from '@grpc/proto-loader';

export interface PlannedTask {
  'name'?: (string);
  /**
   * Video frames that the task must give; 0 for audio.
   */
  'frames'?: (number | string | Long);
  /**
   * Length of media in seconds.
   */
  'seconds'?: (number | string);
  /**
   * Encoder that not every node has, by ffmpeg's name: only nodes that have it are granted the task. Empty: any node.
   */
  'encoder'?: (string);
  /**
   * Names of the video renditions that it makes; empty for others, and from older versions.
   */
  'renditions'?: (string)[];
  /**
   * Viewers wait for it: nothing can be played without its beginning.
   */
  'awaited'?: (boolean);
}

export interface PlannedTask__Output {
  'name': (string);
  /**
   * Video frames that the task must give; 0 for audio.
   */
  'frames': (number);
  /**
   * Length of media in seconds.
   */
  'seconds': (number);
  /**
   * Encoder that not every node has, by ffmpeg's name: only nodes that have it are granted the task. Empty: any node.
   */
  'encoder': (string);
  /**
   * Names of the video renditions that it makes; empty for others, and from older versions.
   */
  'renditions': (string)[];
  /**
   * Viewers wait for it: nothing can be played without its beginning.
   */
  'awaited': (boolean);
}
