// Original file: proto/reelmesh/v1/media.proto

import type { Long } from '@grpc/proto-loader';

/**
 * Names bytes by what they are.
 */
export interface BlobReference {
  /**
   * SHA-256 of the bytes, 64 lower-case hexadecimal digits.
   */
  'sha256'?: (string);
  /**
   * Length in bytes.
   */
  'bytes'?: (number | string | Long);
}

/**
 * Names bytes by what they are.
 */
export interface BlobReference__Output {
  /**
   * SHA-256 of the bytes, 64 lower-case hexadecimal digits.
   */
  'sha256': (string);
  /**
   * Length in bytes.
   */
  'bytes': (number);
}
