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
   * True when this node holds every byte of it that is placed on it.
   */
  'held'?: (boolean);
  /**
   * Milliseconds since 1970.
   */
  'finishedMs'?: (number | string | Long);
  /**
   * True when every file has as many copies in the mesh as are asked for.
   */
  'available'?: (boolean);
  /**
   * Copies that each file should have, and those of the file that has the fewest.
   */
  'copiesWanted'?: (number);
  'copies'?: (number);
  /**
   * Files that have fewer copies than they should.
   */
  'filesLacking'?: (number);
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
   * True when this node holds every byte of it that is placed on it.
   */
  'held': (boolean);
  /**
   * Milliseconds since 1970.
   */
  'finishedMs': (number);
  /**
   * True when every file has as many copies in the mesh as are asked for.
   */
  'available': (boolean);
  /**
   * Copies that each file should have, and those of the file that has the fewest.
   */
  'copiesWanted': (number);
  'copies': (number);
  /**
   * Files that have fewer copies than they should.
   */
  'filesLacking': (number);
}
