// Original file: proto/reelmesh/v1/media.proto

import type { BlobReference as _reelmesh_v1_BlobReference, BlobReference__Output as _reelmesh_v1_BlobReference__Output } from '../../reelmesh/v1/BlobReference.js';
import type { Long } from '@grpc/proto-loader';

export interface PackageResult {
  /**
   * The asset's manifest, a blob of JSON that names every file: see AssetManifest in src/core/media.ts.
   */
  'manifest'?: (_reelmesh_v1_BlobReference | null);
  /**
   * Number of files.
   */
  'files'?: (number);
  /**
   * Bytes of all files together.
   */
  'bytes'?: (number | string | Long);
  /**
   * Ids of the nodes that hold the manifest and the files.
   */
  'holders'?: (string)[];
}

export interface PackageResult__Output {
  /**
   * The asset's manifest, a blob of JSON that names every file: see AssetManifest in src/core/media.ts.
   */
  'manifest': (_reelmesh_v1_BlobReference__Output | null);
  /**
   * Number of files.
   */
  'files': (number);
  /**
   * Bytes of all files together.
   */
  'bytes': (number);
  /**
   * Ids of the nodes that hold the manifest and the files.
   */
  'holders': (string)[];
}
