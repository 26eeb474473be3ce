// Original file: proto/reelmesh/v1/node.proto

import type { Long } from '@grpc/proto-loader';

/**
 * What has gone between this node and others since it started.
 */
export interface Transfers {
  /**
   * Blobs that came from other nodes whole, and bytes, those of failed tries included.
   */
  'pulledBlobs'?: (number | string | Long);
  'pulledBytes'?: (number | string | Long);
  /**
   * Answers that other nodes got for a blob or a part of it, and their bytes.
   */
  'servedBlobs'?: (number | string | Long);
  'servedBytes'?: (number | string | Long);
}

/**
 * What has gone between this node and others since it started.
 */
export interface Transfers__Output {
  /**
   * Blobs that came from other nodes whole, and bytes, those of failed tries included.
   */
  'pulledBlobs': (number);
  'pulledBytes': (number);
  /**
   * Answers that other nodes got for a blob or a part of it, and their bytes.
   */
  'servedBlobs': (number);
  'servedBytes': (number);
}
