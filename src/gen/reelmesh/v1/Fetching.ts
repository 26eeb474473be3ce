// Original file: proto/reelmesh/v1/jobs.proto

import type { Long } from '@grpc/proto-loader';

/**
 * How far a node is with a source that it fetches.
 */
export interface Fetching {
  'job'?: (string);
  /**
   * Name of the asset or the file, for people.
   */
  'name'?: (string);
  /**
   * The address without what may be secret in it.
   */
  'source'?: (string);
  'bytes'?: (number | string | Long);
  /**
   * 0 while nobody has said.
   */
  'total'?: (number | string | Long);
  /**
   * Why it is asked for again; empty while bytes come.
   */
  'trouble'?: (string);
  /**
   * Why nothing more is tried; empty while something is. Told for an hour.
   */
  'givenUp'?: (string);
}

/**
 * How far a node is with a source that it fetches.
 */
export interface Fetching__Output {
  'job': (string);
  /**
   * Name of the asset or the file, for people.
   */
  'name': (string);
  /**
   * The address without what may be secret in it.
   */
  'source': (string);
  'bytes': (number);
  /**
   * 0 while nobody has said.
   */
  'total': (number);
  /**
   * Why it is asked for again; empty while bytes come.
   */
  'trouble': (string);
  /**
   * Why nothing more is tried; empty while something is. Told for an hour.
   */
  'givenUp': (string);
}
