// Original file: proto/reelmesh/v1/node.proto


export interface HoldsRequest {
  /**
   * Name of the placement by which the asker goes.
   */
  'placement'?: (string);
  'asset'?: (string);
  /**
   * SHA-256, at most a thousand.
   */
  'blobs'?: (string)[];
}

export interface HoldsRequest__Output {
  /**
   * Name of the placement by which the asker goes.
   */
  'placement': (string);
  'asset': (string);
  /**
   * SHA-256, at most a thousand.
   */
  'blobs': (string)[];
}
