// Original file: proto/reelmesh/v1/log.proto


/**
 * On which nodes the blobs of finished assets are placed from here on: see src/core/placement.ts.
 */
export interface PlacementChanged {
  /**
   * Copies of each blob.
   */
  'replicas'?: (number);
  /**
   * Ids, in ascending order; five or fewer hold everything.
   */
  'nodes'?: (string)[];
}

/**
 * On which nodes the blobs of finished assets are placed from here on: see src/core/placement.ts.
 */
export interface PlacementChanged__Output {
  /**
   * Copies of each blob.
   */
  'replicas': (number);
  /**
   * Ids, in ascending order; five or fewer hold everything.
   */
  'nodes': (string)[];
}
