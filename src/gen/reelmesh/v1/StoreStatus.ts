// Original file: proto/reelmesh/v1/node.proto

import type { Long } from '@grpc/proto-loader';

/**
 * How the node's store is. Times are milliseconds since 1970, counts are since the node started.
 */
export interface StoreStatus {
  /**
   * Bytes that blobs may have together; 0: no limit but the disk's. From 90% on the node is "full".
   */
  'quotaBytes'?: (number | string | Long);
  /**
   * Bytes a second at which blobs are compared with their names; 0: not at all.
   */
  'scrubRate'?: (number | string | Long);
  /**
   * When the blob was compared whose comparison is the longest ago; 0: never, or there is no blob.
   */
  'oldestVerifiedMs'?: (number | string | Long);
  /**
   * Blobs that turned out to hold other bytes, or another number of them, and blobs whose file was gone.
   */
  'damagedBlobs'?: (number | string | Long);
  'missingBlobs'?: (number | string | Long);
  /**
   * When the index was last begun anew, and what was wrong with it; 0 and empty: never.
   */
  'rebuiltMs'?: (number | string | Long);
  'rebuiltReason'?: (string);
}

/**
 * How the node's store is. Times are milliseconds since 1970, counts are since the node started.
 */
export interface StoreStatus__Output {
  /**
   * Bytes that blobs may have together; 0: no limit but the disk's. From 90% on the node is "full".
   */
  'quotaBytes': (number);
  /**
   * Bytes a second at which blobs are compared with their names; 0: not at all.
   */
  'scrubRate': (number);
  /**
   * When the blob was compared whose comparison is the longest ago; 0: never, or there is no blob.
   */
  'oldestVerifiedMs': (number);
  /**
   * Blobs that turned out to hold other bytes, or another number of them, and blobs whose file was gone.
   */
  'damagedBlobs': (number);
  'missingBlobs': (number);
  /**
   * When the index was last begun anew, and what was wrong with it; 0 and empty: never.
   */
  'rebuiltMs': (number);
  'rebuiltReason': (string);
}
