// Original file: proto/reelmesh/v1/media.proto

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from '../../reelmesh/v1/BlobReference.js';

/**
 * A subtitle file that was submitted with a source.
 */
export interface SubtitleFile {
  'file'?: (_reelmesh_v1_BlobReference | null);
  'fileName'?: (string);
  /**
   * RFC 5646.
   */
  'language'?: (string);
}

/**
 * A subtitle file that was submitted with a source.
 */
export interface SubtitleFile__Output {
  'file': (_reelmesh_v1_BlobReference__Output | null);
  'fileName': (string);
  /**
   * RFC 5646.
   */
  'language': (string);
}
