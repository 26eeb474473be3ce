// Original file: proto/reelmesh/v1/coordinator.proto


export interface CompleteResponse {
  /**
   * True when this very result is the one that counts.
   */
  'accepted'?: (boolean);
}

export interface CompleteResponse__Output {
  /**
   * True when this very result is the one that counts.
   */
  'accepted': (boolean);
}
