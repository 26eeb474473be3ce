// Original file: proto/reelmesh/v1/node.proto


export interface UnsettledAsset {
  'asset'?: (string);
  /**
   * One bit a blob, in the order of src/core/asset-order.ts, the lowest bit of a byte first: 1 where it is held.
   * Empty: nothing is.
   */
  'held'?: (Buffer | Uint8Array | string);
}

export interface UnsettledAsset__Output {
  'asset': (string);
  /**
   * One bit a blob, in the order of src/core/asset-order.ts, the lowest bit of a byte first: 1 where it is held.
   * Empty: nothing is.
   */
  'held': (Buffer);
}
