// Original file: proto/reelmesh/v1/node.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Copies of finished assets over all nodes, as far as these answer.
 */
export interface Copies {
  /**
   * Copies that each file should have.
   */
  'wanted'?: (number);
  /**
   * Finished assets, and those of which some file has fewer copies.
   */
  'assets'?: (number);
  'assetsLacking'?: (number);
  /**
   * Files that have fewer copies.
   */
  'filesLacking'?: (number | string | Long);
  /**
   * Names of nodes on which blobs are placed, and that did not answer.
   */
  'silent'?: (string)[];
  /**
   * Number of nodes on which blobs are placed; each holds everything when there are five or fewer.
   */
  'nodes'?: (number);
}

/**
 * Copies of finished assets over all nodes, as far as these answer.
 */
export interface Copies__Output {
  /**
   * Copies that each file should have.
   */
  'wanted': (number);
  /**
   * Finished assets, and those of which some file has fewer copies.
   */
  'assets': (number);
  'assetsLacking': (number);
  /**
   * Files that have fewer copies.
   */
  'filesLacking': (number);
  /**
   * Names of nodes on which blobs are placed, and that did not answer.
   */
  'silent': (string)[];
  /**
   * Number of nodes on which blobs are placed; each holds everything when there are five or fewer.
   */
  'nodes': (number);
}
