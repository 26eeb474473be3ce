// Original file: proto/reelmesh/v1/log.proto

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from '../../reelmesh/v1/BlobReference.js';

/**
 * The state of the mesh before this entry, for whoever has not read the entries that led to it. A log begins with
 * the first entry ever or with one of these; older entries may be deleted.
 */
export interface Snapshot {
  /**
   * A blob of JSON: see src/core/snapshot.ts.
   */
  'state'?: (_reelmesh_v1_BlobReference | null);
  /**
   * Ids of nodes that hold it.
   */
  'holders'?: (string)[];
  /**
   * True: this is the first entry of a log that was made anew from what its writer knew. Whoever has read this
   * sequence or a higher one in the log before may know what this one has lost.
   */
  'founds'?: (boolean);
}

/**
 * The state of the mesh before this entry, for whoever has not read the entries that led to it. A log begins with
 * the first entry ever or with one of these; older entries may be deleted.
 */
export interface Snapshot__Output {
  /**
   * A blob of JSON: see src/core/snapshot.ts.
   */
  'state': (_reelmesh_v1_BlobReference__Output | null);
  /**
   * Ids of nodes that hold it.
   */
  'holders': (string)[];
  /**
   * True: this is the first entry of a log that was made anew from what its writer knew. Whoever has read this
   * sequence or a higher one in the log before may know what this one has lost.
   */
  'founds': (boolean);
}
