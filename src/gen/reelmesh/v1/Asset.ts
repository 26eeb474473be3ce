// Original file: proto/reelmesh/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

export interface Asset {
  'asset'?: (string);
  'name'?: (string);
  'job'?: (string);
  'seconds'?: (number | string);
  'bytes'?: (number | string | Long);
  'files'?: (number);
  'renditions'?: (string)[];
  /**
   * True when this node holds every byte of it.
   */
  'held'?: (boolean);
  /**
   * Milliseconds since 1970.
   */
  'finishedMs'?: (number | string | Long);
}

export interface Asset__Output {
  'asset': (string);
  'name': (string);
  'job': (string);
  'seconds': (number);
  'bytes': (number);
  'files': (number);
  'renditions': (string)[];
  /**
   * True when this node holds every byte of it.
   */
  'held': (boolean);
  /**
   * Milliseconds since 1970.
   */
  'finishedMs': (number);
}
